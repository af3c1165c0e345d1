import { beforeAll, expect, it, vi } from 'vitest';

// The client reads the page's address when it is loaded.
vi.stubGlobal('location', { origin: 'http://wall.test' });
let Problem: typeof import('../../src/api/client').Problem;
let problemOf: typeof import('../../src/api/client').problemOf;
let explain: typeof import('../../src/domain/problems').explain;
beforeAll(async () => {
  ({ Problem, problemOf } = await import('../../src/api/client'));
  ({ explain } = await import('../../src/domain/problems'));
});

it('reads what the service refuses with', () => {
  const problem = problemOf({ type: 'urn:carevoice:problem:consent-missing', detail: 'no consent', field: 'consents.calls' }, 422);
  expect(problem).toMatchObject({ kind: 'consent-missing', status: 422, field: 'consents.calls' });
  expect(explain(problem)).toContain('has not agreed');
});

it.each([
  ['outside-calling-hours', 'daytime'], ['phone-not-callable', 'number'], ['unavailable', 'again'], ['unreachable', 'did not answer'], ['timed-out', 'before you try again'],
])('%s is said in plain words', (kind, word) => {
  expect(explain(new Problem(kind, 0, 'technical text'))).toContain(word);
  expect(explain(new Problem(kind, 0, 'technical text'))).not.toContain('technical');
});

it('knows Twilio’s codes, and passes on what it does not know', () => {
  expect(explain(new Problem('twilio-refused', 502, 'refused', undefined, 21211))).toContain('does not exist');
  expect(explain(new Problem('twilio-refused', 502, 'account suspended', undefined, 1))).toContain('Account suspended.');
  expect(explain(new Problem('conflict', 409, 'the call is over'))).toBe('The call is over.');
});

it('survives answers that make no sense', () => {
  expect(explain(problemOf('<html>', 500))).toContain('500');
  expect(explain(new TypeError('x'))).toContain('Load it again');
});
