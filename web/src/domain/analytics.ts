// The figures of a span of time as tables: for the page, and for a file.
import type { Analytics } from '../api/client';
import { severities } from './alerts';
import { alertWord, outcomeWord, severityWord, statusWord } from './words';

export interface Row {
  name: string;
  value: number;
}

const largestFirst = (rows: Row[]) => rows.sort((a, b) => b.value - a.value || a.name.localeCompare(b.name));

export function rowsOf(counts: Record<string, number>, word: (name: never) => string): Row[] {
  return largestFirst(Object.entries(counts).map(([name, value]) => ({ name: word(name as never), value })));
}

export const statusRows = (figures: Analytics) => rowsOf(figures.by_status, statusWord);
export const outcomeRows = (figures: Analytics) => rowsOf(figures.by_outcome, outcomeWord);
export const alertTypeRows = (figures: Analytics) => rowsOf(figures.alerts_by_type, alertWord);

/** Worst first, and only those that there are. */
export function severityRows(figures: Analytics): (Row & { severity: string })[] {
  return severities
    .map((severity) => ({ severity, name: severityWord(severity), value: figures.alerts_by_severity[severity] ?? 0 }))
    .filter((row) => row.value > 0);
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Every number that the service gave, also those this page does not know yet. */
export function csvRows(figures: Analytics, from: string, to: string): (string | number)[][] {
  const rows: (string | number)[][] = [['figure', 'name', 'value'], ['from', '', from], ['to', '', to]];
  const walk = (prefix: string, value: unknown) => {
    if (typeof value === 'number') {
      const [figure = '', ...name] = prefix.split('.');
      rows.push([figure, name.join('.'), value]);
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => walk(`${prefix}.${index}`, item));
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) walk(prefix ? `${prefix}.${name}` : name, inner);
    }
  };
  walk('', figures);
  return rows;
}

export type RangeName = 'today' | 'week' | 'month' | 'all' | 'own';

/** First moment that counts, and the first that does not; empty for no limit. */
export function rangeOf(name: RangeName, now: Date, own: { from: string; to: string }): { from: string; to: string } {
  const midnight = (daysBack: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysBack);
  switch (name) {
    case 'today':
      return { from: midnight(0).toISOString(), to: '' };
    case 'week':
      return { from: midnight(6).toISOString(), to: '' };
    case 'month':
      return { from: midnight(29).toISOString(), to: '' };
    case 'own': {
      const day = (text: string, plus: number) => {
        const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
        return parts ? new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + plus).toISOString() : '';
      };
      return { from: day(own.from, 0), to: day(own.to, 1) };
    }
    default:
      return { from: '', to: '' };
  }
}
