// The frame around every page: navigation, what is new, whether the line holds, and who is reading.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Link, Route, Switch, useLocation } from 'wouter-preact';
import { allPages, api, take, type Alert } from './api/client';
import { needsKey } from './api/session';
import { isWaiting, titleOf, withAlert } from './domain/alerts';
import { watchClock } from './live/clock';
import { feed } from './live/feed';
import { loadPatients } from './live/patients';
import { useQuery } from './live/query';
import { AlertsPage } from './pages/alerts';
import { AlertPage } from './pages/alert';
import { AnalyticsPage } from './pages/analytics';
import { CallPage } from './pages/call';
import { CallsPage } from './pages/calls';
import { PatientPage } from './pages/patient';
import { PatientsPage } from './pages/patients';
import { PlanPage } from './pages/plan';
import { SystemPage } from './pages/system';
import { TodayPage } from './pages/today';
import { ConnectionBanner } from './ui/connection';
import { BellIcon, ChartIcon, MoreIcon, PeopleIcon, PhoneIcon, PlanIcon, PulseIcon, TodayIcon } from './ui/icons';
import { Announcer, announce, Page } from './ui/parts';
import { ReaderSettings } from './ui/reader';
import { SignIn } from './ui/sign_in';

const places = [
  { href: '/', text: 'Today', icon: <TodayIcon />, isFirst: true },
  { href: '/alerts', text: 'Alerts', icon: <BellIcon />, isFirst: true },
  { href: '/calls', text: 'Calls', icon: <PhoneIcon />, isFirst: true },
  { href: '/patients', text: 'Patients', icon: <PeopleIcon />, isFirst: true },
  { href: '/plan', text: 'Plan', icon: <PlanIcon />, isFirst: false },
  { href: '/analytics', text: 'Analytics', icon: <ChartIcon />, isFirst: false },
  { href: '/system', text: 'Health', icon: <PulseIcon />, isFirst: false },
];

/** Open alerts for every page: the number in the navigation, the title of the tab, and a word for screen readers. */
export function useOpenAlerts() {
  return useQuery<Alert[]>(
    'open alerts',
    () =>
      allPages(
        (cursor) => take(api.GET('/api/v1/alerts', { params: { query: { status: 'open', limit: 200, cursor } } })),
        (page) => page.alerts,
        5,
      ),
    (event, known) => (event.kind === 'alert' ? known === undefined || withAlert(known, event.alert, 'open') : false),
  );
}

function Navigation({ waiting }: { waiting: number }) {
  const [path] = useLocation();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  const isHere = (href: string) => (href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`));
  return (
    <nav class={`nav ${isOpen ? 'open' : ''}`} aria-label="Wall">
      <div class="brand" aria-hidden="true">
        <img src="/favicon.svg" alt="" width="34" height="34" />
        <span>Carevoice</span>
      </div>
      <ul>
        {places.map((place) => (
          <li key={place.href} class={place.isFirst ? '' : 'nav-more'}>
            <Link href={place.href} aria-current={isHere(place.href) ? 'page' : undefined}>
              {place.icon}
              <span>{place.text}</span>
              {place.href === '/alerts' && waiting > 0 && (
                <span class="count">
                  {waiting}
                  <span class="visually-hidden"> waiting</span>
                </span>
              )}
            </Link>
          </li>
        ))}
        <li class="nav-toggle">
          <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            <MoreIcon />
            <span>More</span>
          </button>
        </li>
      </ul>
      <div class="nav-foot nav-more">
        <ReaderSettings />
      </div>
    </nav>
  );
}

function NotFound() {
  return (
    <Page title="There is no such page">
      <p>
        <Link href="/">Go to today’s calls</Link>
      </p>
    </Page>
  );
}

/** On a new page the keyboard and the screen reader begin at its heading, not where they were on the last one. */
function useFocusOnNavigation() {
  const [path] = useLocation();
  const first = useMemo(() => ({ path }), []);
  useEffect(() => {
    if (first.path === path) return;
    first.path = '';
    window.scrollTo(0, 0);
    document.getElementById('page-title')?.focus({ preventScroll: true });
  }, [path]);
}

export function App() {
  const alerts = useOpenAlerts();
  const open = alerts.data ?? [];
  const waiting = open.filter(isWaiting).length;
  useFocusOnNavigation();
  useEffect(() => feed.start(), []);
  useEffect(() => watchClock(), []);
  useEffect(() => {
    if (!needsKey.value) void loadPatients().catch(() => undefined);
  }, [needsKey.value]);
  useEffect(() => {
    const mark = () => {
      if (document.hidden) document.title = titleOf(open);
    };
    mark();
    document.addEventListener('visibilitychange', mark);
    return () => document.removeEventListener('visibilitychange', mark);
  }, [waiting]);
  useEffect(
    () =>
      feed.listen((event) => {
        if (event.kind === 'alert' && event.alert.status === 'open')
          announce(`New alert: ${event.alert.severity}, ${event.alert.type.replace('_', ' ')}`);
      }),
    [],
  );
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <Navigation waiting={waiting} />
      <main id="main" tabIndex={-1}>
        <ConnectionBanner />
        <Switch>
          <Route path="/">
            <TodayPage alerts={alerts} />
          </Route>
          <Route path="/alerts">
            <AlertsPage />
          </Route>
          <Route path="/alerts/:id">{(params) => <AlertPage key={params.id} id={params.id} />}</Route>
          <Route path="/calls">
            <CallsPage />
          </Route>
          <Route path="/calls/:id">{(params) => <CallPage key={params.id} id={params.id} />}</Route>
          <Route path="/patients">
            <PatientsPage />
          </Route>
          <Route path="/patients/:id">{(params) => <PatientPage key={params.id} id={params.id} />}</Route>
          <Route path="/plan">
            <PlanPage />
          </Route>
          <Route path="/analytics">
            <AnalyticsPage />
          </Route>
          <Route path="/system">
            <SystemPage />
          </Route>
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </main>
      {needsKey.value && <SignIn />}
      <Announcer />
    </>
  );
}
