import { expect, it } from 'vitest';
import type { Alert, Turn } from '../../src/api/client';
import { piecesOf } from '../../src/domain/highlight';

const turn = (text: string, change: Partial<Turn> = {}) => ({ sequence: 1, speaker: 'patient', text, audio_ms: 500, ...change }) as Turn;
const alert = (id: string, severity: Alert['severity'], quotes: [string, number | null][]) =>
  ({ id, severity, quotes: quotes.map(([text, audio_ms]) => ({ text, audio_ms, rule: id.toUpperCase() })) }) as unknown as Alert;

it('marks the words an alert quotes, whatever their case, and loses none', () => {
  const pieces = piecesOf(turn('Well, My Incision is leaking today.'), [alert('w1', 'high', [['my incision is leaking', 500]])]);
  expect(pieces.map((piece) => piece.text).join('')).toBe('Well, My Incision is leaking today.');
  expect(pieces.filter((piece) => piece.marks.length).map((piece) => piece.text)).toEqual(['My Incision is leaking']);
});

it('shows the worst of several alerts first where they overlap', () => {
  const pieces = piecesOf(turn('I fell and hit my head'), [alert('m1', 'moderate', [['I fell', 500]]), alert('e8', 'critical', [['fell and hit my head', 500]])]);
  const both = pieces.find((piece) => piece.text === 'fell')!;
  expect(both.marks.map((mark) => mark.alertId)).toEqual(['e8', 'm1']);
});

it('marks only the turn that was quoted, and never the assistant', () => {
  const alerts = [alert('p1', 'high', [['eight', 900]])];
  expect(piecesOf(turn('eight'), alerts)[0]!.marks).toEqual([]);
  expect(piecesOf(turn('eight', { audio_ms: 900 }), alerts)[0]!.marks).toHaveLength(1);
  expect(piecesOf(turn('eight', { audio_ms: 900, speaker: 'assistant' }), alerts)[0]!.marks).toEqual([]);
});
