/** The payloads of traces that were read: those that were used least recently are forgotten beyond a bound. */

import type { Payloads } from '../../data/details.js';
import type { TraceRow } from '../../data/list.js';

export interface PayloadCache {
  /** Payloads of a trace that has not changed since are those that were read. */
  read(trace: TraceRow): Promise<Payloads>;
}

/** A turn has 200,000 characters of each side at most. */
const MAX_CHARS = 32 * 1024 * 1024;

interface Entry {
  /** Changes with the trace. */
  version: string;
  payloads: Promise<Payloads>;
  /** 0 until they are there. */
  chars: number;
}

export function createPayloadCache(
  ask: (traceId: string) => Promise<Payloads>,
  maxChars = MAX_CHARS,
): PayloadCache {
  /** By id of the trace, the one that was used last at the end. */
  const entries = new Map<string, Entry>();
  let chars = 0;

  function forget(id: string, entry: Entry): void {
    if (entries.get(id) !== entry) return;
    entries.delete(id);
    chars -= entry.chars;
  }

  function remember(id: string, entry: Entry, payloads: Payloads): void {
    if (entries.get(id) !== entry) return;
    entry.chars = charsOf(payloads);
    chars += entry.chars;
    for (const [oldest, one] of entries) {
      if (chars <= maxChars) return;
      forget(oldest, one);
    }
  }

  return {
    read(trace) {
      const { id } = trace;
      const version = JSON.stringify(trace);
      const known = entries.get(id);
      if (known?.version === version) {
        entries.delete(id);
        entries.set(id, known);
        return known.payloads;
      }
      if (known !== undefined) forget(id, known);
      const entry: Entry = { version, payloads: ask(id), chars: 0 };
      entries.set(id, entry);
      entry.payloads.then(
        (payloads) => remember(id, entry, payloads),
        () => forget(id, entry),
      );
      return entry.payloads;
    },
  };
}

function charsOf({ input, output, metadata }: Payloads): number {
  return [input, output, metadata].reduce((sum, payload) => sum + (payload?.text.length ?? 0), 0);
}
