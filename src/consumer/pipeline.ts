/**
 * The pipeline of one ring, from the ring to the network: reader, exporter, batches, delivery, spool.
 *
 *   loading ──exporter──▶ delivering ◀──exporter, later── failing (fallback): every record settles as failed
 *      └──────no exporter────────────────────────────────────▶
 *
 * The road of a record while the pipeline delivers, one file per step. The exporter is called at the steps marked with ◆.
 *
 *   intake/ring-reader        takes the record off the ring
 *   intake/ledger             enters it: the record has a number
 * ◆ intake/encode-record      encode: the record in its wire format
 *   delivery/batcher          the record is in an open batch, until that is cut
 *   delivery/send             the batch is queued
 *   transport/request-scheduler   … until there is a slot and its circuit is closed
 * ◆ delivery/request          request (or payload): the batch as the body and headers of a request, compressed
 *   spooling/spooling         with `spool: 'always'`: the batch is on disk as well
 *   transport/retrying-transport → http/http-transport     attempts
 * ◆ delivery/outcome          outcome: what the response means for each record
 *   … → transport/own-transport ◆ deliver: both in one, for an exporter that owns its connection
 *   delivery/settlement       sent, failed, again, in halves, or left to the spool
 *   intake/ledger             settled: counted, its space on the ring released
 */
import type { Exporter } from '../shared/contract/exporter.js';
import type { SharedRing } from '../shared/ring/ring-layout.js';
import { watchFlushes } from '../shared/ring/urgent-flush.js';
import { createBatcher, stopBatcher } from './delivery/batcher.js';
import { createCompressionRule } from './delivery/compression.js';
import { createDelivery, markFailedAttempt } from './delivery/delivery.js';
import { deliver } from './delivery/send.js';
import { closeExporter } from './exporter/close-exporter.js';
import { createFallback, type Fallback } from './exporter/fallback.js';
import {
  afterRelease,
  createDrainer,
  drain,
  endFlushes,
  flush,
  isUrgent,
  relieveRing,
  spoolRest,
  stop,
} from './intake/drainer.js';
import { seenTail } from './intake/ring-reader.js';
import type { Notices } from './notices.js';
import {
  closeParts,
  createPipelineParts,
  type DestinationParts,
  exporterContextOf,
  type PipelineParts,
} from './pipeline-parts.js';
import type { SpoolSetup } from './spooling/spool-setup.js';

export interface Pipeline {
  /** Starts to take records. */
  run(): void;
  /** Resolves when every record before `tail` has settled. `isLast`: a shutdown has begun. */
  flush(tail: number, isLast: boolean): Promise<void>;
  /** Whether nothing waits: on the ring, in a batch, under way or on disk. */
  isIdle(): boolean;
  /** Resolves when everything in the spool has been sent, or the server takes no more for now. */
  replayed(): Promise<void>;
  /** Stops taking records and writes the final counts. With a spool, spools what is undelivered. */
  stop(): void;
  /** Stops taking records and counts nothing more: a successor starts with all records that have not settled. */
  quit(): void;
  /** After `stop`: resolves when nothing is written to the words of the ring any more, so another thread may have it. */
  detach(): Promise<void>;
  /** After `detach`: hands the spool of a thread that has ended over to the pipeline of its client. */
  bequeath(heir: Pipeline): void;
  /** When nothing is under way: resolves flushes that would wait forever, and leaves the spool to the next process. */
  close(): void;
  /** Undefined without a spool. */
  readonly spool: SpoolSetup | undefined;
}

/** Rejects if another consumer has the ring by now. */
export async function createPipeline(
  shared: SharedRing,
  destination: DestinationParts,
  notices: Notices,
): Promise<Pipeline> {
  const parts = createPipelineParts(shared, destination, notices);
  const { reader, closing } = parts;
  // Before the exporter is loaded: a blocked producer may be waiting for this worker to start.
  let started: (pipeline: Pipeline) => void = () => {};
  const running = new Promise<Pipeline>((resolve) => {
    started = resolve;
  });
  void watchFlushes(
    reader.words,
    () => closing.signal.aborted,
    async (tail, isLast) => (await running).flush(tail, isLast),
  );
  const context = exporterContextOf(parts);
  const loaded = await destination.loader.load(context, false);
  const pipeline =
    'exporter' in loaded
      ? await openPipeline(parts, loaded.exporter)
      : openFailing(
          parts,
          createFallback(parts, loaded, () => destination.loader.load(context, true)),
        );
  started(pipeline);
  return pipeline;
}

async function openPipeline(parts: PipelineParts, exporter: Exporter): Promise<Pipeline> {
  const { reader, ledger, notices, sideLane, closing, transport, requestQueue, retryEvents } = parts;
  const { options, http, scheduler, client } = parts.destination;
  const spools = options.spoolDir === undefined ? undefined : await import('./spooling/spool-setup.js');
  const open = spools?.openSpool({ exporter, ledger, notices, options, reader, client });
  const delivery = createDelivery({
    exporter,
    transport,
    ledger,
    notices,
    isCompressed: createCompressionRule(options.compression),
    scheduler,
    requestQueue,
    closing: closing.signal,
    spooling: open?.spooling,
    ...(open?.events ?? NO_SPOOL_EVENTS),
  });
  const spool = open && spools?.setUpReplay(open, delivery, http, retryEvents);
  const batcher = createBatcher(options, exporter, (batch) => deliver(delivery, batch));
  const drainer = createDrainer({ reader, exporter, ledger, batcher, delivery, sideLane, notices });
  parts.stage = {
    onRelease: () => afterRelease(drainer),
    onFailedAttempt(request) {
      markFailedAttempt(delivery, request);
      relieveRing(drainer);
    },
    isUrgent: () => isUrgent(drainer),
  };

  let drained: Promise<void> = Promise.resolve();
  let isBequeathed = false;
  return {
    run() {
      drained = drain(drainer);
      spool?.run();
    },
    async detach() {
      await drained;
      parts.isDetached = true;
    },
    flush(tail, isLast) {
      const flushed = flush(drainer, tail);
      // The expediting ends with the flush: the process may go on.
      return isLast ? flushed.finally(transport.expedite()) : flushed;
    },
    isIdle: () =>
      reader.position === seenTail(reader) &&
      ledger.oldest === ledger.next &&
      parts.sending === 0 &&
      (spool?.isEmpty() ?? true),
    replayed: async () => spool?.replayed(),
    stop() {
      if (delivery.spooling !== undefined) spoolRest(drainer);
      end();
    },
    quit() {
      ledger.closed = true;
      end();
    },
    bequeath(heir) {
      spool?.close(heir.spool);
      isBequeathed = true;
    },
    close() {
      endFlushes(drainer);
      if (!isBequeathed) spool?.close();
    },
    spool,
  };

  function end(): void {
    stop(drainer);
    stopBatcher(batcher);
    closeParts(parts);
    closeExporter(exporter, notices);
  }
}

const NO_SPOOL_EVENTS = { onSent: () => {}, onKept: () => {} };

/** A failing pipeline, until its exporter can be loaded after all. */
function openFailing(parts: PipelineParts, fallback: Fallback): Pipeline {
  const { reader, ledger } = parts;
  let pipeline: Pipeline | undefined;
  let isEnded = false;
  let ran: Promise<void> = Promise.resolve();

  async function runBoth(): Promise<void> {
    const exporter = await fallback.run();
    if (exporter === undefined) return;
    const opened = await openPipeline(parts, exporter);
    if (isEnded) return opened.quit();
    pipeline = opened;
    pipeline.run();
  }

  function end(): void {
    isEnded = true;
    fallback.end();
    closeParts(parts);
  }

  return {
    run() {
      ran = runBoth();
    },
    async detach() {
      await ran;
      await pipeline?.detach();
      parts.isDetached = true;
    },
    async flush(tail, isLast) {
      if (pipeline !== undefined) return pipeline.flush(tail, isLast);
      fallback.failAll();
    },
    isIdle: () => pipeline?.isIdle() ?? reader.position === seenTail(reader),
    replayed: async () => pipeline?.replayed(),
    stop() {
      if (pipeline !== undefined) return pipeline.stop();
      fallback.failAll();
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
