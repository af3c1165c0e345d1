import { expect, it } from 'vitest';
import type { Transcript, Turn } from '../../src/api/client';
import { withTurn } from '../../src/domain/transcript';

const turn = (sequence: number, text: string) => ({ sequence, text }) as Turn;
const texts = (transcript: Transcript) => transcript.turns.map((one) => one.text);

it('takes turns in any order, and a turn again when it was put right', () => {
  let transcript: Transcript = { call_session_id: 'c', turns: [turn(1, 'one')], summary: null };
  transcript = withTurn(transcript, turn(3, 'three'));
  transcript = withTurn(transcript, turn(2, 'two'));
  expect(texts(transcript)).toEqual(['one', 'two', 'three']);
  expect(texts(withTurn(transcript, turn(3, 'thr…')))).toEqual(['one', 'two', 'thr…']);
});
