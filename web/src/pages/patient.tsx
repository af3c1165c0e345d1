// One patient: how pain, temperature, wound, walking and medicines went over the days, every call and every alert.
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { api, take, type CallStatus, type Patient } from '../api/client';
import { worstFirst } from '../domain/alerts';
import { momentOf } from '../domain/calls';
import { factText, feverThresholdF, findingsOf, isConcerning, painThreshold, seriesOf, temperature } from '../domain/facts';
import { clockTime, longDate, postOperativeDay } from '../domain/time';
import { plain } from '../domain/words';
import { now } from '../live/clock';
import { useQuery } from '../live/query';
import { AlertCard } from '../ui/alert_card';
import { CallRow } from '../ui/call_row';
import { DayChart } from '../ui/chart';
import { PhoneIcon, WarnIcon } from '../ui/icons';
import { Empty, Loading, Page, Section, Trouble } from '../ui/parts';
import { StartCallDialog } from '../ui/start_call';

/** Enough for six weeks of calls every other day. */
const callsMost = 24;

async function fetchCalls(patient: string): Promise<CallStatus[]> {
  const page = await take(api.GET('/api/v1/calls', { params: { query: { patient_id: patient, limit: callsMost } } }));
  return Promise.all(page.calls.map((call) => take(api.GET('/api/v1/calls/status/{id}', { params: { path: { id: call.call_session_id } } }))));
}

/** What each call learned about one thing, latest first. */
function Course({ title, names, calls, surgery }: { title: string; names: string[]; calls: CallStatus[]; surgery?: string | null }) {
  const rows = calls
    .map((call) => ({ call, data: call.clinical_data as Record<string, unknown> }))
    .filter(({ data }) => names.some((name) => name in data));
  return (
    <Section title={title}>
      {!rows.length && <Empty>No call has asked yet.</Empty>}
      <ul class="course">
        {rows.map(({ call, data }) => {
          const at = new Date(momentOf(call));
          const day = postOperativeDay(surgery, at);
          const known = findingsOf(Object.fromEntries(names.filter((name) => name in data).map((name) => [name, data[name]])));
          return (
            <li key={call.call_session_id}>
              <Link href={`/calls/${call.call_session_id}`} class="course-day">
                {day === undefined ? clockTime(momentOf(call), now.value) : `Day ${day}`}
              </Link>
              <span>
                {known.map((finding) => (
                  <span key={finding.name} class={isConcerning(finding.name, data[finding.name]) ? 'course-item concerning' : 'course-item'}>
                    {finding.isConcerning && <WarnIcon />}
                    {finding.name === 'wound_signs' ? factText(finding.name, data[finding.name]) : `${finding.label}: ${finding.text}`}
                  </span>
                ))}
              </span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function Details({ patient }: { patient: Patient }) {
  const consents = patient.consents;
  const agreed = [consents?.calls && 'calls', consents?.recording && 'recording', consents?.voicemail && 'voicemail'].filter(Boolean).join(', ');
  const rows: [string, string | null | undefined][] = [
    ['Born', longDate(patient.date_of_birth)],
    ['Telephone', patient.phone],
    ['Operation', patient.procedure],
    ['On', longDate(patient.surgery_date)],
    ['Time zone', patient.time_zone],
    ['Lives alone', patient.lives_alone ? 'Yes' : null],
    ['Agreed to', agreed || 'nothing yet'],
    ['Caregiver', patient.caregiver ? `${patient.caregiver.name}, ${patient.caregiver.phone}${patient.caregiver.authorised ? ', may hear health matters' : ''}` : null],
    ['Care team', patient.care_team?.name],
  ];
  return (
    <Section title="Details">
      <dl class="facts">
        {rows
          .filter(([, text]) => text)
          .map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
      </dl>
      {patient.opted_out && (
        <p class="notice">
          <WarnIcon /> Asked not to be called again.
        </p>
      )}
    </Section>
  );
}

export function PatientPage({ id }: { id: string }) {
  const [isCalling, setCalling] = useState(false);
  const patient = useQuery(`patient ${id}`, () => take(api.GET('/api/v1/patients/{id}', { params: { path: { id } } })));
  const calls = useQuery(`calls of ${id}`, () => fetchCalls(id), (event) =>
    event.kind === 'call' ? event.call.patient_id === id : event.kind === 'alert' && event.alert.patient_id === id,
  );
  if (!patient.data) {
    return <Page title="Patient">{patient.problem ? <Trouble problem={patient.problem} again={patient.again} /> : <Loading what="the patient" />}</Page>;
  }
  const one = patient.data;
  const day = postOperativeDay(one.surgery_date, now.value);
  const held = calls.data ?? [];
  const pain = seriesOf(held, 'pain_score', one.surgery_date);
  const fever = seriesOf(held, 'temperature_f', one.surgery_date);
  const alerts = worstFirst(held.flatMap((call) => call.alerts));
  const replace = (changed: (typeof alerts)[number]) =>
    calls.put((list) => list.map((call) => ({ ...call, alerts: call.alerts.map((alert) => (alert.id === changed.id ? changed : alert)) })));
  return (
    <Page
      title={`${one.first_name} ${one.last_name}`}
      lead={
        <div class="lead-line">
          <span>{one.procedure || 'Operation not given'}</span>
          {day !== undefined && <strong class="day">{day >= 0 ? `Day ${day} after the operation` : `Operation in ${-day} days`}</strong>}
        </div>
      }
      actions={
        <button type="button" class="button primary" disabled={one.opted_out === true} onClick={() => setCalling(true)}>
          <PhoneIcon />
          Call {one.first_name}
        </button>
      }
    >
      {calls.isLoading && <Loading what="calls" />}
      {calls.problem && !calls.data && <Trouble problem={calls.problem} again={calls.again} />}
      <div class="columns">
        <Section title="Pain">
          <DayChart title="Pain, 0 to 10" points={pain} low={0} high={10} threshold={painThreshold} thresholdText={`${painThreshold} and more is an alert`} say={(value) => `${value} of 10`} tick={String} />
        </Section>
        <Section title="Temperature">
          <DayChart title="Temperature, °F" points={fever} low={97} high={103} threshold={feverThresholdF} thresholdText={`${feverThresholdF} °F and more is fever`} say={temperature} tick={String} />
        </Section>
      </div>
      <div class="columns thirds">
        <Course title="Wound" names={['wound_signs']} calls={held} surgery={one.surgery_date} />
        <Course title="Walking and falls" names={['aid', 'falls', 'can_bear_weight', 'head_injury']} calls={held} surgery={one.surgery_date} />
        <Section title="Medicines">
          {one.medications?.length ? (
            <ul class="pills">
              {one.medications.map((name) => (
                <li key={name}>{plain(name)}</li>
              ))}
            </ul>
          ) : (
            <Empty>None are noted.</Empty>
          )}
          <ul class="course">
            {held
              .filter((call) => 'meds_adherent' in (call.clinical_data as object) || 'meds_missed' in (call.clinical_data as object))
              .map((call) => {
                const data = call.clinical_data as Record<string, unknown>;
                const took = data['meds_adherent'] !== false && !data['meds_missed'];
                const when = postOperativeDay(one.surgery_date, new Date(momentOf(call)));
                return (
                  <li key={call.call_session_id}>
                    <Link href={`/calls/${call.call_session_id}`} class="course-day">
                      {when === undefined ? clockTime(momentOf(call), now.value) : `Day ${when}`}
                    </Link>
                    <span class={took ? 'course-item' : 'course-item concerning'}>
                      {!took && <WarnIcon />}
                      {took ? 'Takes them' : 'Missed some'}
                    </span>
                  </li>
                );
              })}
          </ul>
        </Section>
      </div>
      <div class="columns">
        <Section title={`Calls (${held.length})`}>
          {calls.data && !held.length && <Empty>No call yet.</Empty>}
          <ul class="rows">
            {held.map((call) => (
              <li key={call.call_session_id}>
                <CallRow call={call} alert={worstFirst(call.alerts)[0]} byDate />
              </li>
            ))}
          </ul>
        </Section>
        <div class="stack">
          <Section title={`Alerts (${alerts.length})`}>
            {!alerts.length && <Empty>No alert was raised.</Empty>}
            <ul class="stack">
              {alerts.map((alert) => (
                <li key={alert.id}>
                  <AlertCard alert={alert} isCompact onChange={replace} />
                </li>
              ))}
            </ul>
          </Section>
          <Details patient={one} />
        </div>
      </div>
      {isCalling && <StartCallDialog patientId={id} onClose={() => setCalling(false)} />}
    </Page>
  );
}
