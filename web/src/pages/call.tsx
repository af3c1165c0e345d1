// One call: while it lasts, what is said as it is said; afterwards its transcript with what stands behind each alert.
import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { api, take, type CallStatus, type Transcript } from '../api/client';
import { worstFirst } from '../domain/alerts';
import { groupOf, isLive, momentOf } from '../domain/calls';
import { findingsOf } from '../domain/facts';
import { clockTime, timer } from '../domain/time';
import { withTurn } from '../domain/transcript';
import { alertStatusWord, alertWord, callTypeWord, modeWord, outcomeWord, plain, ruleWord, statusWord, topicStateWord, topicWord } from '../domain/words';
import { now } from '../live/clock';
import { Feed, type LiveEvent, type PartialSpeech } from '../live/feed';
import { nameOf } from '../live/patients';
import { useQuery } from '../live/query';
import { AlertAge, Quotes } from '../ui/alert_card';
import { Captions } from '../ui/captions';
import { CheckIcon, HangUpIcon, MicIcon, WarnIcon } from '../ui/icons';
import { announce, Dialog, Empty, Loading, Page, Section, SeverityBadge, Trouble } from '../ui/parts';

function AlertBanner({ call }: { call: CallStatus }) {
  const alerts = worstFirst(call.alerts);
  return (
    <div role="alert" class="banners">
      {alerts.map((alert) => (
        <div key={alert.id} class={`banner edge-${alert.severity}`} id={`alert-${alert.id}`}>
          <div class="alert-top">
            <SeverityBadge severity={alert.severity} />
            <h2>
              <Link href={`/alerts/${alert.id}`}>{alertWord(alert.type)}</Link>
            </h2>
            <span class="hint">{alertStatusWord(alert.status)}</span>
          </div>
          <Quotes alert={alert} most={2} />
          <AlertAge alert={alert} />
        </div>
      ))}
    </div>
  );
}

function Findings({ call, transcript }: { call: CallStatus; transcript?: Transcript }) {
  const findings = findingsOf(call.clinical_data as Record<string, unknown>, transcript?.turns);
  if (!findings.length) return <Empty>Nothing was learned yet.</Empty>;
  return (
    <dl class="findings">
      {findings.map((finding) => (
        <div key={finding.name} class={finding.isConcerning ? 'concerning' : ''}>
          <dt>
            {finding.isConcerning && <WarnIcon />}
            {finding.label}
            {finding.isConcerning && <span class="visually-hidden"> (look at this)</span>}
          </dt>
          <dd>
            {finding.text}
            {finding.quote && <span class="finding-quote">“{finding.quote}”</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Topics({ call }: { call: CallStatus }) {
  if (!call.topics.length) return <Empty>No question was asked yet.</Empty>;
  return (
    <ol class="topics">
      {call.topics.map((topic) => (
        <li key={topic.topic} class={`topic-${topic.state}`} aria-current={topic.topic === call.current_topic ? 'step' : undefined}>
          <span class="topic-sign" aria-hidden="true">
            {topic.state === 'answered' ? <CheckIcon /> : topic.state === 'asked' ? <MicIcon /> : <WarnIcon />}
          </span>
          <span>{topicWord(topic.topic)}</span>
          <span class="hint">{topicStateWord(topic.state)}</span>
        </li>
      ))}
    </ol>
  );
}

function EndCall({ call, onEnd }: { call: CallStatus; onEnd: (call: CallStatus) => void }) {
  const [isAsking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const isPlanned = call.status === 'scheduled';
  const end = async () => {
    setBusy(true);
    try {
      const ended = await take(api.POST('/api/v1/calls/{id}/end', { params: { path: { id: call.call_session_id } } }));
      announce(isPlanned ? 'The call is withdrawn.' : 'The call is being ended.');
      onEnd(ended);
      setAsking(false);
    } catch (failure) {
      setProblem(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" class="button danger" onClick={() => setAsking(true)}>
        <HangUpIcon />
        {isPlanned ? 'Withdraw the call' : 'End the call'}
      </button>
      {isAsking && (
        <Dialog title={isPlanned ? 'Withdraw this call?' : 'End this call?'} onClose={() => setAsking(false)}>
          <p>
            {isPlanned
              ? `${nameOf(call.patient_id)} will not be called at this time.`
              : `The line to ${nameOf(call.patient_id)} goes dead at once. What was said so far is kept.`}
          </p>
          {problem !== undefined && <Trouble problem={problem} />}
          <div class="actions">
            <button type="button" class="button" onClick={() => setAsking(false)}>
              Leave it
            </button>
            <button type="button" class="button danger" disabled={busy} onClick={() => void end()}>
              {isPlanned ? 'Withdraw' : 'End the call'}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

/** The patient's words before their turn is over. */
function usePartial(id: string, isOn: boolean): PartialSpeech | undefined {
  const [partial, setPartial] = useState<PartialSpeech>();
  useEffect(() => {
    if (!isOn) return setPartial(undefined);
    const own = new Feed(id);
    const stopListening = own.listen((event) => {
      if (event.kind === 'partial') setPartial(event.partial);
      if (event.kind === 'turn' && event.turn.speaker === 'patient') setPartial(undefined);
    });
    const stop = own.start();
    return () => {
      stopListening();
      stop();
    };
  }, [id, isOn]);
  return partial;
}

function isAbout(event: LiveEvent, id: string): boolean {
  if (event.kind === 'call') return event.call.call_session_id === id;
  if (event.kind === 'alert') return event.alert.call_session_id === id;
  return event.kind === 'turn' && event.turn.call_session_id === id;
}

function Facts({ call }: { call: CallStatus }) {
  const rows: [string, string | null | undefined][] = [
    ['Kind', callTypeWord(call.call_type)],
    ['How', modeWord(call.mode)],
    ['Answered by', call.answered_by ? plain(call.answered_by) : null],
    ['Outcome', call.outcome ? outcomeWord(call.outcome) : null],
    ['Reason', call.failure],
    ['Length', call.duration_seconds === null ? null : timer(call.duration_seconds)],
    ['Cost', call.cost === null ? null : `$${call.cost.toFixed(3)}`],
    ['Call', call.call_session_id],
  ];
  return (
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
  );
}

export function CallPage({ id }: { id: string }) {
  const params = { params: { path: { id } } };
  const status = useQuery(`call ${id}`, () => take(api.GET('/api/v1/calls/status/{id}', params)), (event) => isAbout(event, id));
  const transcript = useQuery(`transcript ${id}`, () => take(api.GET('/api/v1/calls/transcripts/{id}', params)), (event, known) => {
    if (event.kind === 'turn' && event.turn.call_session_id === id && known) return withTurn(known, event.turn);
    // The summary comes with the end.
    return event.kind === 'call' && event.call.call_session_id === id && !isLive(event.call);
  });
  const call = status.data;
  const live = call !== undefined && isLive(call);
  const partial = usePartial(id, live);
  if (!call) {
    return (
      <Page title="Call">{status.problem ? <Trouble problem={status.problem} again={status.again} /> : <Loading what="the call" />}</Page>
    );
  }
  const at = now.value;
  const seconds = call.answered_at ? (at.getTime() - Date.parse(call.answered_at)) / 1_000 : undefined;
  const mayEnd = live || groupOf(call) === 'planned';
  const rules = [...new Set(call.alerts.flatMap((alert) => alert.quotes.map((quote) => quote.rule)))];
  return (
    <Page
      title={nameOf(call.patient_id)}
      lead={
        <div class="lead-line">
          <span class={`state state-${groupOf(call) ?? 'withdrawn'}`}>
            {live && <span class="live-dot" aria-hidden="true" />}
            {statusWord(call.status)}
          </span>
          {live && seconds !== undefined && <span class="timer">{timer(seconds)}</span>}
          {!live && <span>{clockTime(momentOf(call), at)}</span>}
          <Link href={`/patients/${call.patient_id}`}>Patient’s page</Link>
        </div>
      }
      actions={mayEnd && <EndCall call={call} onEnd={(ended) => status.put(() => ended)} />}
    >
      <AlertBanner call={call} />
      {!live && transcript.data?.summary && (
        <Section title="Summary">
          <p class="summary">{transcript.data.summary}</p>
        </Section>
      )}
      <div class="columns wide-first">
        <Section
          title={live ? 'What is said' : 'What was said'}
          side={live && call.current_topic ? <span class="pending">Asking: <strong>{topicWord(call.current_topic)}</strong></span> : undefined}
        >
          {transcript.isLoading && <Loading what="the words" />}
          {transcript.problem && !transcript.data && <Trouble problem={transcript.problem} again={transcript.again} />}
          {transcript.data && <Captions turns={transcript.data.turns} alerts={call.alerts} partial={partial?.text} isLive={live} startedAt={call.answered_at} />}
        </Section>
        <div class="stack">
          <Section title="What was learned">
            <Findings call={call} transcript={transcript.data} />
          </Section>
          <Section title="Questions">
            <Topics call={call} />
          </Section>
          {rules.length > 0 && (
            <Section title="Rules behind the alerts">
              <ul class="rule-list">
                {rules.map((rule) => (
                  <li key={rule}>{plain(ruleWord(rule))}</li>
                ))}
              </ul>
            </Section>
          )}
          <Section title="The call">
            <Facts call={call} />
          </Section>
        </div>
      </div>
    </Page>
  );
}
