/**
 * Opens the spool of a ring and starts its replay. This file is loaded only with the option `spoolDir`: the spool and its format
 * would add some milliseconds to the start of every worker.
 */

import type { ConsumerOptions } from '../../shared/contract/control.js';
import type { Exporter } from '../../shared/contract/exporter.js';
import { ENGINE, type RingMemory, STARTS } from '../../shared/ring/ring-layout.js';
import { hashOf, thisOwner } from '../../spool/disk/ownership.js';
import type { Frame, Spool, SpoolReport } from '../../spool/disk/segments.js';
import {
  createReplay,
  createReplaySchedule,
  noteKept,
  noteRecovered,
  noteSent,
  noteSpooled,
  type ReplaySchedule,
  replayed,
  runReplay,
} from '../../spool/replay.js';
import * as disk from '../../spool/spool.js';
import { createDelivery, type Delivery, type SettlingParts, type Spooling } from '../delivery/delivery.js';
import { SETTLED } from '../intake/ledger.js';
import { createRequestQueue } from '../transport/pending-request.js';
import { createRetryingTransport, type RetryEvents } from '../transport/retrying-transport.js';
import type { Transport } from '../transport/transport.js';
import { resumeSettling } from './frame-settlement.js';
import { createReplaySender } from './replay-sender.js';
import { failFrames, failMissing } from './spooling.js';

/** The open spool of a ring, before there is a delivery. */
interface OpenSpool {
  readonly spooling: Spooling;
  readonly schedule: ReplaySchedule;
  /** What the delivery reports to the schedule. */
  readonly events: Pick<Delivery, 'onSent' | 'onKept'>;
}

/** The spool of a pipeline. */
export interface SpoolSetup {
  /** Sends what is in the spool, until the consumer ends. */
  run(): void;
  /** Resolves when all of it has been sent, or the server takes no more of it for now. */
  replayed(): Promise<void>;
  /** Whether nothing is on disk that this process would send. */
  isEmpty(): boolean;
  /** Leaves the rest to the next process, or to the spool of the client whose thread has ended. */
  close(heir?: SpoolSetup): void;
  readonly spool: Spool;
  /** The spool has taken over batches of another one. */
  onInherited(): void;
}

interface OpenSpoolParts extends Pick<SettlingParts, 'ledger' | 'notices'> {
  readonly exporter: Exporter;
  readonly options: ConsumerOptions;
  readonly reader: RingMemory;
  /** Words of the client's own ring. */
  readonly client: RingMemory['words'];
}

export function openSpool({ exporter, ledger, notices, options, reader, client }: OpenSpoolParts): OpenSpool {
  const { words } = reader;
  const { spoolDir = '', spool: mode, maxSpoolBytes } = options;
  const us = thisOwner(hashOf(exporter.spoolIdentity ?? options.exporter.url), engineOf(words));
  const settling: SettlingParts = { ledger, notices, spooling: undefined };
  // One warning per client about its folder.
  const isFirst = client.buffer === words.buffer && Atomics.load(words, STARTS) <= 1;
  const report: SpoolReport = {
    warning: (message) => {
      if (isFirst || message.code !== 'TAILRACE_SPOOL_OPEN_TO_ALL') notices.warning(message);
    },
    tell: notices.tell,
    lost: (frames, reason) => failFrames(settling, frames, reason),
    missing: (events, from, reason) => failMissing(settling, events, from, reason),
  };
  const spool = disk.openSpool(spoolDir, us, maxSpoolBytes, report, { ...us, engine: engineOf(client) });
  // The consumer before this one died: records that it has spooled may still be on the ring.
  if (Atomics.load(words, STARTS) > 1) {
    for (const frame of withoutDoubles(spool)) {
      for (const ordinal of frame.ordinals) {
        if (ordinal >= ledger.released) ledger.spooledBefore.set(ordinal, SETTLED.spooled);
      }
    }
    resumeSettling(settling, disk.ourFrames(spool));
  }
  const schedule = createReplaySchedule(spool);
  return {
    spooling: { spool, mode, disk },
    schedule,
    events: { onSent: () => noteSent(schedule), onKept: () => noteSpooled(schedule) },
  };
}

/** Gives the spool a delivery of its own beside that of the ring (`live`). */
export function setUpReplay(
  { spooling, schedule }: OpenSpool,
  live: Delivery,
  http: Transport,
  retryEvents: RetryEvents,
): SpoolSetup {
  const { spool } = spooling;
  const { scheduler, closing } = live;
  // Batches on disk are never urgent.
  const queue = createRequestQueue(() => false);
  // Each batch is tried once per round: then another batch of the spool has its turn.
  const transport = createRetryingTransport(http, {
    ...retryEvents,
    scheduler,
    queue,
    closing,
    retryWindowMs: 0,
  });
  const delivery = createDelivery({
    ...live,
    transport,
    requestQueue: queue,
    onSent: () => {},
    onKept: (retryAfterMs) => noteKept(schedule, retryAfterMs),
  });
  const onRecovered = (): void => noteRecovered(schedule);
  scheduler.onRecovered.add(onRecovered);
  closing.addEventListener('abort', () => scheduler.onRecovered.delete(onRecovered));
  const replay = createReplay(schedule, createReplaySender(live, delivery, spooling), closing);
  return {
    run: () => void runReplay(replay),
    replayed: () => replayed(replay),
    isEmpty: () => disk.isEmpty(spool),
    close(heir) {
      disk.closeSpool(spool, heir?.spool);
      heir?.onInherited();
    },
    spool,
    onInherited: () => noteSpooled(schedule),
  };
}

/**
 * The unfinished frames of this engine. A worker may have died after it had divided a frame and before the whole frame was
 * finished: its parts, which are newer, are untouched then, so they are finished instead.
 */
function withoutDoubles(spool: Spool): Frame[] {
  const seen = new Set<number>();
  return disk.ourFrames(spool).filter((frame) => {
    const isDouble = frame.ordinals.some((ordinal) => seen.has(ordinal));
    if (isDouble) disk.finish(spool, frame);
    else for (const ordinal of frame.ordinals) seen.add(ordinal);
    return !isDouble;
  });
}

/** A number that tells engines of a process apart. The first consumer of a ring chooses it. */
function engineOf(words: RingMemory['words']): string {
  Atomics.compareExchange(words, ENGINE, 0, 1 + Math.floor(Math.random() * 0x7ffffffe));
  return Atomics.load(words, ENGINE).toString(16);
}
