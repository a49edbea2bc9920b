/** Puts the spool together with what uses it. Loaded only where there is one. */
import type { ConsumerOptions } from '../shared/control.js';
import { ENGINE, type RingMemory, STARTS } from '../shared/ring-layout.js';
import { hashOf, thisOwner } from '../spool/ownership.js';
import * as disk from '../spool/spool.js';
import { createDelivery, type Delivery } from './delivery.js';
import { Settled } from './ledger.js';
import { createReplay, replayed, runReplay } from './replay.js';
import { createRetryingTransport, type RetryOptions } from './retrying-transport.js';
import { failFrames } from './spooling.js';
import type { Transport } from './transport.js';
import { createOwner } from './turn.js';

export interface SpoolHost {
  /** Sends what is in the spool, until the consumer ends. */
  run(): void;
  /** Resolves once all of it has been sent, or the server takes no more of it for now. */
  replayed(): Promise<void>;
  /** Whether nothing is on disk that this process would send. */
  isEmpty(): boolean;
  /** Leaves the rest to the next process. */
  close(): void;
}

/** Gives a delivery a spool, and the spool a delivery of its own. */
export function startSpool(
  delivery: Delivery,
  http: Transport,
  trouble: Pick<RetryOptions, 'onRetry' | 'onTaken'>,
  { words }: RingMemory,
  options: ConsumerOptions,
): SpoolHost {
  const { exporter, ledger, notices } = delivery;
  const { spoolDir = '', spool: mode, maxSpoolBytes } = options;
  Atomics.compareExchange(words, ENGINE, 0, 1 + Math.floor(Math.random() * 0x7ffffffe));
  const engine = Atomics.load(words, ENGINE).toString(16);
  const us = thisOwner(hashOf(exporter.spoolIdentity ?? options.exporter.url), engine);
  const spool = disk.openSpool(spoolDir, us, maxSpoolBytes, {
    warning: notices.warning,
    lost: (frames, reason) => failFrames(delivery, frames, reason),
  });
  const spooling = { spool, mode, disk };
  delivery.spooling = spooling;
  // A consumer before us died: what it has spooled may be on the ring still.
  const ordinals =
    Atomics.load(words, STARTS) > 1 ? disk.ourFrames(spool).flatMap((frame) => frame.ordinals) : [];
  for (const ordinal of ordinals) {
    if (ordinal >= ledger.released) ledger.spooledBefore.set(ordinal, Settled.spooled);
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
    close: () => disk.closeSpool(spool),
  };
}
