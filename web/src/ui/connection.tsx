// Says when the line to the service is lost, since when, and that what is shown may be old.
import { useEffect, useState } from 'preact/hooks';
import { needsKey } from '../api/session';
import { clockTime, span } from '../domain/time';
import { now } from '../live/clock';
import { feed } from '../live/feed';
import { WarnIcon } from './icons';

/** A hiccup shorter than this is nobody's business. */
const graceMs = 3_000;

export function ConnectionBanner() {
  const [isOffline, setOffline] = useState(!navigator.onLine);
  useEffect(() => {
    const look = () => setOffline(!navigator.onLine);
    window.addEventListener('online', look);
    window.addEventListener('offline', look);
    return () => {
      window.removeEventListener('online', look);
      window.removeEventListener('offline', look);
    };
  }, []);
  const silence = now.value.getTime() - feed.heardAt.value;
  const isLost = isOffline || (feed.connection.value === 'lost' && silence > graceMs);
  return (
    <div role="alert" class="connection">
      {isLost && !needsKey.value && (
        <div class="connection-lost">
          <WarnIcon />
          <p>
            <strong>Connection lost.</strong> What you see is from {clockTime(new Date(feed.heardAt.value).toISOString(), now.value)}
            {silence > 60_000 ? `, ${span(silence)} ago` : ''}. Trying again; what you typed is kept.
          </p>
        </div>
      )}
    </div>
  );
}
