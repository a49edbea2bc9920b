/** One ring, and all that takes its records to their end: reader, exporter, batches, delivery, spool. */
import { setMaxListeners } from 'node:events';
import { decodePart } from '../event/event-decoder.js';
import { claimRing } from '../shared/claim.js';
import type { ConsumerOptions } from '../shared/control.js';
import type { Exporter, ExporterContext } from '../shared/exporter.js';
import { MEDIA_FAILED, ringMemory, type SharedRing, TRUNCATED } from '../shared/ring-layout.js';
import { endWatch, watchFlushes } from '../shared/urgent-flush.js';
import { createBatcher, stopBatcher } from './batcher.js';
import { createDelivery, deliver, markTroubled } from './delivery.js';
import { createDrainer, drain, endFlushes, flush, spoolRest, stop } from './drainer.js';
import { createLedger, type Ledger } from './ledger.js';
import type { ExporterLoader } from './load-exporter.js';
import type { Notices } from './notices.js';
import { createRetryingTransport, type RetryingTransport } from './retrying-transport.js';
import { createRingReader, type RingReader, seenTail } from './ring-reader.js';
import type { Slots } from './slots.js';
import { createStandIn, type StandIn } from './stand-in.js';
import { type Transport, type TransportRequest, toTransportRequest } from './transport.js';
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
  readonly loader: ExporterLoader;
}

/** What the pipeline of a ring has, whether or not there is an exporter. */
interface Ground {
  readonly reader: RingReader;
  readonly ledger: Ledger;
  readonly notices: Notices;
  readonly host: PipelineHost;
  readonly lane: SharedArrayBuffer;
  readonly closing: AbortController;
  readonly transport: RetryingTransport;
  /** Requests of the exporter's own that are under way: uploads of media. */
  sending: number;
  isLetGo: boolean;
  /** Called when an attempt has failed and another will be made. */
  onTrouble: (request: TransportRequest) => void;
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

function prepareGround({ ring, lane }: SharedRing, host: PipelineHost, notices: Notices): Ground {
  const { life, options, http } = host;
  if (!claimRing(ringMemory(ring).words, life)) throw new Error('the ring is for another consumer by now');
  const reader = createRingReader(ring);
  const ledger = createLedger(reader);
  const closing = new AbortController();
  // One listener for each request that waits; Node would warn of the eleventh.
  setMaxListeners(0, closing.signal);
  const transport = createRetryingTransport(http, {
    closing: closing.signal,
    retryWindowMs: options.retryWindowMs,
    ...createTrouble(reader, ledger, notices, (request) => ground.onTrouble(request)),
  });
  const ground: Ground = {
    reader,
    ledger,
    notices,
    host,
    lane,
    closing,
    transport,
    sending: 0,
    isLetGo: false,
    onTrouble: () => {},
  };
  return ground;
}

function contextOf(ground: Ground): ExporterContext {
  const { reader, notices, transport, host } = ground;
  return {
    decode: decodePart,
    send: (request, read) => {
      ground.sending++;
      return transport.send(toTransportRequest(request), read).finally(() => {
        ground.sending--;
      });
    },
    count: (total) => ground.isLetGo || Atomics.add(reader.counters, TOTALS[total], 1n),
    warning: (topic, message) => void notices.warning(topic, message),
    load: host.loader.loadModule,
  };
}

function endGround({ closing, reader }: Ground): void {
  closing.abort();
  endWatch(reader.words);
}

async function openPipeline(ground: Ground, exporter: Exporter): Promise<Pipeline> {
  const { reader, ledger, notices, lane, closing, transport } = ground;
  const { options, http, slots } = ground.host;
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
  ground.onTrouble = (request) => markTroubled(delivery, request);
  // Loaded where it is wanted: the disk and its format would take every worker that boots some milliseconds more.
  const replay =
    options.spoolDir === undefined
      ? undefined
      : (await import('./spool-host.js')).startSpool(delivery, http, reader, options);
  const batcher = createBatcher(options, exporter, (batch) => deliver(delivery, batch));
  const drainer = createDrainer({ reader, exporter, ledger, batcher, delivery, lane, notices });

  let drained: Promise<void> = Promise.resolve();
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
      if (isLast) transport.hurry();
      return flush(drainer, tail);
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
    close() {
      endFlushes(drainer);
      replay?.close();
    },
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
    close: () => pipeline?.close(),
  };
}

const TOTALS = { truncated: TRUNCATED, mediaFailed: MEDIA_FAILED };
