import { expect, it } from 'vitest';
import type { Alert } from '../../src/api/client';
import { responseRows } from '../../src/domain/response';

const alert = (severity: Alert['severity'], minutes: number | null, change: Partial<Alert> = {}) =>
  ({
    severity, raised_at: '2026-11-22T10:00:00.000Z', respond_by: '2026-11-22T11:00:00.000Z', status: minutes === null ? 'open' : 'acknowledged',
    acknowledged_at: minutes === null ? null : new Date(Date.parse('2026-11-22T10:00:00Z') + minutes * 60_000).toISOString(), ...change,
  }) as Alert;
const at = (time: string) => new Date(`2026-11-22T${time}Z`);

it('says how long the middle one waited, and how many were in time', () => {
  const rows = responseRows([alert('urgent', 10), alert('urgent', 30), alert('urgent', 90), alert('low', null, { respond_by: null })], '', '', at('12:00:00'));
  expect(rows).toEqual([
    { severity: 'urgent', alerts: 3, medianMs: 30 * 60_000, inTime: 2 / 3, waiting: 0 },
    { severity: 'low', alerts: 1, medianMs: undefined, inTime: undefined, waiting: 1 },
  ]);
});

it('counts one that waits against the team only when it is late', () => {
  expect(responseRows([alert('urgent', null)], '', '', at('10:30:00'))[0]!.inTime).toBeUndefined();
  expect(responseRows([alert('urgent', null)], '', '', at('11:30:00'))[0]!.inTime).toBe(0);
});

it('keeps to the span of time: its beginning counts, its end does not', () => {
  const raised = '2026-11-22T10:00:00Z';
  expect(responseRows([alert('high', 1)], raised, '', at('12:00:00'))).toHaveLength(1);
  expect(responseRows([alert('high', 1)], '', raised, at('12:00:00'))).toHaveLength(0);
});
