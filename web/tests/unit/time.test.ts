import { expect, it } from 'vitest';
import { dayName, postOperativeDay, span, timer } from '../../src/domain/time';

it.each([
  [0, 'under 1 min'], [61_000, '1 min'], [59 * 60_000, '59 min'], [60 * 60_000, '1 h'], [80 * 60_000, '1 h 20 min'],
  [24 * 3_600_000, '1 day'], [27 * 3_600_000, '1 day 3 h'], [80 * 3_600_000, '3 days'], [-5, 'under 1 min'],
])('%d ms is %s', (ms, text) => {
  expect(span(ms)).toBe(text);
});

it.each([[7, '0:07'], [760, '12:40'], [3723, '1:02:03'], [-3, '0:00']])('a timer of %d s shows %s', (seconds, text) => {
  expect(timer(seconds)).toBe(text);
});

it('counts days after the operation by the calendar, across a change of the clock', () => {
  expect(postOperativeDay('2026-11-16', new Date(2026, 10, 16, 0, 1))).toBe(0);
  expect(postOperativeDay('2026-10-20', new Date(2026, 10, 20, 23, 59))).toBe(31);
  expect(postOperativeDay('2026-11-16', new Date(2026, 10, 15, 12))).toBe(-1);
  expect(postOperativeDay(null, new Date())).toBeUndefined();
  expect(postOperativeDay('soon', new Date())).toBeUndefined();
});

it('names days near by', () => {
  const now = new Date(2026, 10, 22, 15);
  expect(dayName(new Date(2026, 10, 22, 1), now)).toBe('today');
  expect(dayName(new Date(2026, 10, 21, 23), now)).toBe('yesterday');
  expect(dayName(new Date(2026, 10, 23, 1), now)).toBe('tomorrow');
});
