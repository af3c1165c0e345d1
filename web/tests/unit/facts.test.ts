import { describe, expect, it } from 'vitest';
import type { CallStatus, Turn } from '../../src/api/client';
import { factText, findingsOf, isConcerning, seriesOf } from '../../src/domain/facts';

const turn = (change: Partial<Turn>) => ({
  sequence: 1, speaker: 'patient', topic: 'pain_score', text: 'about an eight', started_at: '', ended_at: '',
  confidence: 0.9, audio_ms: 1000, interrupted: false, ...change,
}) as Turn;

describe('findings', () => {
  it('come with what worries first, and with the words they were learned by', () => {
    const findings = findingsOf({ aid: 'walker', pain_score: 8, falls: false }, [turn({}), turn({ text: 'no, an eight' })]);
    expect(findings.map((finding) => finding.name)).toEqual(['pain_score', 'falls', 'aid']);
    expect(findings[0]).toMatchObject({ label: 'Pain', text: '8 of 10', isConcerning: true, quote: 'no, an eight' });
    expect(findings[1]).toMatchObject({ text: 'No', isConcerning: false });
  });

  it('never quote the assistant', () => {
    expect(findingsOf({ pain_score: 3 }, [turn({ speaker: 'assistant' })])[0]!.quote).toBeUndefined();
  });

  it('show what they do not know as it is', () => {
    expect(findingsOf({ preferred_way: 'by_text' })[0]).toMatchObject({ label: 'Preferred way', text: 'By text' });
  });
});

it.each([
  ['pain_score', 6, false], ['pain_score', 7, true], ['temperature_f', 100.3, false], ['temperature_f', 100.4, true],
  ['wound_signs', [], false], ['wound_signs', ['redness'], true], ['falls', true, true], ['can_bear_weight', false, true],
  ['meds_adherent', true, false], ['pain_change', 'worse', true], ['anything', true, false],
])('%s of %j worries: %s', (name, value, expected) => {
  expect(isConcerning(name, value)).toBe(expected);
});

it('says temperatures both ways', () => {
  expect(factText('temperature_f', 101.5)).toBe('101.5 °F (38.6 °C)');
  expect(factText('wound_signs', [])).toBe('No signs');
});

it('puts numbers on the days after the operation', () => {
  const call = (id: string, at: string, data: object) => ({ call_session_id: id, answered_at: at, created_at: at, clinical_data: data }) as unknown as CallStatus;
  const series = seriesOf(
    [call('b', '2026-11-20T10:00:00', { pain_score: 3 }), call('a', '2026-11-18T10:00:00', { pain_score: 6 }), call('c', '2026-11-21T10:00:00', {})],
    'pain_score',
    '2026-11-16',
  );
  expect(series.map((point) => [point.day, point.value])).toEqual([[2, 6], [4, 3]]);
  expect(seriesOf([call('a', '2026-11-18T10:00:00', { pain_score: 6 })], 'pain_score', null)).toEqual([]);
});
