// What is planned, and patients out of a file.
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { allPages, api, take, type Call } from '../api/client';
import { momentOf } from '../domain/calls';
import { clockTime, dayName } from '../domain/time';
import { callTypeWord } from '../domain/words';
import { now } from '../live/clock';
import { nameOf } from '../live/patients';
import { useQuery } from '../live/query';
import { ImportPatients } from '../ui/import_patients';
import { announce, Empty, Loading, Page, Section, Trouble } from '../ui/parts';
import { StartCallButton } from '../ui/start_call';

function byDay(calls: readonly Call[], at: Date): [string, Call[]][] {
  const days = new Map<string, Call[]>();
  for (const call of [...calls].sort((a, b) => momentOf(a).localeCompare(momentOf(b)))) {
    const time = new Date(momentOf(call));
    const name = time < at ? 'Due' : dayName(time, at);
    days.set(name, [...(days.get(name) ?? []), call]);
  }
  return [...days];
}

function PlannedCall({ call, onChange }: { call: Call; onChange: () => void }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const withdraw = async () => {
    setBusy(true);
    try {
      await take(api.POST('/api/v1/calls/{id}/end', { params: { path: { id: call.call_session_id } } }));
      announce('The call is withdrawn.');
      onChange();
    } catch (failure) {
      setProblem(failure);
      setBusy(false);
    }
  };
  const name = nameOf(call.patient_id);
  return (
    <div class="planned">
      <span class="planned-time">{new Date(momentOf(call)).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })}</span>
      <span class="row-main">
        <Link href={`/patients/${call.patient_id}`}>
          <strong>{name}</strong>
        </Link>
        <span class="row-note">{callTypeWord(call.call_type)}</span>
      </span>
      <button type="button" class="button quiet" disabled={busy} onClick={() => void withdraw()}>
        Withdraw
        <span class="visually-hidden">
          {' '}
          the call to {name}, {clockTime(momentOf(call), now.value)}
        </span>
      </button>
      {problem !== undefined && <Trouble problem={problem} />}
    </div>
  );
}

export function PlanPage() {
  const planned = useQuery(
    'planned calls',
    () =>
      allPages(
        (cursor) => take(api.GET('/api/v1/calls', { params: { query: { status: 'scheduled', limit: 200, cursor } } })),
        (page) => page.calls,
        5,
      ),
    (event) => event.kind === 'call',
  );
  return (
    <Page title="Plan" actions={<StartCallButton />}>
      <div class="stack">
        <Section title={`Planned calls (${planned.data?.length ?? '–'})`}>
          {planned.isLoading && <Loading what="the plan" />}
          {planned.problem && !planned.data && <Trouble problem={planned.problem} again={planned.again} />}
          {planned.data && !planned.data.length && <Empty>No call is planned. “Call a patient” plans one for later, too.</Empty>}
          {byDay(planned.data ?? [], now.value).map(([day, calls]) => (
            <section key={day} class="plan-day" aria-label={day}>
              <h3>{day}</h3>
              <ul class="rows">
                {calls.map((call) => (
                  <li key={call.call_session_id}>
                    <PlannedCall call={call} onChange={planned.again} />
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </Section>
        <Section title="Patients from a file">
          <ImportPatients />
        </Section>
      </div>
    </Page>
  );
}
