// Times and spans as people say them. Every function takes the present moment, so tests need no clock.

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export function clockTime(iso: string, now = new Date()): string {
  const time = new Date(iso);
  const hhmm = time.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  return isSameDay(time, now) ? hhmm : `${dayName(time, now)}, ${hhmm}`;
}

export function isSameDay(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate();
}

export function startOfDay(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate());
}

export function dayName(time: Date, now: Date): string {
  const days = Math.round((startOfDay(time).getTime() - startOfDay(now).getTime()) / day);
  if (days === 0) return 'today';
  if (days === -1) return 'yesterday';
  if (days === 1) return 'tomorrow';
  const options: Intl.DateTimeFormatOptions = { weekday: 'short', day: 'numeric', month: 'short' };
  if (time.getFullYear() !== now.getFullYear()) options.year = 'numeric';
  return time.toLocaleDateString(undefined, options);
}

/** "4 min", "1 h 20 min", "3 days": two units at most, never "0 min" for something that is there. */
export function span(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < minute) return 'under 1 min';
  if (whole < hour) return `${Math.floor(whole / minute)} min`;
  if (whole < day) {
    const minutes = Math.floor((whole % hour) / minute);
    return `${Math.floor(whole / hour)} h${minutes ? ` ${minutes} min` : ''}`;
  }
  const days = Math.floor(whole / day);
  const hours = Math.floor((whole % day) / hour);
  if (days < 3 && hours) return `${days} ${days === 1 ? 'day' : 'days'} ${hours} h`;
  return `${days} ${days === 1 ? 'day' : 'days'}`;
}

/** A running timer: "0:07", "12:40", "1:02:03". */
export function timer(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${rest}` : rest.replace(/^0(\d)/, '$1');
}

/** Whole days from the operation ("2026-11-16") to a moment; undefined when there is no date. Day 0 is its day. */
export function postOperativeDay(surgery: string | null | undefined, at: Date): number | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(surgery ?? '');
  if (!parts) return undefined;
  const operated = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
  return Math.round((startOfDay(at).getTime() - operated.getTime()) / day);
}

export function longDate(date: string | null | undefined): string {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date ?? '');
  if (!parts) return '';
  const time = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
  return time.toLocaleDateString(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
}
