// One call in a list.
import { Link } from 'wouter-preact';
import type { Alert, Call } from '../api/client';
import { groupOf, momentOf } from '../domain/calls';
import { clockTime, span, timer } from '../domain/time';
import { callTypeWord, outcomeWord, statusWord, topicWord } from '../domain/words';
import { now } from '../live/clock';
import { nameOf } from '../live/patients';
import { SeverityBadge } from './parts';

export type CallWithTopic = Call & { current_topic?: string | null };

/** What there is to say about where it stands, in one line. */
export function standOf(call: CallWithTopic, at: Date): string {
  const group = groupOf(call);
  if (group === 'running') {
    const topic = call.current_topic ? `: ${topicWord(call.current_topic).toLowerCase()}` : '';
    return `${statusWord(call.status)}${topic}`;
  }
  if (group === 'planned') {
    const late = at.getTime() - Date.parse(momentOf(call));
    return late > 60_000 ? `due since ${span(late)}` : callTypeWord(call.call_type);
  }
  const how = call.outcome ? outcomeWord(call.outcome) : statusWord(call.status);
  return call.failure && group === 'unreachable' ? `${how}: ${call.failure}` : how;
}

/** `byDate`: in the list of one patient, whose name says nothing. */
export function CallRow({ call, alert, byDate = false }: { call: CallWithTopic; alert?: Alert; byDate?: boolean }) {
  const group = groupOf(call);
  const at = now.value;
  const moment = momentOf(call);
  const seconds = call.answered_at ? (at.getTime() - Date.parse(call.answered_at)) / 1_000 : undefined;
  return (
    <Link href={`/calls/${call.call_session_id}`} class={`row row-${group ?? 'withdrawn'}`}>
      <span class="row-main">
        <strong>{byDate ? sentenceCase(clockTime(moment, at)) : nameOf(call.patient_id)}</strong>
        <span class="row-note">
          {group === 'running' && <span class="live-dot" aria-hidden="true" />}
          {standOf(call, at)}
        </span>
      </span>
      {alert && <SeverityBadge severity={alert.severity} />}
      <span class="row-time">
        {group === 'running' && seconds !== undefined ? timer(seconds) : byDate ? '' : clockTime(moment, at)}
      </span>
    </Link>
  );
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
