// One alert as it stands in lists: what, who, in whose words, since when, and what can be done about it.
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { api, take, type Alert } from '../api/client';
import { readerName } from '../api/session';
import { ageOf } from '../domain/alerts';
import { clockTime } from '../domain/time';
import { alertStatusWord, alertWord, readerWord, ruleWord } from '../domain/words';
import { now } from '../live/clock';
import { nameOf } from '../live/patients';
import { announce, SeverityBadge, Trouble } from './parts';
import { CheckIcon, WarnIcon } from './icons';

export type Act = 'acknowledge' | 'resolve' | 'notes';

/** Sends what a person does about an alert, with their name. */
export function actOnAlert(id: string, act: Act, note = ''): Promise<Alert> {
  const body = { by: readerName.value || null, note: note.trim() || null };
  const params = { path: { id } };
  if (act === 'acknowledge') return take(api.POST('/api/v1/alerts/{id}/acknowledge', { params, body }));
  if (act === 'resolve') return take(api.POST('/api/v1/alerts/{id}/resolve', { params, body }));
  return take(api.POST('/api/v1/alerts/{id}/notes', { params, body }));
}

export function AlertAge({ alert }: { alert: Alert }) {
  const age = ageOf(alert, now.value);
  return (
    <div class={`age ${age.isLate ? 'late' : ''}`}>
      <span class="age-text">
        {age.isLate && <WarnIcon />}
        {age.text}
        {age.target && <span class="age-target"> · {age.target}</span>}
      </span>
      {age.share !== undefined && alert.status === 'open' && (
        <span class="meter" aria-hidden="true">
          <span style={{ width: `${Math.max(3, age.share * 100)}%` }} />
        </span>
      )}
    </div>
  );
}

export function Quotes({ alert, most = 99 }: { alert: Alert; most?: number }) {
  const shown = alert.quotes.slice(-most);
  return (
    <ul class="quotes">
      {shown.map((quote, index) => (
        <li key={index}>
          <blockquote>“{quote.text}”</blockquote>
          <span class="hint">
            {ruleWord(quote.rule)}
            {quote.reader !== 'rules' && `, ${readerWord(quote.reader)}`}
          </span>
        </li>
      ))}
      {alert.quotes.length > shown.length && <li class="hint">and {alert.quotes.length - shown.length} earlier</li>}
    </ul>
  );
}

export function AlertCard({ alert, onChange, isCompact = false }: { alert: Alert; onChange: (alert: Alert) => void; isCompact?: boolean }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const name = nameOf(alert.patient_id);
  const act = async (what: Act) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const changed = await actOnAlert(alert.id, what);
      announce(`${alertWord(alert.type)} of ${name}: ${alertStatusWord(changed.status)}`);
      onChange(changed);
    } catch (failure) {
      setProblem(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <article class={`alert-card edge-${alert.severity} is-${alert.status}`} aria-label={`${alertWord(alert.type)}, ${alert.severity}, ${name}`}>
      <div class="alert-top">
        <SeverityBadge severity={alert.severity} />
        <h3>
          <Link href={`/alerts/${alert.id}`}>{alertWord(alert.type)}</Link>
        </h3>
        <Link class="who" href={`/patients/${alert.patient_id}`}>
          {name}
        </Link>
      </div>
      <Quotes alert={alert} most={isCompact ? 1 : 3} />
      <div class="alert-bottom">
        <div class="alert-when">
          <AlertAge alert={alert} />
          {alert.status !== 'open' && (
            <span class="taken">
              <CheckIcon /> {alertStatusWord(alert.status)}
              {alert.acknowledged_by ? ` by ${alert.acknowledged_by}` : ''}
              {alert.acknowledged_at ? `, ${clockTime(alert.acknowledged_at, now.value)}` : ''}
            </span>
          )}
        </div>
        <div class="actions">
          <Link class="button quiet" href={`/calls/${alert.call_session_id}`}>
            Read the call
          </Link>
          {alert.status === 'open' && (
            <button type="button" class="button primary" disabled={busy} onClick={() => void act('acknowledge')}>
              Take it<span class="visually-hidden">: {alertWord(alert.type)}, {name}</span>
            </button>
          )}
          {alert.status === 'acknowledged' && (
            <Link class="button" href={`/alerts/${alert.id}`}>
              Note or resolve
            </Link>
          )}
        </div>
      </div>
      {problem !== undefined && <Trouble problem={problem} />}
    </article>
  );
}
