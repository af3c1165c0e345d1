// The only door to the service: typed by its own description, with the reader's key, and refusals as Problem.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';
import { key, keyWasRefused } from './session';

export type Schemas = components['schemas'];
export type Call = Schemas['Call'];
export type CallStatus = Schemas['CallStatus'];
export type Alert = Schemas['Alert'];
export type Evidence = Schemas['Evidence'];
export type Turn = Schemas['Turn'];
export type Transcript = Schemas['Transcript'];
export type Patient = Schemas['Patient'];
export type PatientSummary = Schemas['PatientSummary'];
export type Severity = Schemas['Severity'];
export type Analytics = Schemas['Analytics'];
export type ImportReport = Schemas['ImportReport'];
export type Readiness = Schemas['Readiness'];
export type TwilioStatus = Schemas['TwilioStatus'];

/** What the service refuses with (RFC 9457), or what we say when it did not answer at all. */
export class Problem extends Error {
  constructor(
    readonly kind: string,
    readonly status: number,
    detail: string,
    readonly field?: string,
    readonly providerCode?: number,
  ) {
    super(detail);
  }
}

const deadlineMs = 15_000;

export function authorised(init: RequestInit = {}): RequestInit {
  const headers = new Headers(init.headers);
  const known = key.value;
  if (known) headers.set('Authorization', `Bearer ${known}`);
  return { ...init, headers };
}

async function send(request: Request): Promise<Response> {
  const deadline = AbortSignal.timeout(deadlineMs);
  let response: Response;
  try {
    response = await fetch(new Request(request, authorised({ headers: request.headers })), { signal: deadline });
  } catch {
    throw new Problem('unreachable', 0, 'The service did not answer.');
  }
  if (response.status === 401) keyWasRefused();
  return response;
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: send });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a good answer; throws Problem otherwise. */
export async function take<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (response.ok && data !== undefined) return data;
  throw problemOf(error, response.status);
}

export function problemOf(body: unknown, status: number): Problem {
  const said = (typeof body === 'object' && body !== null ? body : {}) as Partial<Schemas['Problem']>;
  const kind = (said.type ?? '').replace('urn:carevoice:problem:', '') || `http-${status}`;
  return new Problem(kind, status, said.detail ?? `The service answered ${status}.`, said.field, said.provider_code);
}

/** All pages of a list, up to `pages`. */
export async function allPages<Page extends { next_cursor?: string | null }, Item>(
  fetchPage: (cursor: string | undefined) => Promise<Page>,
  itemsOf: (page: Page) => Item[],
  pages = 10,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < pages; i++) {
    const page = await fetchPage(cursor);
    items.push(...itemsOf(page));
    if (!page.next_cursor) break;
    cursor = page.next_cursor;
  }
  return items;
}

/** A file or stream that is not JSON, such as /metrics. */
export async function fetchText(path: string): Promise<string> {
  const response = await send(new Request(new URL(path, location.origin)));
  if (!response.ok) throw problemOf(undefined, response.status);
  return response.text();
}
