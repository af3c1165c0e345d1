// Which words of a transcript stand behind an alert.
import type { Alert, Severity, Turn } from '../api/client';
import { severityRank } from './alerts';

export interface Mark {
  alertId: string;
  severity: Severity;
  rule: string;
}

export interface Piece {
  text: string;
  marks: Mark[];
}

interface Range {
  from: number;
  to: number;
  mark: Mark;
}

const simple = (text: string) => text.toLowerCase();

function rangesIn(turn: Turn, alerts: readonly Alert[]): Range[] {
  const ranges: Range[] = [];
  const words = simple(turn.text);
  for (const alert of alerts)
    for (const quote of alert.quotes) {
      if (turn.audio_ms !== null && quote.audio_ms !== null && turn.audio_ms !== quote.audio_ms) continue;
      const wanted = simple(quote.text).trim();
      const from = wanted ? words.indexOf(wanted) : -1;
      if (from < 0) continue;
      const mark = { alertId: alert.id, severity: alert.severity, rule: quote.rule };
      ranges.push({ from, to: from + wanted.length, mark });
    }
  return ranges;
}

/** The turn's text in pieces, each with the alerts that quote it. Pieces joined give the text back. */
export function piecesOf(turn: Turn, alerts: readonly Alert[]): Piece[] {
  if (turn.speaker !== 'patient') return [{ text: turn.text, marks: [] }];
  const ranges = rangesIn(turn, alerts);
  const cuts = new Set([0, turn.text.length]);
  for (const range of ranges) {
    cuts.add(range.from);
    cuts.add(range.to);
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  const pieces: Piece[] = [];
  for (let i = 0; i + 1 < sorted.length; i++) {
    const from = sorted[i]!;
    const to = sorted[i + 1]!;
    const marks = ranges.filter((range) => range.from <= from && range.to >= to).map((range) => range.mark);
    marks.sort((a, b) => severityRank(b.severity) - severityRank(a.severity));
    pieces.push({ text: turn.text.slice(from, to), marks });
  }
  return pieces;
}
