// Which alert comes first, and how its age stands against its target.
import type { Alert, Severity } from '../api/client';
import { span } from './time';

export const severities: Severity[] = ['critical', 'urgent', 'high', 'moderate', 'low'];

export const severityRank = (severity: Severity): number => severities.length - severities.indexOf(severity);

export function isWaiting(alert: Alert): boolean {
  return alert.status === 'open';
}

/** Worst first: open before taken, then by severity, then the one that waits longest. */
export function worstFirst(alerts: readonly Alert[]): Alert[] {
  const order = { open: 0, acknowledged: 1, resolved: 2 } as const;
  return [...alerts].sort(
    (a, b) =>
      order[a.status] - order[b.status] ||
      severityRank(b.severity) - severityRank(a.severity) ||
      a.raised_at.localeCompare(b.raised_at),
  );
}

export interface Age {
  /** "waiting 12 min" */
  text: string;
  /** "of 1 h", "48 min late", "until the next visit" */
  target: string;
  isLate: boolean;
  /** 0 to 1 of the target, 1 when late; undefined without a target. */
  share?: number;
}

/** How long it has waited for somebody, or waited until somebody took it. */
export function ageOf(alert: Alert, now: Date): Age {
  const raised = Date.parse(alert.raised_at);
  const isTaken = alert.status !== 'open';
  const until = isTaken ? Date.parse(alert.acknowledged_at ?? alert.updated_at) : now.getTime();
  const waited = Math.max(0, until - raised);
  const text = isTaken ? `taken after ${span(waited)}` : `waiting ${span(waited)}`;
  if (!alert.respond_by) return { text, target: isTaken ? '' : 'until the next visit', isLate: false };
  const allowed = Date.parse(alert.respond_by) - raised;
  const isLate = waited > allowed;
  return {
    text,
    target: isLate ? `${span(waited - allowed)} late` : `target ${span(allowed)}`,
    isLate,
    share: allowed > 0 ? Math.min(1, waited / allowed) : 1,
  };
}

/** What a message in the tab's title says, so that it is seen from another tab. */
export function titleOf(alerts: readonly Alert[]): string {
  const waiting = alerts.filter(isWaiting).length;
  return waiting ? `(${waiting}) Carevoice` : 'Carevoice';
}

/** A list of alerts of one status, after one of them changed or came. */
export function withAlert(list: readonly Alert[], changed: Alert, status: Alert['status']): Alert[] {
  const others = list.filter((alert) => alert.id !== changed.id);
  return changed.status === status ? [changed, ...others] : others;
}
