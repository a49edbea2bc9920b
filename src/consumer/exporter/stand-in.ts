/**
 * In the place of a pipeline while its exporter cannot be loaded: gives up what comes, counted and named, so that nobody waits
 * for what cannot be sent. The application is told now and then, not of each event; a flush has its answer at once. Now and
 * then, when something has come, loading is tried again.
 */
import { message } from '../../messages/message.js';
import { counted } from '../../messages/quantities.js';
import type { Exporter } from '../../shared/contract/exporter.js';
import { distance, IS_SENT, READ } from '../../shared/ring/ring-layout.js';
import { tellHead } from '../../shared/ring/urgent-flush.js';
import { doze, park, wake } from '../../shared/ring/wake.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { tellFailed } from '../delivery/failure-notices.js';
import { closeLedger, enter, type Ledger, Settled, settle, unreleasedBytes } from '../intake/ledger.js';
import { type RingReader, seenTail, takeRecord } from '../intake/ring-reader.js';
import type { Notices } from '../notices.js';
import type { Loaded } from './load-exporter.js';

export interface StandIn {
  /** Resolves with the exporter, once there is one; undefined: it was ended before. */
  run(): Promise<Exporter | undefined>;
  /** All that is on the ring. */
  giveUp(): void;
  end(): void;
}

interface Parts {
  readonly reader: RingReader;
  readonly ledger: Ledger;
  readonly notices: Notices;
}

type Fault = Exclude<Loaded, { exporter: Exporter }>;

/** `tellAgainMs`: between two messages, unless the ring fills up. */
const PERIODS = { tellAgainMs: 30_000, loadAgainMs: 60_000 };
const PARK_NET_MS = 10_000;
/** At this share of the ring's bytes a producer wakes a consumer that dozes. */
const PRESSED = 1 / 4;

export function createStandIn(
  { reader, ledger, notices }: Parts,
  first: Fault,
  load: () => Promise<Loaded>,
  { tellAgainMs, loadAgainMs } = PERIODS,
): StandIn {
  const { words, capacity } = reader;
  let fault = first;
  let exporter: Exporter | undefined;
  let ended = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  let loadedAt = monotonicNow();
  ledger.onRelease = () => tellHead(words);
  awaitLater();

  function use(loaded: Exporter): void {
    exporter = loaded;
    wake(words);
  }

  /** One that has not come back yet is not asked again. */
  function awaitLater(): void {
    void fault.later?.then(use, () => {
      fault = { ...fault, later: undefined };
    });
  }

  function giveUp(): void {
    const numbers: number[] = [];
    for (let record = takeRecord(reader); record !== undefined; record = takeRecord(reader)) {
      const number = enter(ledger, record);
      if (record.fate === undefined) numbers.push(number);
      else settle(ledger, [number], record.fate === IS_SENT ? Settled.sent : Settled.failed);
    }
    Atomics.store(words, READ, reader.position);
    if (numbers.length === 0) return;
    toldAt = monotonicNow();
    const events = counted(numbers.length, 'event');
    tellFailed({ ledger, notices }, numbers, message('TAILRACE_NOT_DELIVERED', events, '', fault.fault));
    settle(ledger, numbers, Settled.failed);
  }

  function waitMs(): number {
    const isPressed = unreleasedBytes(ledger) >= capacity * PRESSED;
    return isPressed ? 0 : toldAt + tellAgainMs - monotonicNow();
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
    giveUp,
    async run() {
      while (!ended && exporter === undefined) {
        const tail = seenTail(reader);
        const isEmpty = distance(tail, reader.position) === 0;
        if (isEmpty) await park(words, tail, PARK_NET_MS);
        else if (fault.later === undefined && monotonicNow() - loadedAt >= loadAgainMs) await loadAgain();
        else if (waitMs() > 0) await doze(words, waitMs());
        else giveUp();
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
