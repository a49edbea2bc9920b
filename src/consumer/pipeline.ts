/** One ring, and all that takes its records to their end: reader, exporter, batches, delivery, spool. */
import { setMaxListeners } from 'node:events';
import { decodePart } from '../event/event-decoder.js';
import { claimRing } from '../shared/claim.js';
import type { ConsumerOptions } from '../shared/control.js';
import type { CreateExporter, Exporter, ExporterContext } from '../shared/exporter.js';
import { importByUrl } from '../shared/import-by-url.js';
import { whyNotLoaded } from '../shared/module-faults.js';
import { MEDIA_FAILED, ringMemory, type SharedRing, TRUNCATED } from '../shared/ring-layout.js';
import { endWatch, watchFlushes } from '../shared/urgent-flush.js';
import { createBatcher, stopBatcher } from './batcher.js';
import { createDelivery, deliver, markTroubled } from './delivery.js';
import { createDrainer, drain, endFlushes, flush, spoolRest, stop } from './drainer.js';
import { createLedger } from './ledger.js';
import type { Notices } from './notices.js';
import { createRetryingTransport } from './retrying-transport.js';
import { createRingReader, seenTail } from './ring-reader.js';
import type { Slots } from './slots.js';
import { type Transport, toTransportRequest } from './transport.js';
import { createTrouble } from './trouble.js';

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
  /** Answers the flushes that wait in vain; leaves what is in the spool to the next process: when nothing is under way any more. */
  close(): void;
}

/** What the pipelines of one consumer have in common. */
export interface PipelineHost {
  /** The number of the consumer among those of its rings. */
  readonly life: number;
  readonly options: ConsumerOptions;
  readonly http: Transport;
  readonly slots: Slots;
}

/** Exporters that ship with the package. */
const BUILT_IN: Record<string, () => Promise<ExporterModule>> = {
  langfuse: () => import('../exporters/langfuse.js'),
  otlp: () => import('../exporters/otlp-exporter.js'),
  masked: () => import('../exporters/masked.js'),
};

interface ExporterModule {
  readonly createExporter?: CreateExporter;
}

/** Rejects where the ring is for another consumer by now, or the exporter cannot be used. */
export async function createPipeline(
  { ring, lane }: SharedRing,
  { life, options, http, slots }: PipelineHost,
  notices: Notices,
): Promise<Pipeline> {
  if (!claimRing(ringMemory(ring).words, life)) throw new Error('the ring is for another consumer by now');
  const reader = createRingReader(ring);
  const ledger = createLedger(reader);
  let isLetGo = false;
  /** Requests of the exporter's own that are under way: uploads of media. */
  let sending = 0;
  const closing = new AbortController();
  // At once: somebody may be waiting for it to boot.
  let started: (pipeline: Pipeline | undefined) => void = () => {};
  const running = new Promise<Pipeline | undefined>((resolve) => {
    started = resolve;
  });
  void watchFlushes(
    reader.words,
    () => closing.signal.aborted,
    async (tail, isLast) => (await running)?.flush(tail, isLast),
  );
  const endAll = (): void => {
    closing.abort();
    endWatch(reader.words);
  };
  // One listener for each request that waits; Node would warn of the eleventh.
  setMaxListeners(0, closing.signal);
  const transport = createRetryingTransport(http, {
    closing: closing.signal,
    retryWindowMs: options.retryWindowMs,
    ...createTrouble(reader, ledger, notices, (request) => markTroubled(delivery, request)),
  });
  const exporter = await loadExporter(options.exporter, {
    decode: decodePart,
    send: (request, read) => {
      sending++;
      return transport.send(toTransportRequest(request), read).finally(() => {
        sending--;
      });
    },
    count: (total) => isLetGo || Atomics.add(reader.counters, TOTALS[total], 1n),
    warning: (topic, message) => void notices.warning(topic, message),
  }).catch((error) => {
    // On the application's thread nothing else would end the watch.
    endAll();
    started(undefined);
    throw error;
  });
  const delivery = createDelivery({
    exporter,
    transport,
    ledger,
    notices,
    compression: options.compression,
    slots,
    closing: closing.signal,
    spooling: undefined,
  });
  // Loaded where it is wanted: the disk and its format would take every worker that boots some milliseconds more.
  const replay =
    options.spoolDir === undefined
      ? undefined
      : (await import('./spool-host.js')).startSpool(delivery, http, reader, options);
  const batcher = createBatcher(options, exporter, (batch) => deliver(delivery, batch));
  const drainer = createDrainer({ reader, exporter, ledger, batcher, delivery, lane, notices });

  let drained: Promise<void> = Promise.resolve();
  const pipeline: Pipeline = {
    run() {
      drained = drain(drainer);
      replay?.run();
    },
    async letGo() {
      await drained;
      isLetGo = true;
    },
    flush(tail, isLast) {
      if (isLast) transport.hurry();
      return flush(drainer, tail);
    },
    isIdle: () =>
      reader.position === seenTail(reader) &&
      ledger.oldest === ledger.next &&
      sending === 0 &&
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
    close() {
      endFlushes(drainer);
      replay?.close();
    },
  };
  started(pipeline);
  return pipeline;

  function end(): void {
    stop(drainer);
    stopBatcher(batcher);
    endAll();
  }
}

const TOTALS = { truncated: TRUNCATED, mediaFailed: MEDIA_FAILED };

async function loadExporter(
  { url, options }: ConsumerOptions['exporter'],
  context: ExporterContext,
): Promise<Exporter> {
  const loaded = BUILT_IN[url]?.() ?? importByUrl<ExporterModule>(url);
  const { createExporter } = await loaded.catch((error) => {
    throw new Error(`the exporter ${url} cannot be loaded: ${whyNotLoaded(url, error)}`);
  });
  if (typeof createExporter !== 'function') {
    throw new TypeError(`exporter ${url} must export a function createExporter`);
  }
  const exporter = await createExporter(options, context);
  if (typeof exporter?.encode !== 'function' && typeof exporter?.encodeBytes !== 'function') {
    throw new TypeError(`exporter ${url} must have a function encode or encodeBytes`);
  }
  if (typeof exporter.bodyBytes !== 'function' && typeof exporter.measureBody !== 'function') {
    throw new TypeError(`exporter ${url} must have a function bodyBytes or measureBody`);
  }
  return exporter;
}
