/** Puts the spool together with what uses it. Loaded only where there is one. */
import type { ConsumerOptions } from '../../shared/contract/control.js';
import { ENGINE, type RingMemory, STARTS } from '../../shared/ring/ring-layout.js';
import { hashOf, thisOwner } from '../../spool/ownership.js';
import type { Frame, Spool, SpoolReport } from '../../spool/segments.js';
import * as disk from '../../spool/spool.js';
import { createDelivery, type Delivery } from '../delivery/delivery.js';
import { createRetryingTransport, type RetryOptions } from '../delivery/retrying-transport.js';
import type { Transport } from '../delivery/transport.js';
import { createOwner } from '../delivery/turn.js';
import { Settled } from '../intake/ledger.js';
import { resumeSettling } from './frame-settlement.js';
import { createReplay, replayed, runReplay } from './replay.js';
import { failFrames, failMissing, type Spooling } from './spooling.js';

export interface SpoolHost {
  /** Sends what is in the spool, until the consumer ends. */
  run(): void;
  /** Resolves once all of it has been sent, or the server takes no more of it for now. */
  replayed(): Promise<void>;
  /** Whether nothing is on disk that this process would send. */
  isEmpty(): boolean;
  /** Leaves the rest to the next process, or to the spool of the client whose thread has ended. */
  close(heir?: SpoolHost): void;
  readonly spool: Spool;
  /** There is something new in it. */
  onInherited(): void;
}

/**
 * The frames of this engine that are not done. A worker may have died when it had divided one and the whole was not done yet:
 * nothing has become of its parts, which are newer.
 */
function withoutDoubles({ spool }: Spooling): Frame[] {
  const seen = new Set<number>();
  return disk.ourFrames(spool).filter((frame) => {
    const isDouble = frame.ordinals.some((ordinal) => seen.has(ordinal));
    if (isDouble) disk.finish(spool, frame);
    else for (const ordinal of frame.ordinals) seen.add(ordinal);
    return !isDouble;
  });
}

/** Gives a delivery a spool, and the spool a delivery of its own. `client`: the words of the client's own ring. */
export function startSpool(
  delivery: Delivery,
  http: Transport,
  trouble: Pick<RetryOptions, 'onRetry' | 'onTaken'>,
  { words }: RingMemory,
  options: ConsumerOptions,
  client: RingMemory['words'],
): SpoolHost {
  const { exporter, ledger, notices } = delivery;
  const { spoolDir = '', spool: mode, maxSpoolBytes } = options;
  const us = thisOwner(hashOf(exporter.spoolIdentity ?? options.exporter.url), engineOf(words));
  // Of the folder each client speaks once.
  const isFirst = client.buffer === words.buffer && Atomics.load(words, STARTS) <= 1;
  const report: SpoolReport = {
    warning: (message) => {
      if (isFirst || message.code !== 'TAILRACE_SPOOL_OPEN_TO_ALL') notices.warning(message);
    },
    tell: notices.tell,
    lost: (frames, reason) => failFrames(delivery, frames, reason),
    missing: (events, from, reason) => failMissing(delivery, events, from, reason),
  };
  const spool = disk.openSpool(spoolDir, us, maxSpoolBytes, report, { ...us, engine: engineOf(client) });
  const spooling: Spooling = { spool, mode, disk };
  delivery.spooling = spooling;
  // A consumer before us died: what it has spooled may be on the ring still.
  if (Atomics.load(words, STARTS) > 1) {
    for (const frame of withoutDoubles(spooling)) {
      for (const ordinal of frame.ordinals) {
        if (ordinal >= ledger.released) ledger.spooledBefore.set(ordinal, Settled.spooled);
      }
    }
    resumeSettling(delivery, disk.ourFrames(spool));
  }
  const { gate, closing } = delivery;
  // What is on disk can wait.
  const owner = createOwner(() => false);
  // Once: then it is another's turn, of those on disk.
  const transport = createRetryingTransport(http, { ...trouble, gate, owner, closing, retryWindowMs: 0 });
  const replay = createReplay(
    delivery,
    createDelivery({ ...delivery, transport, owner, spooling }),
    spooling,
  );
  return {
    run: () => void runReplay(replay),
    replayed: () => replayed(replay),
    isEmpty: () => disk.isEmpty(spool),
    close(heir) {
      disk.closeSpool(spool, heir?.spool);
      heir?.onInherited();
    },
    spool,
    onInherited: () => delivery.onKept(0),
  };
}

/** A number that tells engines of a process apart, given once. */
function engineOf(words: RingMemory['words']): string {
  Atomics.compareExchange(words, ENGINE, 0, 1 + Math.floor(Math.random() * 0x7ffffffe));
  return Atomics.load(words, ENGINE).toString(16);
}
