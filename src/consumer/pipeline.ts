/** One ring, and all that takes its records to their end: reader, exporter, batches, delivery, spool. */
import type { Exporter } from '../shared/contract/exporter.js';
import type { SharedRing } from '../shared/ring/ring-layout.js';
import { watchFlushes } from '../shared/ring/urgent-flush.js';
import { createBatcher, stopBatcher } from './delivery/batcher.js';
import { createDelivery, deliver, markTroubled } from './delivery/delivery.js';
import { createStandIn, type StandIn } from './exporter/fallback.js';
import { createDrainer, drain, endFlushes, flush, isUrgent, spoolRest, stop } from './intake/drainer.js';
import { seenTail } from './intake/ring-reader.js';
import type { Notices } from './notices.js';
import { contextOf, endGround, type Ground, type PipelineHost, prepareGround } from './pipeline-parts.js';
import type { SpoolHost } from './spooling/spool-setup.js';

export interface Pipeline {
  /** Takes records from here on. */
  run(): void;
  /** Resolves once every record before `tail` has settled. */
  flush(tail: number, isLast: boolean): Promise<void>;
  /** Whether nothing waits: on the ring, in a batch, under way or on disk. */
  isIdle(): boolean;
  /** Resolves once all that is in the spool has been sent, or the server takes no more of it for now. */
  replayed(): Promise<void>;
  /** Spools what is undelivered, where there is a spool; takes no more records. */
  stop(): void;
  /** Takes no more records and counts nothing more: a successor starts with all that has not settled. */
  quit(): void;
  /** After `stop`: the ring may be another thread's from here on, and nothing is written to its words. */
  letGo(): Promise<void>;
  /** Leaves what is in the spool of a thread that has ended to its client's pipeline: when its ring is let go. */
  bequeath(heir: Pipeline): void;
  /** Answers the flushes that wait in vain; leaves what is in the spool to the next process: when nothing is under way any more. */
  close(): void;
  /** Undefined: there is none. */
  readonly spool: SpoolHost | undefined;
}

/** Rejects where the ring is for another consumer by now. */
export async function createPipeline(
  shared: SharedRing,
  host: PipelineHost,
  notices: Notices,
): Promise<Pipeline> {
  const ground = prepareGround(shared, host, notices);
  const { reader, closing } = ground;
  // At once: somebody may be waiting for it to boot.
  let started: (pipeline: Pipeline) => void = () => {};
  const running = new Promise<Pipeline>((resolve) => {
    started = resolve;
  });
  void watchFlushes(
    reader.words,
    () => closing.signal.aborted,
    async (tail, isLast) => (await running).flush(tail, isLast),
  );
  const context = contextOf(ground);
  const loaded = await host.loader.load(context, false);
  const pipeline =
    'exporter' in loaded
      ? await openPipeline(ground, loaded.exporter)
      : openStandIn(
          ground,
          createStandIn(ground, loaded, () => host.loader.load(context, true)),
        );
  started(pipeline);
  return pipeline;
}

async function openPipeline(ground: Ground, exporter: Exporter): Promise<Pipeline> {
  const { reader, ledger, notices, lane, closing, transport, owner, trouble } = ground;
  const { options, http, gate, client } = ground.host;
  const delivery = createDelivery({
    exporter,
    transport,
    ledger,
    notices,
    compression: options.compression,
    gate,
    owner,
    closing: closing.signal,
    spooling: undefined,
  });
  ground.onTrouble = (request) => markTroubled(delivery, request);
  // Loaded where it is wanted: the disk and its format would take every worker that boots some milliseconds more.
  const replay =
    options.spoolDir === undefined
      ? undefined
      : (await import('./spooling/spool-setup.js')).startSpool(
          delivery,
          http,
          trouble,
          reader,
          options,
          client,
        );
  const batcher = createBatcher(options, exporter, (batch) => deliver(delivery, batch));
  const drainer = createDrainer({ reader, exporter, ledger, batcher, delivery, lane, notices });
  ground.isUrgent = () => isUrgent(drainer);

  let drained: Promise<void> = Promise.resolve();
  let isBequeathed = false;
  return {
    run() {
      drained = drain(drainer);
      replay?.run();
    },
    async letGo() {
      await drained;
      ground.isLetGo = true;
    },
    flush(tail, isLast) {
      // No longer than that: the process may go on.
      const flushed = flush(drainer, tail);
      return isLast ? flushed.finally(transport.hurry()) : flushed;
    },
    isIdle: () =>
      reader.position === seenTail(reader) &&
      ledger.oldest === ledger.next &&
      ground.sending === 0 &&
      (replay?.isEmpty() ?? true),
    replayed: async () => replay?.replayed(),
    stop() {
      if (delivery.spooling !== undefined) spoolRest(drainer);
      end();
    },
    quit() {
      ledger.closed = true;
      end();
    },
    bequeath(heir) {
      replay?.close(heir.spool);
      isBequeathed = true;
    },
    close() {
      endFlushes(drainer);
      if (!isBequeathed) replay?.close();
    },
    spool: replay,
  };

  function end(): void {
    stop(drainer);
    stopBatcher(batcher);
    endGround(ground);
  }
}

/** Until there is an exporter after all. */
function openStandIn(ground: Ground, standIn: StandIn): Pipeline {
  const { reader, ledger } = ground;
  let pipeline: Pipeline | undefined;
  let isEnded = false;
  let ran: Promise<void> = Promise.resolve();

  async function runBoth(): Promise<void> {
    const exporter = await standIn.run();
    if (exporter === undefined) return;
    const opened = await openPipeline(ground, exporter);
    if (isEnded) return opened.quit();
    pipeline = opened;
    pipeline.run();
  }

  function end(): void {
    isEnded = true;
    standIn.end();
    endGround(ground);
  }

  return {
    run() {
      ran = runBoth();
    },
    async letGo() {
      await ran;
      await pipeline?.letGo();
      ground.isLetGo = true;
    },
    async flush(tail, isLast) {
      if (pipeline !== undefined) return pipeline.flush(tail, isLast);
      standIn.giveUp();
    },
    isIdle: () => pipeline?.isIdle() ?? reader.position === seenTail(reader),
    replayed: async () => pipeline?.replayed(),
    stop() {
      if (pipeline !== undefined) return pipeline.stop();
      standIn.giveUp();
      end();
    },
    quit() {
      if (pipeline !== undefined) return pipeline.quit();
      ledger.closed = true;
      end();
    },
    bequeath: (heir) => pipeline?.bequeath(heir),
    close: () => pipeline?.close(),
    get spool() {
      return pipeline?.spool;
    },
  };
}
