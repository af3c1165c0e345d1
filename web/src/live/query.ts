// Questions to the service that stay answered: asked again when something happened that concerns them.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from '../api/client';
import { needsKey } from '../api/session';
import { feed, type LiveEvent } from './feed';

export interface Query<T> {
  data?: T;
  problem?: Problem;
  isLoading: boolean;
  /** Asks now. */
  again: () => void;
  /** Puts in what is known already, such as the answer to a change. */
  put: (change: (data: T) => T) => void;
}

const together = 120; // ms: a burst of events is one question

/**
 * `key`: another key is another question, and forgets the answer to the last one. `hear`: what an event means for the
 * answer: a new one when the event says all of it, true when the service has to be asked, false when nothing changed.
 */
export function useQuery<T extends object>(key: string, ask: () => Promise<T>, hear: (event: LiveEvent, data: T | undefined) => T | boolean = () => false): Query<T> {
  const [state, setState] = useState<{ key: string; data?: T; problem?: Problem }>({ key });
  const current = useRef({ key, ask, hear, data: state.data, asked: 0 });
  current.current.key = key;
  current.current.ask = ask;
  current.current.hear = hear;
  current.current.data = state.key === key ? state.data : undefined;

  const again = useCallback(async () => {
    const mine = current.current;
    const turn = ++mine.asked;
    const wanted = mine.key;
    try {
      const data = await mine.ask();
      feed.noteAnswer(true);
      if (turn === mine.asked && wanted === mine.key) setState({ key: wanted, data });
    } catch (failure) {
      const problem = failure instanceof Problem ? failure : new Problem('page', 0, String(failure));
      if (problem.kind === 'unreachable') feed.noteAnswer(false);
      if (turn !== mine.asked || wanted !== mine.key) return;
      // What was shown stays: stale is better than nothing, and the banner says that the line is lost.
      setState((old) => ({ key: wanted, data: old.key === wanted ? old.data : undefined, problem }));
    }
  }, []);

  const signedOut = needsKey.value;
  useEffect(() => {
    if (!signedOut) void again();
  }, [key, signedOut]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = feed.listen((event) => {
      const mine = current.current;
      const heard = event.kind === 'reload' || mine.hear(event, mine.data);
      if (heard === false) return;
      if (heard !== true) {
        mine.data = heard;
        const wanted = mine.key;
        return setState((old) => (old.key === wanted ? { ...old, data: heard } : old));
      }
      clearTimeout(timer);
      timer = setTimeout(() => void again(), together);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);

  const put = useCallback((change: (data: T) => T) => {
    setState((old) => (old.data === undefined ? old : { ...old, data: change(old.data) }));
  }, []);

  const fresh = state.key === key ? state : { key };
  const data = (fresh as { data?: T }).data;
  const problem = (fresh as { problem?: Problem }).problem;
  return { data, problem, isLoading: data === undefined && problem === undefined, again: () => void again(), put };
}
