// Where a call stands, in the nurse's terms.
import type { Call } from '../api/client';
import { isSameDay } from './time';

export type Group = 'planned' | 'running' | 'done' | 'unreachable';
export const groups: Group[] = ['running', 'planned', 'unreachable', 'done'];

const runningStatuses = new Set<Call['status']>(['unknown', 'queued', 'initiated', 'ringing', 'in-progress']);
const unreachableStatuses = new Set<Call['status']>(['busy', 'no-answer', 'failed']);
const unreachableOutcomes = new Set<Call['outcome']>(['voicemail', 'no_answer', 'wrong_person', 'failed']);

/** undefined: withdrawn, so nobody waits for it. */
export function groupOf(call: Call): Group | undefined {
  if (call.status === 'scheduled') return 'planned';
  if (runningStatuses.has(call.status)) return 'running';
  if (call.status === 'canceled') return undefined;
  if (unreachableStatuses.has(call.status) || unreachableOutcomes.has(call.outcome)) return 'unreachable';
  return 'done';
}

export const isLive = (call: Call): boolean => groupOf(call) === 'running';

/** The moment that counts for the day a call belongs to. */
export function momentOf(call: Call): string {
  if (call.status === 'scheduled') return call.scheduled_at ?? call.created_at;
  return call.answered_at ?? call.ended_at ?? call.scheduled_at ?? call.created_at;
}

/** Calls of today, what is overdue from before, and whatever is on the line. */
export function ofToday(calls: readonly Call[], now: Date): Call[] {
  return calls.filter((call) => {
    if (isLive(call)) return true;
    const moment = new Date(momentOf(call));
    return isSameDay(moment, now) || (call.status === 'scheduled' && moment < now);
  });
}

/** Planned ones by their time, all others latest first. */
export function byGroup(calls: readonly Call[]): Record<Group, Call[]> {
  const out: Record<Group, Call[]> = { running: [], planned: [], unreachable: [], done: [] };
  for (const call of calls) {
    const group = groupOf(call);
    if (group) out[group].push(call);
  }
  for (const group of groups) out[group].sort((a, b) => momentOf(b).localeCompare(momentOf(a)));
  out.planned.reverse();
  return out;
}

/** One list of each call once; the later mention wins. */
export function merged(...lists: (readonly Call[])[]): Call[] {
  const known = new Map<string, Call>();
  for (const list of lists) for (const call of list) known.set(call.call_session_id, call);
  return [...known.values()];
}
