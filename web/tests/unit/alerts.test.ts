import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/api/client';
import { ageOf, severityRank, titleOf, withAlert, worstFirst } from '../../src/domain/alerts';

const alert = (change: Partial<Alert>) => ({
  id: 'a', call_session_id: 'c', patient_id: 'p', type: 'high_pain', severity: 'high', rule: 'P1', evidence: null,
  quotes: [], status: 'open', channels: ['in_app'], raised_at: '2026-11-22T10:00:00Z', updated_at: '2026-11-22T10:00:00Z',
  acknowledged_at: null, acknowledged_by: null, escalation_level: 0, escalates_at: null,
  respond_by: '2026-11-22T14:00:00Z', history: [], ...change,
}) as Alert;
const at = (time: string) => new Date(`2026-11-22T${time}Z`);

describe('worst first', () => {
  it('puts what waits before what is taken, then the worst, then the oldest', () => {
    const ordered = worstFirst([
      alert({ id: 'taken', severity: 'critical', status: 'acknowledged' }),
      alert({ id: 'low', severity: 'low' }),
      alert({ id: 'late', raised_at: '2026-11-22T11:00:00Z' }),
      alert({ id: 'early', raised_at: '2026-11-22T09:00:00Z' }),
      alert({ id: 'worst', severity: 'critical' }),
      alert({ id: 'settled', severity: 'critical', status: 'resolved' }),
    ]);
    expect(ordered.map((one) => one.id)).toEqual(['worst', 'early', 'late', 'low', 'taken', 'settled']);
  });

  it('ranks critical above all', () => {
    expect(severityRank('critical')).toBeGreaterThan(severityRank('urgent'));
    expect(severityRank('moderate')).toBeGreaterThan(severityRank('low'));
  });
});

describe('age', () => {
  it('stands against its target', () => {
    expect(ageOf(alert({}), at('11:00:00'))).toEqual({ text: 'waiting 1 h', target: 'target 4 h', isLate: false, share: 0.25 });
  });

  it('says how late it is', () => {
    const age = ageOf(alert({}), at('14:30:00'));
    expect(age.isLate).toBe(true);
    expect(age.target).toBe('30 min late');
    expect(age.share).toBe(1);
  });

  it('has no target when it may wait for the next visit', () => {
    expect(ageOf(alert({ severity: 'low', respond_by: null }), at('23:00:00'))).toEqual({
      text: 'waiting 13 h', target: 'until the next visit', isLate: false,
    });
  });

  it('stops when somebody takes it', () => {
    const taken = alert({ status: 'acknowledged', acknowledged_at: '2026-11-22T10:20:00Z' });
    expect(ageOf(taken, at('23:00:00')).text).toBe('taken after 20 min');
    expect(ageOf(taken, at('23:00:00')).isLate).toBe(false);
  });

  it('is not negative when our clock is behind the service', () => {
    expect(ageOf(alert({}), at('09:00:00')).text).toBe('waiting under 1 min');
  });
});

it('the tab says how many wait', () => {
  expect(titleOf([alert({}), alert({ status: 'resolved' })])).toBe('(1) Carevoice');
  expect(titleOf([])).toBe('Carevoice');
});

it('a list takes what belongs to it and lets go what does not', () => {
  const list = [alert({ id: 'a' }), alert({ id: 'b' })];
  expect(withAlert(list, alert({ id: 'c' }), 'open').map((one) => one.id)).toEqual(['c', 'a', 'b']);
  expect(withAlert(list, alert({ id: 'a', severity: 'critical' }), 'open').map((one) => one.severity)).toEqual(['critical', 'high']);
  expect(withAlert(list, alert({ id: 'a', status: 'acknowledged' }), 'open').map((one) => one.id)).toEqual(['b']);
});
