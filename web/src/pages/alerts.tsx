// All alerts, worst first.
import { useState } from 'preact/hooks';
import { allPages, api, take, type Alert, type Severity } from '../api/client';
import { severities, severityRank, withAlert, worstFirst } from '../domain/alerts';
import { alertStatusWord, severityWord } from '../domain/words';
import { useQuery } from '../live/query';
import { AlertCard } from '../ui/alert_card';
import { Empty, Loading, Page, Trouble } from '../ui/parts';

const statuses: Alert['status'][] = ['open', 'acknowledged', 'resolved'];

export function AlertsPage() {
  const [status, setStatus] = useState<Alert['status']>('open');
  const [least, setLeast] = useState<Severity>('low');
  const alerts = useQuery(
    `alerts ${status}`,
    () =>
      allPages(
        (cursor) => take(api.GET('/api/v1/alerts', { params: { query: { status, limit: 200, cursor } } })),
        (page) => page.alerts,
        status === 'resolved' ? 1 : 5,
      ),
    (event, known) => (event.kind === 'alert' ? known === undefined || withAlert(known, event.alert, status) : false),
  );
  const shown = worstFirst(alerts.data ?? []).filter((alert) => severityRank(alert.severity) >= severityRank(least));
  return (
    <Page title="Alerts" lead="Worst first. Taking an alert tells everybody else that somebody looks after it.">
      <div class="filters">
        <div class="segments" role="group" aria-label="Which alerts">
          {statuses.map((one) => (
            <button key={one} type="button" aria-pressed={status === one} onClick={() => setStatus(one)}>
              {alertStatusWord(one)}
            </button>
          ))}
        </div>
        <label class="inline-field">
          <span>At least</span>
          <select value={least} onChange={(event) => setLeast(event.currentTarget.value as Severity)}>
            {[...severities].reverse().map((one) => (
              <option key={one} value={one}>
                {severityWord(one)}
              </option>
            ))}
          </select>
        </label>
        <span class="hint" role="status">
          {alerts.data ? `${shown.length} ${shown.length === 1 ? 'alert' : 'alerts'}` : ''}
        </span>
      </div>
      {alerts.isLoading && <Loading what="alerts" />}
      {alerts.problem && !alerts.data && <Trouble problem={alerts.problem} again={alerts.again} />}
      {alerts.data && !shown.length && <Empty>{status === 'open' ? 'No alert waits for anybody.' : 'None.'}</Empty>}
      <h2 class="visually-hidden">{alertStatusWord(status)}</h2>
      <ul class="grid">
        {shown.map((alert) => (
          <li key={alert.id}>
            <AlertCard alert={alert} onChange={() => alerts.again()} />
          </li>
        ))}
      </ul>
    </Page>
  );
}
