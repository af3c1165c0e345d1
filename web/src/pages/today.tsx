// What happens today at a glance: which alert waits for somebody, and where the calls stand.
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { allPages, api, take, type Alert, type Call } from '../api/client';
import { withAlert, worstFirst } from '../domain/alerts';
import { byGroup, groupOf, groups, merged, ofToday, type Group } from '../domain/calls';
import { startOfDay } from '../domain/time';
import { now } from '../live/clock';
import { useQuery, type Query } from '../live/query';
import { AlertCard } from '../ui/alert_card';
import { CallRow } from '../ui/call_row';
import { CheckIcon, PeopleIcon, PhoneIcon, PlanIcon, WarnIcon } from '../ui/icons';
import { Empty, Loading, Page, Section, Trouble } from '../ui/parts';
import { StartCallButton } from '../ui/start_call';

const groupWords: Record<Group, { title: string; none: string }> = {
  running: { title: 'On the line', none: 'Nobody is on the line.' },
  planned: { title: 'Planned', none: 'No more calls are planned for today.' },
  unreachable: { title: 'Not reached', none: 'Everybody was reached.' },
  done: { title: 'Done', none: 'No call has ended yet.' },
};

const groupIcons = { running: <PhoneIcon />, planned: <PlanIcon />, unreachable: <WarnIcon />, done: <CheckIcon /> };

/** What is created today or planned, and what is still on the line from before. */
export async function fetchCallsOfToday(at: Date): Promise<Call[]> {
  const from = new Date(startOfDay(at).getTime() - 24 * 3_600_000).toISOString();
  const pages = (query: { status?: Call['status']; from?: string }) =>
    allPages(
      (cursor) => take(api.GET('/api/v1/calls', { params: { query: { ...query, limit: 200, cursor } } })),
      (page) => page.calls,
      5,
    );
  const [recent, planned] = await Promise.all([pages({ from }), pages({ status: 'scheduled' })]);
  return merged(recent, planned);
}

export function TodayPage({ alerts }: { alerts: Query<Alert[]> }) {
  const calls = useQuery('calls of today', () => fetchCallsOfToday(new Date()), (event, known) =>
    event.kind === 'call' ? known === undefined || merged(known, [event.call]) : false,
  );
  const [only, setOnly] = useState<Group>();
  const today = byGroup(ofToday(calls.data ?? [], now.value));
  const waiting = worstFirst(alerts.data ?? []);
  const date = now.value.toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
  const time = now.value.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  const worstOf = new Map<string, Alert>();
  for (const alert of [...waiting].reverse()) worstOf.set(alert.call_session_id, alert);
  return (
    <Page title="Today" lead={`${date}, ${time}`} actions={<StartCallButton />}>
      <ul class="tiles" aria-label="Calls of today">
        {groups.map((group) => (
          <li key={group}>
            <button type="button" class={`tile tile-${group}`} aria-pressed={only === group} onClick={() => setOnly(only === group ? undefined : group)}>
              <span class="tile-icon">{groupIcons[group]}</span>
              <span class="tile-number">{calls.data ? today[group].length : '–'}</span>
              <span class="tile-name">{groupWords[group].title}</span>
            </button>
          </li>
        ))}
      </ul>
      <div class="columns">
        <Section
          title={waiting.length ? `Waiting for somebody (${waiting.length})` : 'Waiting for somebody'}
          side={<Link href="/alerts">All alerts</Link>}
        >
          {alerts.isLoading && <Loading what="alerts" />}
          {alerts.problem && !alerts.data && <Trouble problem={alerts.problem} again={alerts.again} />}
          {alerts.data && !waiting.length && (
            <div class="all-well">
              <CheckIcon />
              <p>No alert waits for anybody.</p>
            </div>
          )}
          <ul class="stack">
            {waiting.map((alert) => (
              <li key={alert.id}>
                <AlertCard
                  alert={alert}
                  isCompact
                  onChange={(changed) => alerts.put((list) => withAlert(list, changed, 'open'))}
                />
              </li>
            ))}
          </ul>
        </Section>
        <div class="stack">
          {calls.isLoading && <Loading what="calls" />}
          {calls.problem && !calls.data && <Trouble problem={calls.problem} again={calls.again} />}
          {groups
            .filter((group) => (only ? group === only : group === 'running' || group === 'planned' || today[group].length > 0))
            .map((group) => (
              <Section key={group} title={`${groupWords[group].title} (${today[group].length})`}>
                {!today[group].length && <Empty>{groupWords[group].none}</Empty>}
                <ul class="rows">
                  {today[group].map((call) => (
                    <li key={call.call_session_id}>
                      <CallRow call={call} alert={worstOf.get(call.call_session_id)} />
                    </li>
                  ))}
                </ul>
              </Section>
            ))}
          {!calls.isLoading && !calls.data?.some((call) => groupOf(call)) && (
            <p class="hint">
              <PeopleIcon /> Patients come in by <Link href="/plan">Plan</Link>, from a file.
            </p>
          )}
        </div>
      </div>
    </Page>
  );
}
