// One alert: where the links in messages point. Everything to decide on, and what people did about it.
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { api, take, type Alert } from '../api/client';
import { clockTime, span } from '../domain/time';
import { alertStatusWord, alertWord, channelWord } from '../domain/words';
import { now } from '../live/clock';
import { nameOf } from '../live/patients';
import { useQuery } from '../live/query';
import { actOnAlert, AlertAge, Quotes, type Act } from '../ui/alert_card';
import { useDraft } from '../ui/draft';
import { CheckIcon } from '../ui/icons';
import { announce, Field, Loading, Page, Section, SeverityBadge, Trouble } from '../ui/parts';

function History({ alert }: { alert: Alert }) {
  const at = now.value;
  return (
    <ol class="history">
      <li>
        <strong>Raised</strong>
        <span class="hint">{clockTime(alert.raised_at, at)}</span>
        <p class="hint">Sent to: {alert.channels.map(channelWord).join(", ")}.</p>
      </li>
      {alert.history.map((action, index) => (
        <li key={index}>
          <strong>
            {action.status ? alertStatusWord(action.status) : 'Note'}
            {action.by ? ` by ${action.by}` : ''}
          </strong>
          <span class="hint">{clockTime(action.at, at)}</span>
          {action.note && <p class="note">{action.note}</p>}
        </li>
      ))}
    </ol>
  );
}

function Escalation({ alert }: { alert: Alert }) {
  if (alert.status !== 'open') return null;
  const at = now.value.getTime();
  const told = alert.escalation_level ? `${alert.escalation_level} more ${alert.escalation_level === 1 ? 'person was' : 'people were'} told because nobody took it. ` : '';
  const next = alert.escalates_at ? Date.parse(alert.escalates_at) - at : undefined;
  const text = next === undefined ? '' : next > 0 ? `The next person is told in ${span(next)}.` : 'The next person is being told.';
  return told || text ? <p class="hint">{told + text}</p> : null;
}

export function AlertPage({ id }: { id: string }) {
  const query = useQuery(`alert ${id}`, () => take(api.GET('/api/v1/alerts/{id}', { params: { path: { id } } })), (event) => event.kind === 'alert' && event.alert.id === id);
  const [note, setNote] = useDraft(`alert.${id}`);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const alert = query.data;
  if (!alert) {
    return (
      <Page title="Alert">
        {query.problem ? <Trouble problem={query.problem} again={query.again} /> : <Loading what="the alert" />}
      </Page>
    );
  }
  const act = async (what: Act) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const changed = await actOnAlert(id, what, note);
      query.put(() => changed);
      setNote('');
      announce(what === 'notes' ? 'The note is written.' : `The alert is ${alertStatusWord(changed.status).toLowerCase()}.`);
    } catch (failure) {
      setProblem(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Page
      title={alertWord(alert.type)}
      lead={
        <div class="lead-line">
          <SeverityBadge severity={alert.severity} />
          <Link href={`/patients/${alert.patient_id}`}>{nameOf(alert.patient_id)}</Link>
          <span>{alertStatusWord(alert.status)}</span>
        </div>
      }
      actions={
        <Link class="button" href={`/calls/${alert.call_session_id}`}>
          Read the call
        </Link>
      }
    >
      <div class="columns">
        <Section title="In the patient’s words" class={`edge-${alert.severity}`}>
          <Quotes alert={alert} />
          <AlertAge alert={alert} />
          <Escalation alert={alert} />
        </Section>
        <Section title="What was done">
          <History alert={alert} />
          <Field label="Note" hint="Kept on this device until it is written">
            {(ids) => <textarea {...ids} rows={3} maxLength={1_500} value={note} onInput={(event) => setNote(event.currentTarget.value)} />}
          </Field>
          {problem !== undefined && <Trouble problem={problem} />}
          <div class="actions">
            <button type="button" class="button" disabled={busy || !note.trim()} onClick={() => void act('notes')}>
              Write the note
            </button>
            {alert.status === 'open' && (
              <button type="button" class="button primary" disabled={busy} onClick={() => void act('acknowledge')}>
                Take it
              </button>
            )}
            {alert.status !== 'resolved' && (
              <button type="button" class={`button ${alert.status === 'acknowledged' ? 'primary' : ''}`} disabled={busy} onClick={() => void act('resolve')}>
                <CheckIcon />
                Resolve
              </button>
            )}
          </div>
        </Section>
      </div>
    </Page>
  );
}
