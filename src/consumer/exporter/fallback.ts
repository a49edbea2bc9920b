/**
 * The fallback of a pipeline whose exporter cannot be loaded: it counts every record as failed, so that a flush need not wait for
 * what cannot be sent. It reports them together, every 30 s. While records come, it tries to load the exporter again.
 */

import { message } from '../../messages/message.js';
import { counted } from '../../messages/quantities.js';
import type { Exporter } from '../../shared/contract/exporter.js';
import { distance, IS_SENT, READ } from '../../shared/ring/ring-layout.js';
import { doze, park, wake } from '../../shared/ring/wake.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { reportFailed } from '../delivery/failure-notices.js';
import { closeLedger, enter, type Ledger, SETTLED, settle, unreleasedBytes } from '../intake/ledger.js';
import { type RingReader, seenTail, takeRecord } from '../intake/ring-reader.js';
import type { Notices } from '../notices.js';
import type { Loaded } from './load-exporter.js';

export interface Fallback {
  /** Resolves with the exporter once it is loaded, or with undefined if `end` was called before. */
  run(): Promise<Exporter | undefined>;
  /** Settles all records on the ring as failed, and reports them. */
  failAll(): void;
  end(): void;
}

interface Parts {
  readonly reader: RingReader;
  readonly ledger: Ledger;
  readonly notices: Notices;
}

type Fault = Exclude<Loaded, { exporter: Exporter }>;

/** `reportAgainMs`: time between two reports, unless the ring fills up. */
const PERIODS = { reportAgainMs: 30_000, loadAgainMs: 60_000 };
/** A parked consumer polls at this interval even if nobody wakes it. */
const PARK_NET_MS = 10_000;
/** Share of the ring's bytes from which on a producer wakes a dozing consumer. */
const PRESSED = 1 / 4;

export function createFallback(
  { reader, ledger, notices }: Parts,
  first: Fault,
  load: () => Promise<Loaded>,
  { reportAgainMs, loadAgainMs } = PERIODS,
): Fallback {
  const { words, capacity } = reader;
  let fault = first;
  let exporter: Exporter | undefined;
  let ended = false;
  let reportedAt = Number.NEGATIVE_INFINITY;
  let loadedAt = monotonicNow();
  awaitLater();

  function use(loaded: Exporter): void {
    exporter = loaded;
    wake(words);
  }

  /** An exporter whose loading has timed out may still arrive; until it does or fails, it is not loaded again. */
  function awaitLater(): void {
    void fault.later?.then(use, () => {
      fault = { ...fault, later: undefined };
    });
  }

  function failAll(): void {
    const numbers: number[] = [];
    for (let record = takeRecord(reader); record !== undefined; record = takeRecord(reader)) {
      const number = enter(ledger, record);
      if (record.fate === undefined) numbers.push(number);
      else settle(ledger, [number], record.fate === IS_SENT ? SETTLED.sent : SETTLED.failed);
    }
    Atomics.store(words, READ, reader.position);
    if (numbers.length === 0) return;
    reportedAt = monotonicNow();
    const events = counted(numbers.length, 'event');
    reportFailed({ ledger, notices }, numbers, message('TAILRACE_NOT_DELIVERED', events, '', fault.fault));
    settle(ledger, numbers, SETTLED.failed);
  }

  function waitMs(): number {
    const isPressed = unreleasedBytes(ledger) >= capacity * PRESSED;
    return isPressed ? 0 : reportedAt + reportAgainMs - monotonicNow();
  }

  async function loadAgain(): Promise<void> {
    loadedAt = monotonicNow();
    const loaded = await load();
    if ('exporter' in loaded) use(loaded.exporter);
    else {
      fault = loaded;
      awaitLater();
    }
  }

  return {
    failAll,
    async run() {
      while (!ended && exporter === undefined) {
        const tail = seenTail(reader);
        const isEmpty = distance(tail, reader.position) === 0;
        if (isEmpty) await park(words, tail, PARK_NET_MS);
        else if (fault.later === undefined && monotonicNow() - loadedAt >= loadAgainMs) await loadAgain();
        else if (waitMs() > 0) await doze(words, waitMs());
        else failAll();
      }
      return ended ? undefined : exporter;
    },
    end() {
      if (ended) return;
      ended = true;
      closeLedger(ledger);
      wake(words);
    },
  };
}
