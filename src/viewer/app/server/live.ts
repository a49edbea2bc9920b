/** The stream of changes. A hidden page closes it, as a browser has six connections for all pages of a server. */

import { signal } from '@preact/signals';
import type { LiveEvent } from '../../data/list.js';

export type Connection = 'open' | 'connecting';

/** Whether the page hears of changes now. */
export const connection = signal<Connection>('connecting');

const RETRY_MS = 3_000;

/** `since`: the event that is known already. Returns the end of it. */
export function listen(since: string, onEvent: (event: LiveEvent) => void): () => void {
  let last = since;
  let source: EventSource | undefined;
  let retry: number | undefined;

  function open(): void {
    source = new EventSource(`/api/tailrace/events?since=${encodeURIComponent(last)}`);
    source.onopen = () => {
      connection.value = 'open';
    };
    source.onerror = () => {
      connection.value = 'connecting';
      // After an answer other than 200 the browser does not try again by itself.
      if (source?.readyState === EventSource.CLOSED) {
        close();
        retry = window.setTimeout(follow, RETRY_MS);
      }
    };
    source.onmessage = ({ data, lastEventId }) => {
      last = lastEventId;
      onEvent(JSON.parse(data) as LiveEvent);
    };
  }

  function close(): void {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  }

  function follow(): void {
    if (document.hidden) close();
    else if (source === undefined) open();
  }

  document.addEventListener('visibilitychange', follow);
  follow();
  return () => {
    document.removeEventListener('visibilitychange', follow);
    close();
  };
}
