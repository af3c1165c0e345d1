// A transcript that grows while it is read.
import type { Transcript, Turn } from '../api/client';

/** With one turn more, or one that was cut short put right; in the order in which they were spoken. */
export function withTurn(transcript: Transcript, turn: Turn): Transcript {
  const others = transcript.turns.filter((one) => one.sequence !== turn.sequence);
  return { ...transcript, turns: [...others, turn].sort((a, b) => a.sequence - b.sequence) };
}
