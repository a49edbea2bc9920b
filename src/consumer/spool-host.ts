/** Puts the spool together with what uses it. Loaded only where there is one. */
import type { ConsumerOptions } from '../shared/control.js';
import { ENGINE, type RingMemory, STARTS } from '../shared/ring-layout.js';
import { hashOf, thisOwner } from '../spool/ownership.js';
import type { Spool, SpoolReport } from '../spool/segments.js';
import * as disk from '../spool/spool.js';
import { createDelivery, type Delivery } from './delivery.js';
import { Settled } from './ledger.js';
import { createReplay, replayed, runReplay } from './replay.js';
import { failFrames, failMissing } from './spooling.js';
import type { Transport } from './transport.js';

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

/** Gives a delivery a spool, and the spool a delivery of its own. `client`: the words of the client's own ring. */
export function startSpool(
  delivery: Delivery,
  http: Transport,
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
    warning: (topic, message) => {
      if (isFirst || topic !== disk.OPEN_TO_ALL) notices.warning(topic, message);
    },
    tell: notices.tell,
    lost: (frames, reason) => failFrames(delivery, frames, reason),
    missing: (events, from, reason) => failMissing(delivery, events, from, reason),
  };
  const spool = disk.openSpool(spoolDir, us, maxSpoolBytes, report, { ...us, engine: engineOf(client) });
  const spooling = { spool, mode, disk };
  delivery.spooling = spooling;
  // A consumer before us died: what it has spooled may be on the ring still.
  const ordinals =
    Atomics.load(words, STARTS) > 1 ? disk.ourFrames(spool).flatMap((frame) => frame.ordinals) : [];
  for (const ordinal of ordinals) {
    if (ordinal >= ledger.released) ledger.spooledBefore.set(ordinal, Settled.spooled);
  }
  const replay = createReplay(delivery, createDelivery({ ...delivery, transport: http, spooling }), spooling);
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
