// Whether the service and everything it needs is well.
import type { ComponentChildren } from 'preact';
import { api, fetchText, take, type Readiness, Problem } from '../api/client';
import { readMetrics, total, type Sample } from '../domain/metrics';
import { span } from '../domain/time';
import { plain } from '../domain/words';
import { useQuery } from '../live/query';
import { CheckIcon, WarnIcon } from '../ui/icons';
import { Figure, Loading, Page, Section, Trouble } from '../ui/parts';

const partWords: Record<string, string> = {
  database: 'Database',
  speech_to_text: 'Understanding speech',
  dialling: 'Making calls',
};

function Line({ isWell, name, text, children }: { isWell: boolean; name: string; text: string; children?: ComponentChildren }) {
  return (
    <li class={`part ${isWell ? 'well' : 'unwell'}`}>
      <span class="part-sign" aria-hidden="true">
        {isWell ? <CheckIcon /> : <WarnIcon />}
      </span>
      <span class="part-name">{name}</span>
      <span class="part-text">{text}</span>
      {children}
    </li>
  );
}

/** 503 carries the same body as 200: not ready, and why. */
async function fetchReadiness(): Promise<Readiness> {
  const { data, error, response } = await api.GET('/health/ready');
  if (data) return data;
  const body = error as unknown as Readiness | undefined;
  if (response.status === 503 && body && 'parts' in body) return body;
  throw new Problem('unavailable', response.status, 'The service does not say how it is.');
}

interface Measure {
  label: string;
  value: ComponentChildren;
  note?: string;
  tone?: 'good' | 'bad' | '';
}

/** How many went well, of all. */
function share(label: string, samples: Sample[], name: string, bad: Record<string, string>[]): Measure {
  const all = total(samples, name);
  if (!all) return { label, value: '–' };
  const failed = bad.reduce((sum, labels) => sum + (total(samples, name, labels) ?? 0), 0);
  return { label, value: `${(((all - failed) / all) * 100).toFixed(1)} %`, note: `of ${all}` };
}

/** Every outcome but "ok": their names are Twilio's and ours, and may grow. */
function twilioFailures(samples: Sample[]): Record<string, string>[] {
  const outcomes = new Set(samples.filter((sample) => sample.name === 'carevoice_twilio_requests_total').map((sample) => sample.labels['outcome'] ?? ''));
  return [...outcomes].filter((outcome) => outcome !== 'ok').map((outcome) => ({ outcome }));
}

function Measures({ samples }: { samples: Sample[] }) {
  const value = (name: string, labels?: Record<string, string>) => total(samples, name, labels);
  const oldest = value('carevoice_outbox_oldest_due_seconds');
  const dead = value('carevoice_outbox_dead') ?? 0;
  const rows: Measure[] = [
    { label: 'Calls on the line', value: value('carevoice_live_calls') ?? 0 },
    { label: 'Messages that wait to leave', value: value('carevoice_outbox_queued') ?? 0, note: oldest ? `the oldest for ${span(oldest * 1_000)}` : undefined },
    { label: 'Messages that could not be delivered', value: dead, tone: dead ? 'bad' : '' },
    share('Requests answered well', samples, 'carevoice_http_requests_total', [{ outcome: 'failed' }]),
    share('Twilio asked with success', samples, 'carevoice_twilio_requests_total', twilioFailures(samples)),
    { label: 'Own wording instead of the model’s', value: value('carevoice_chat_fallbacks_total') ?? 0 },
    { label: 'Model wording stopped by guard rails', value: value('carevoice_guard_rail_blocks_total') ?? 0 },
    { label: 'Cost this month', value: `$${(value('carevoice_month_cost_usd') ?? 0).toFixed(2)}` },
  ];
  return (
    <dl class="figures">
      {rows.map((row) => (
        <Figure key={row.label} {...row} />
      ))}
    </dl>
  );
}

export function SystemPage() {
  const often = () => false;
  const ready = useQuery('ready', fetchReadiness, often);
  const twilio = useQuery('twilio', () => take(api.GET('/api/v1/calls/twilio-status')), often);
  const metrics = useQuery('metrics', async () => readMetrics(await fetchText('/metrics')));
  const words = { ok: 'Everything works', degraded: 'Works, with something missing', unavailable: 'Does not work' } as const;
  return (
    <Page
      title="Health"
      lead={ready.data ? words[ready.data.status] : undefined}
      actions={
        <button
          type="button"
          class="button"
          onClick={() => {
            ready.again();
            twilio.again();
            metrics.again();
          }}
        >
          Look again
        </button>
      }
    >
      <div class="columns">
        <Section title="Parts">
          {ready.isLoading && <Loading what="the state" />}
          {ready.problem && !ready.data && <Trouble problem={ready.problem} again={ready.again} />}
          <ul class="parts">
            {Object.entries(ready.data?.parts ?? {}).map(([name, state]) => (
              <Line key={name} isWell={state === 'ok'} name={partWords[name] ?? plain(name)} text={state === 'ok' ? 'works' : state} />
            ))}
            {twilio.data && (
              <Line
                isWell={twilio.data.connected}
                name="Phone network (Twilio)"
                text={twilio.data.connected ? `works, account ${twilio.data.account_status ?? ''}` : (twilio.data.detail ?? 'does not answer')}
              />
            )}
          </ul>
          {twilio.data && <p class="hint">Twilio calls us at {twilio.data.webhook_url}</p>}
        </Section>
        <Section title="What is missing">
          {ready.data && !ready.data.missing.length && <p class="empty">Nothing.</p>}
          <ul class="missing">
            {ready.data?.missing.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </Section>
      </div>
      <Section title="Since the service started" side={<a href="/docs">API</a>}>
        {metrics.data ? <Measures samples={metrics.data} /> : <Loading what="measurements" />}
      </Section>
    </Page>
  );
}
