import { expect, it } from 'vitest';
import type { Analytics } from '../../src/api/client';
import { csvRows, rangeOf, severityRows, statusRows } from '../../src/domain/analytics';

const figures = {
  total_calls: 4, by_status: { completed: 1, 'no-answer': 3 }, alerts_by_severity: { low: 2, critical: 1 }, mean_duration_seconds: 61.5,
} as unknown as Analytics;

it('puts the most frequent first, and severities by how bad they are', () => {
  expect(statusRows(figures)).toEqual([{ name: 'No answer', value: 3 }, { name: 'Ended', value: 1 }]);
  expect(severityRows(figures).map((row) => row.severity)).toEqual(['critical', 'low']);
});

it('writes every number into the file, also new ones', () => {
  const rows = csvRows({ ...figures, brand_new: { deep: { er: 2 } } } as never, 'a', '');
  expect(rows).toContainEqual(['total_calls', '', 4]);
  expect(rows).toContainEqual(['by_status', 'no-answer', 3]);
  expect(rows).toContainEqual(['brand_new', 'deep.er', 2]);
});

it('takes whole days', () => {
  const now = new Date(2026, 10, 22, 15);
  const none = { from: '', to: '' };
  expect(rangeOf('today', now, none)).toEqual({ from: new Date(2026, 10, 22).toISOString(), to: '' });
  expect(rangeOf('week', now, none).from).toBe(new Date(2026, 10, 16).toISOString());
  expect(rangeOf('own', now, { from: '2026-11-01', to: '2026-11-02' })).toEqual({
    from: new Date(2026, 10, 1).toISOString(), to: new Date(2026, 10, 3).toISOString(),
  });
  expect(rangeOf('own', now, none)).toEqual(none);
});
