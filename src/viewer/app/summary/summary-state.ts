/** Reads one answer of the server and keeps it up to date. What is shown stays until the next answer. */

import { useEffect, useState } from 'preact/hooks';
import type { LiveEvent } from '../../data/list.js';
import { getJson, isAbort, mayPass } from '../server/api.js';
import { listen } from '../server/live.js';

/** While much arrives, an answer is read this often. */
const REFRESH_MS = 2_000;
/** An answer that took long is read less often: the server computes for the page a tenth of the time at most. */
const PAUSE_BY_DURATION = 9;

interface Shown<T> {
  data: T | null;
  problem: string | null;
  isLoading: boolean;
}

export interface Answer<T> extends Shown<T> {
  /** Reads again after a failure. Null: that would fail again. */
  again: (() => void) | null;
}

export function useAnswer<T extends { since: string }>(path: string, query: string): Answer<T> {
  return useReading<T>(`${path}?${query}`, (signal) => getJson<T>(path, query, signal));
}

/**
 * `key` says what `read` reads: it is read anew for another one. `about`: only changes of these traces matter. All that a page
 * shows should be one reading, as each has a stream of changes, and a browser has six connections to a server.
 */
export function useReading<T extends { since: string }>(
  key: string,
  read: (signal: AbortSignal) => Promise<T>,
  about?: readonly string[],
): Answer<T> {
  const [shown, setShown] = useState<Shown<T> & { mayPass: boolean }>({
    ...{ data: null, problem: null, isLoading: true, mayPass: true },
  });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    let timer: number | undefined;
    let stop: (() => void) | undefined;
    let isReading = false;
    let isStale = false;
    let pauseMs = REFRESH_MS;

    async function readNow(): Promise<void> {
      timer = undefined;
      isReading = true;
      isStale = false;
      const startedMs = performance.now();
      try {
        const data = await read(controller.signal);
        setShown({ data, problem: null, isLoading: false, mayPass: true });
        stop ??= listen(data.since, hear);
      } catch (error) {
        if (isAbort(error)) return;
        const problem = (error as Error).message;
        setShown(({ data }) => ({ data, problem, isLoading: false, mayPass: mayPass(error) }));
      }
      isReading = false;
      pauseMs = Math.max(REFRESH_MS, PAUSE_BY_DURATION * (performance.now() - startedMs));
      if (isStale) schedule();
    }

    function hear(event: LiveEvent): void {
      if (about !== undefined && event.kind === 'ids' && !event.ids.some((id) => about.includes(id))) return;
      if (isReading) isStale = true;
      else schedule();
    }

    function schedule(): void {
      timer ??= window.setTimeout(() => void readNow(), pauseMs);
    }

    setShown((before) => ({ ...before, isLoading: true }));
    void readNow();
    return () => {
      controller.abort();
      clearTimeout(timer);
      stop?.();
    };
  }, [key, attempt]);
  const { data, problem, isLoading } = shown;
  const again = shown.mayPass ? () => setAttempt((count) => count + 1) : null;
  return { data, problem, isLoading, again };
}
