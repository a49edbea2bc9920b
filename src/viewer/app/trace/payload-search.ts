/** The search inside a trace: names are searched here, payloads by the server once somebody has stopped typing. */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { TraceMatches } from '../../data/trace.js';
import { segmentOf } from '../../path-segments.js';
import { getJson } from '../server/api.js';

const PAUSE_MS = 300;
/** One letter is in every text. */
const MIN_CHARS = 2;

const NONE: TraceMatches = { ids: [], isComplete: true };

/** Searches for each value of `text`. The answer to an earlier one is dropped. */
export function createPayloadSearch(traceId: string, text: ReadonlySignal<string>) {
  const matches = signal<TraceMatches>(NONE);
  let timer: number | undefined;
  let controller: AbortController | undefined;

  async function search(wanted: string): Promise<void> {
    controller = new AbortController();
    const query = new URLSearchParams({ q: wanted }).toString();
    const path = `trace/${segmentOf(traceId)}/search`;
    try {
      matches.value = await getJson<TraceMatches>(path, query, controller.signal);
    } catch {
      // Names are found without it.
    }
  }

  function stop(): void {
    clearTimeout(timer);
    controller?.abort();
  }

  return {
    matches,
    start(): () => void {
      const unsubscribe = text.subscribe((value) => {
        stop();
        matches.value = NONE;
        const wanted = value.trim();
        if (wanted.length >= MIN_CHARS) timer = window.setTimeout(() => void search(wanted), PAUSE_MS);
      });
      return () => {
        unsubscribe();
        stop();
      };
    },
  };
}
