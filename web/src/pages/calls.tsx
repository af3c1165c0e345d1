// Calls on the line, and those that were.
import { useState } from 'preact/hooks';
import { api, take, type Call } from '../api/client';
import { byGroup, isLive } from '../domain/calls';
import { statusWord } from '../domain/words';
import { useQuery } from '../live/query';
import { CallRow } from '../ui/call_row';
import { Empty, Loading, Page, Section, Trouble } from '../ui/parts';
import { StartCallButton } from '../ui/start_call';

const statuses: Call['status'][] = ['scheduled', 'in-progress', 'completed', 'no-answer', 'busy', 'failed', 'canceled'];

export function CallsPage() {
  const [status, setStatus] = useState<Call['status'] | ''>('');
  const [pages, setPages] = useState(1);
  const calls = useQuery(
    `calls ${status} ${pages}`,
    async () => {
      const found: Call[] = [];
      let cursor: string | undefined;
      for (let i = 0; i < pages; i++) {
        const page = await take(api.GET('/api/v1/calls', { params: { query: { status: status || undefined, limit: 50, cursor } } }));
        found.push(...page.calls);
        cursor = page.next_cursor ?? undefined;
        if (!cursor) break;
      }
      return { found, hasMore: cursor !== undefined };
    },
    (event) => event.kind === 'call',
  );
  const running = byGroup(calls.data?.found ?? []).running;
  const rest = (calls.data?.found ?? []).filter((call) => !isLive(call));
  return (
    <Page title="Calls" actions={<StartCallButton />}>
      {calls.isLoading && <Loading what="calls" />}
      {calls.problem && !calls.data && <Trouble problem={calls.problem} again={calls.again} />}
      {!status && (
        <Section title={`On the line (${running.length})`}>
          {!running.length && <Empty>Nobody is on the line.</Empty>}
          <ul class="rows">
            {running.map((call) => (
              <li key={call.call_session_id}>
                <CallRow call={call} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section
        title="All calls"
        side={
          <label class="inline-field">
            <span>Show</span>
            <select
              value={status}
              onChange={(event) => {
                setStatus(event.currentTarget.value as Call['status'] | '');
                setPages(1);
              }}
            >
              <option value="">All</option>
              {statuses.map((one) => (
                <option key={one} value={one}>
                  {statusWord(one)}
                </option>
              ))}
            </select>
          </label>
        }
      >
        {calls.data && !rest.length && <Empty>No calls.</Empty>}
        <ul class="rows">
          {(status ? (calls.data?.found ?? []) : rest).map((call) => (
            <li key={call.call_session_id}>
              <CallRow call={call} />
            </li>
          ))}
        </ul>
        {calls.data?.hasMore && (
          <button type="button" class="button" onClick={() => setPages(pages + 1)}>
            Show older calls
          </button>
        )}
      </Section>
    </Page>
  );
}
