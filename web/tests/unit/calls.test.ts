import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/api/client';
import { byGroup, groupOf, merged, ofToday } from '../../src/domain/calls';

const call = (change: Partial<Call>) => ({
  call_session_id: 'c', call_sid: null, patient_id: 'p', call_type: 'followup', mode: 'updates', status: 'completed',
  answered_by: null, outcome: null, failure: null, created_at: '2026-11-22T10:00:00', scheduled_at: null,
  answered_at: null, ended_at: null, duration_seconds: null, cost: null, ...change,
}) as Call;
const now = new Date('2026-11-22T12:00:00');

describe('where a call stands', () => {
  it.each([
    ['scheduled', null, 'planned'],
    ['unknown', null, 'running'],
    ['ringing', null, 'running'],
    ['in-progress', null, 'running'],
    ['completed', 'completed', 'done'],
    ['completed', 'escalated', 'done'],
    ['completed', 'voicemail', 'unreachable'],
    ['completed', 'wrong_person', 'unreachable'],
    ['no-answer', 'no_answer', 'unreachable'],
    ['busy', null, 'unreachable'],
    ['failed', 'failed', 'unreachable'],
    ['canceled', null, undefined],
  ] as const)('%s, %s is %s', (status, outcome, group) => {
    expect(groupOf(call({ status, outcome }))).toBe(group);
  });
});

it('today is what happens today, what is overdue, and what is on the line from before', () => {
  const ids = ofToday(
    [
      call({ call_session_id: 'today' }),
      call({ call_session_id: 'yesterday', created_at: '2026-11-21T10:00:00' }),
      call({ call_session_id: 'overdue', status: 'scheduled', scheduled_at: '2026-11-21T10:00:00' }),
      call({ call_session_id: 'tomorrow', status: 'scheduled', scheduled_at: '2026-11-23T10:00:00' }),
      call({ call_session_id: 'long', status: 'in-progress', created_at: '2026-11-21T23:59:00' }),
    ],
    now,
  ).map((one) => one.call_session_id);
  expect(ids).toEqual(['today', 'overdue', 'long']);
});

it('lists planned calls by their time and all others latest first', () => {
  const groups = byGroup([
    call({ call_session_id: 'p2', status: 'scheduled', scheduled_at: '2026-11-22T15:00:00' }),
    call({ call_session_id: 'p1', status: 'scheduled', scheduled_at: '2026-11-22T13:00:00' }),
    call({ call_session_id: 'd1', ended_at: '2026-11-22T09:00:00' }),
    call({ call_session_id: 'd2', ended_at: '2026-11-22T11:00:00' }),
  ]);
  expect(groups.planned.map((one) => one.call_session_id)).toEqual(['p1', 'p2']);
  expect(groups.done.map((one) => one.call_session_id)).toEqual(['d2', 'd1']);
});

it('takes the later word about a call', () => {
  const both = merged([call({ status: 'scheduled' })], [call({ status: 'ringing' })]);
  expect(both.map((one) => one.status)).toEqual(['ringing']);
});
