// What happens, as it happens: server-sent events, resumed where they broke off; and while there are none, a question
// every few seconds. Pages do not know which: they ask again when `changed` says that something they show has changed.
import { signal } from '@preact/signals';
import type { Alert, Call, Schemas, Turn } from '../api/client';
import { authorised } from '../api/client';
import { keyWasRefused, needsKey } from '../api/session';
import { EventReader, type ServerEvent } from './sse';

export type PartialSpeech = NonNullable<Schemas['LiveEvent']['partial']>;

export type LiveEvent =
  | { kind: 'call'; call: Call }
  | { kind: 'turn'; turn: Turn & { call_session_id: string } }
  | { kind: 'partial'; partial: PartialSpeech }
  | { kind: 'alert'; alert: Alert }
  | { kind: 'reload' };

type Listener = (event: LiveEvent) => void;

/** `live`: events arrive. `asking`: the service has none, we ask. `lost`: it does not answer. */
export type Connection = 'starting' | 'live' | 'asking' | 'lost';

/** Longer than two of the service's heartbeats: then the line is dead, whatever the browser thinks. */
const silenceMaxMs = 35_000;
const retryFirstMs = 1_000;
const retryMaxMs = 15_000;
const pollMs = 3_000;

export function parseEvent(event: ServerEvent): LiveEvent | undefined {
  try {
    const data = JSON.parse(event.data);
    switch (event.type) {
      case 'call':
        return { kind: 'call', call: data };
      case 'turn':
        return { kind: 'turn', turn: data };
      case 'partial':
        return { kind: 'partial', partial: data };
      case 'alert':
        return { kind: 'alert', alert: data };
      case 'reload':
        return { kind: 'reload' };
      default:
        return undefined; // "resume": the stream ends, and we connect again anyway
    }
  } catch {
    return undefined;
  }
}

export class Feed {
  readonly connection = signal<Connection>('starting');
  /** When the service was last heard of. */
  readonly heardAt = signal(Date.now());
  private readonly listeners = new Set<Listener>();
  private lastId = '';
  private stopping = new AbortController();

  constructor(private readonly callId?: string) {}

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  start(): () => void {
    this.stopping = new AbortController();
    void this.run(this.stopping.signal);
    return () => this.stopping.abort();
  }

  /** For pages whose own question was answered, or was not. */
  noteAnswer(reached: boolean): void {
    if (reached) this.heardAt.value = Date.now();
    else if (this.connection.value === 'live' || this.connection.value === 'asking') this.connection.value = 'lost';
  }

  private tell(event: LiveEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }

  private async run(stop: AbortSignal): Promise<void> {
    let wait = retryFirstMs;
    while (!stop.aborted) {
      const how = await this.once(stop);
      if (stop.aborted) return;
      if (how === 'heard') wait = retryFirstMs;
      if (how === 'none') {
        this.connection.value = 'asking';
        this.heardAt.value = Date.now();
        this.tell({ kind: 'reload' });
        await sleep(pollMs, stop);
        continue;
      }
      if (how !== 'refused') this.connection.value = 'lost';
      await sleep(wait + Math.random() * 300, stop);
      wait = Math.min(wait * 2, retryMaxMs);
    }
  }

  /** One connection. `none`: this service has no events, or no room for another reader. */
  private async once(stop: AbortSignal): Promise<'heard' | 'silent' | 'none' | 'refused'> {
    if (needsKey.value) return 'refused';
    const connection = new AbortController();
    const end = () => connection.abort();
    stop.addEventListener('abort', end);
    let watchdog = setTimeout(end, silenceMaxMs);
    let heard = false;
    try {
      const headers: Record<string, string> = { Accept: 'text/event-stream' };
      if (this.lastId) headers['Last-Event-ID'] = this.lastId;
      const query = this.callId ? `?call_session_id=${encodeURIComponent(this.callId)}` : '';
      const init = authorised({ headers, signal: connection.signal, cache: 'no-store' });
      const response = await fetch(`/api/v1/events${query}`, init);
      if (response.status === 401) {
        keyWasRefused();
        return 'refused';
      }
      if (response.status === 404 || response.status === 503) return 'none';
      if (!response.ok || !response.body) return 'silent';
      const reader = new EventReader((event) => {
        this.lastId = event.id;
        const parsed = parseEvent(event);
        if (parsed) this.tell(parsed);
      });
      const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await pieces.read();
        if (done) break;
        heard = true;
        this.heardAt.value = Date.now();
        this.connection.value = 'live';
        clearTimeout(watchdog);
        watchdog = setTimeout(end, silenceMaxMs);
        reader.push(value);
      }
    } catch {
      // the line broke: connect again
    } finally {
      clearTimeout(watchdog);
      stop.removeEventListener('abort', end);
      connection.abort();
    }
    return heard ? 'heard' : 'silent';
  }
}

function sleep(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      stop.removeEventListener('abort', done);
      resolve();
    }
    stop.addEventListener('abort', done);
  });
}

/** Of all calls; one for the whole wall. */
export const feed = new Feed();
