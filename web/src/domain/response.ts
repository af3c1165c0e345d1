// How quickly the care team took alerts on.
import type { Alert, Severity } from '../api/client';
import { severities } from './alerts';

export interface ResponseRow {
  severity: Severity;
  alerts: number;
  /** Of those that were taken: the middle one; undefined while none was. */
  medianMs?: number;
  /** Of those with a target that were taken or are late already, 0 to 1; undefined when there are none. */
  inTime?: number;
  waiting: number;
}

const took = (alert: Alert) => (alert.acknowledged_at ? Date.parse(alert.acknowledged_at) - Date.parse(alert.raised_at) : undefined);

function median(values: number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : sorted.length ? (sorted[middle - 1]! + sorted[middle]!) / 2 : undefined;
}

function inTimeShare(alerts: Alert[], now: Date): number | undefined {
  const judged = alerts.filter((alert) => alert.respond_by && (alert.acknowledged_at || Date.parse(alert.respond_by) < now.getTime()));
  const good = judged.filter((alert) => alert.acknowledged_at && alert.acknowledged_at <= alert.respond_by!);
  return judged.length ? good.length / judged.length : undefined;
}

/** Worst first, only severities that there were. `from` and `to` as in the list of calls; empty for no limit. */
export function responseRows(alerts: readonly Alert[], from: string, to: string, now: Date): ResponseRow[] {
  const counted = alerts.filter((alert) => (!from || Date.parse(alert.raised_at) >= Date.parse(from)) && (!to || Date.parse(alert.raised_at) < Date.parse(to)));
  return severities
    .map((severity) => {
      const own = counted.filter((alert) => alert.severity === severity);
      const taken = own.map(took).filter((ms): ms is number => ms !== undefined);
      return {
        severity,
        alerts: own.length,
        medianMs: median(taken),
        inTime: inTimeShare(own, now),
        waiting: own.filter((alert) => alert.status === 'open').length,
      };
    })
    .filter((row) => row.alerts > 0);
}
