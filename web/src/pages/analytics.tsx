// Figures over a span of time, and the same as a file.
import { useState } from 'preact/hooks';
import { allPages, api, fetchText, take } from '../api/client';
import { alertTypeRows, csvRows, outcomeRows, percent, rangeOf, severityRows, statusRows, type RangeName } from '../domain/analytics';
import { isLive } from '../domain/calls';
import { toCsv } from '../domain/csv';
import { readMetrics, spread, total, type Sample } from '../domain/metrics';
import { responseRows, type ResponseRow } from '../domain/response';
import { span } from '../domain/time';
import { channelWord, plain } from '../domain/words';
import type { LiveEvent } from '../live/feed';
import { useQuery } from '../live/query';
import { now } from '../live/clock';
import { DownloadIcon } from '../ui/icons';
import { Bars, Field, Figure, Loading, Page, Section, SeverityBadge, Trouble } from '../ui/parts';
import { saveFile } from '../ui/save_file';

const ranges: { name: RangeName; text: string }[] = [
  { name: 'today', text: 'Today' },
  { name: 'week', text: '7 days' },
  { name: 'month', text: '30 days' },
  { name: 'all', text: 'Always' },
  { name: 'own', text: 'From – to' },
];

/** Figures move when a call ends or an alert is raised: asking at every word would be dear. */
const settles = (event: LiveEvent) => event.kind === 'alert' || (event.kind === 'call' && !isLive(event.call));

const seconds = (value: number) => (value < 1 ? `${Math.round(value * 1_000)} ms` : `${value.toFixed(1)} s`);

function Speed({ samples }: { samples: Sample[] }) {
  const rows: [string, string][] = [
    ['Answer after the patient’s last word', 'carevoice_reply_seconds'],
    ['Speech understood', 'carevoice_stt_seconds'],
    ['Chat model', 'carevoice_chat_seconds'],
    ['Phone network (Twilio)', 'carevoice_twilio_seconds'],
    ['Care team told of an alert', 'carevoice_notification_delay_seconds'],
  ];
  const known = rows.map(([text, name]) => ({ text, spread: spread(samples, name) })).filter((row) => row.spread);
  if (!known.length) return <p class="empty">Nothing was measured since the service started.</p>;
  return (
    <div class="table-box" role="region" aria-label="How quickly" tabIndex={0}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Half within</th>
            <th scope="col">95 % within</th>
            <th scope="col">Times</th>
          </tr>
        </thead>
        <tbody>
          {known.map((row) => (
            <tr key={row.text}>
              <th scope="row">{row.text}</th>
              <td>{seconds(row.spread!.p50)}</td>
              <td>{seconds(row.spread!.p95)}</td>
              <td>{row.spread!.count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CareTeam({ rows }: { rows: ResponseRow[] }) {
  if (!rows.length) return <p class="empty">No alert in this time.</p>;
  return (
    <div class="table-box" role="region" aria-label="Times of the care team" tabIndex={0}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Severity</th>
            <th scope="col">Alerts</th>
            <th scope="col">Half were taken within</th>
            <th scope="col">In time</th>
            <th scope="col">Still waiting</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.severity}>
              <th scope="row">
                <SeverityBadge severity={row.severity} />
              </th>
              <td>{row.alerts}</td>
              <td>{row.medianMs === undefined ? '–' : span(row.medianMs)}</td>
              <td>{row.inTime === undefined ? '–' : percent(row.inTime)}</td>
              <td>{row.waiting}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const channels = ['in_app', 'email', 'sms', 'webhook'];

function Delivery({ samples }: { samples: Sample[] }) {
  const rows = channels
    .map((channel) => {
      const all = total(samples, 'carevoice_notifications_total', { channel }) ?? 0;
      const well = total(samples, 'carevoice_notifications_total', { channel, outcome: 'delivered' }) ?? 0;
      return { name: plain(channelWord(channel)), value: all, text: `${well} of ${all}` };
    })
    .filter((row) => row.value > 0);
  return <Bars caption="Messages delivered, by channel" rows={rows} />;
}

export function AnalyticsPage() {
  const [name, setName] = useState<RangeName>('week');
  const [own, setOwn] = useState({ from: '', to: '' });
  const { from, to } = rangeOf(name, now.value, own);
  const query = useQuery(
    `analytics ${from} ${to}`,
    () => take(api.GET('/api/v1/calls/analytics', { params: { query: { from: from || undefined, to: to || undefined } } })),
    settles,
  );
  const metrics = useQuery('metrics', async () => readMetrics(await fetchText('/metrics')), settles);
  const taken = useQuery(
    'alerts of all kinds',
    () =>
      allPages(
        (cursor) => take(api.GET('/api/v1/alerts', { params: { query: { limit: 200, cursor } } })),
        (page) => page.alerts,
        10,
      ),
    (event) => event.kind === 'alert',
  );
  const figures = query.data;
  const alerts = figures ? Object.values(figures.alerts_by_severity).reduce((sum, count) => sum + count, 0) : 0;
  return (
    <Page
      title="Analytics"
      actions={
        figures && (
          <button type="button" class="button" onClick={() => saveFile(`carevoice-${name}.csv`, 'text/csv', toCsv(csvRows(figures, from, to)))}>
            <DownloadIcon />
            Save as CSV
          </button>
        )
      }
    >
      <div class="filters">
        <div class="segments" role="group" aria-label="Span of time">
          {ranges.map((range) => (
            <button key={range.name} type="button" aria-pressed={name === range.name} onClick={() => setName(range.name)}>
              {range.text}
            </button>
          ))}
        </div>
        {name === 'own' && (
          <div class="fields">
            <Field label="From">{(ids) => <input {...ids} type="date" value={own.from} onInput={(event) => setOwn({ ...own, from: event.currentTarget.value })} />}</Field>
            <Field label="To, included">{(ids) => <input {...ids} type="date" value={own.to} onInput={(event) => setOwn({ ...own, to: event.currentTarget.value })} />}</Field>
          </div>
        )}
      </div>
      {query.isLoading && <Loading what="figures" />}
      {query.problem && !figures && <Trouble problem={query.problem} again={query.again} />}
      {figures && (
        <>
          <dl class="figures">
            <Figure label="Calls" value={figures.total_calls} note={`${figures.active_calls} on the line`} />
            <Figure label="All questions asked" value={percent(figures.completion_rate)} note="of the calls that ended" />
            <Figure label="Mean length" value={figures.mean_duration_seconds ? span(figures.mean_duration_seconds * 1_000) : '–'} note="of answered calls" />
            <Figure label="Heard with confidence" value={figures.mean_transcription_confidence ? percent(figures.mean_transcription_confidence) : '–'} note="mean of the patients’ turns" />
            <Figure label="Alerts" value={alerts} note={figures.total_calls ? `${(alerts / figures.total_calls).toFixed(2)} a call` : ''} />
            <Figure label="Cost" value={`$${figures.cost_usd.toFixed(2)}`} note={figures.total_calls ? `$${(figures.cost_usd / figures.total_calls).toFixed(3)} a call` : ''} />
          </dl>
          <div class="columns">
            <Section title="Where calls stand">
              <Bars caption="Calls by status" rows={statusRows(figures)} />
            </Section>
            <Section title="How calls went">
              <Bars caption="Calls by outcome" rows={outcomeRows(figures)} />
            </Section>
            <Section title="Alerts by severity">
              <Bars caption="Alerts by severity" rows={severityRows(figures).map((row) => ({ ...row, tone: `severity-${row.severity}` }))} />
            </Section>
            <Section title="Alerts by kind">
              <Bars caption="Alerts by kind" rows={alertTypeRows(figures)} />
            </Section>
          </div>
        </>
      )}
      <Section title="How the care team answered">{taken.data ? <CareTeam rows={responseRows(taken.data, from, to, now.value)} /> : <Loading what="alerts" />}</Section>
      {metrics.data && (
        <Section title="Messages delivered, since the service started">
          <Delivery samples={metrics.data} />
        </Section>
      )}
      <Section title="How quickly, since the service started">{metrics.data ? <Speed samples={metrics.data} /> : <Loading what="measurements" />}</Section>
    </Page>
  );
}
