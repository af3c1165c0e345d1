// The present moment for all ages and timers of a page, so that they tick together.
import { signal } from '@preact/signals';

export const now = signal(new Date());

let users = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** Ticks once a second while anybody looks. */
export function watchClock(): () => void {
  if (users++ === 0) timer = setInterval(() => (now.value = new Date()), 1_000);
  return () => {
    if (--users === 0) clearInterval(timer);
  };
}
