/** Puts a consumer together and starts it. The task that the worker thread is given; also runs inline. */
import { setMaxListeners } from 'node:events';
import { createRequire } from 'node:module';
import { decodePart } from '../event/event-decoder.js';
import { claimRing } from '../shared/claim.js';
import type { ConsumerControl, ConsumerInit, ConsumerOptions } from '../shared/control.js';
import type { CreateExporter, Exporter, ExporterContext } from '../shared/exporter.js';
import { DEBUG, MEDIA_FAILED, ringMemory, TRUNCATED } from '../shared/ring-layout.js';
import { watchFlushes } from '../shared/urgent-flush.js';
import { createBatcher, stopBatcher } from './batcher.js';
import { createDelivery, deliver, markTroubled } from './delivery.js';
import { createDrainer, drain, flush, room, spoolRest, stop } from './drainer.js';
import { createHttpTransport } from './http-transport.js';
import { createLedger } from './ledger.js';
import { createNotices } from './notices.js';
import { createRetryingTransport } from './retrying-transport.js';
import { createRingReader } from './ring-reader.js';
import { createSideEvents } from './side-events.js';
import { toTransportRequest } from './transport.js';
import { createTrouble } from './trouble.js';

// CommonJS: imported, Node.js would scan its source for exports first, for 10 ms.
const require = createRequire(import.meta.url);

/** Exporters that ship with the package. */
const BUILT_IN: Record<string, string> = {
  langfuse: new URL('../exporters/langfuse.js', import.meta.url).href,
  otlp: new URL('../exporters/otlp-exporter.js', import.meta.url).href,
};

/** The task of the worker: resolves when the consumer runs, which it does until its thread ends. */
export async function startConsumer(init: ConsumerInit): Promise<void> {
  await createConsumer(init);
}

/** Makes a consumer that takes records from the next turn on, so that "it runs" is said before it can die of one. */
export async function createConsumer(init: ConsumerInit): Promise<ConsumerControl> {
  const { ring, options, controlPort, lanePort } = init;
  if (!claimRing(ringMemory(ring).words, init.life))
    throw new Error('the ring is for another consumer by now');
  const reader = createRingReader(ring);
  const ledger = createLedger(reader);
  const notices = createNotices(
    (notice) => lanePort.postMessage(notice),
    () => Atomics.load(reader.words, DEBUG),
  );
  const closing = new AbortController();
  // At once: somebody may be waiting for it to boot.
  let started: (control: ConsumerControl) => void = () => {};
  const running = new Promise<ConsumerControl>((resolve) => {
    started = resolve;
  });
  void watchFlushes(
    reader.words,
    () => closing.signal.aborted,
    async (tail, isLast) => (await running).flush(tail, isLast),
  );
  // One listener for each request that waits; Node would warn of the eleventh.
  setMaxListeners(0, closing.signal);
  const http = createHttpTransport(options);
  const transport = createRetryingTransport(http, {
    closing: closing.signal,
    retryWindowMs: options.retryWindowMs,
    ...createTrouble(reader, ledger, notices, (request) => markTroubled(delivery, request)),
  });
  const exporter = await loadExporter(options.exporter, {
    decode: decodePart,
    send: (request, read) => transport.send(toTransportRequest(request), read),
    count: (total) => Atomics.add(reader.counters, TOTALS[total], 1n),
    warning: (topic, message) => void notices.warning(topic, message),
  });
  const { compression, maxInFlight } = options;
  const delivery = createDelivery({
    exporter,
    transport,
    ledger,
    notices,
    compression,
    maxInFlight,
    closing: closing.signal,
    spooling: undefined,
  });
  // Loaded where it is wanted: the disk and its format would take every worker that boots some milliseconds more.
  const replay =
    options.spoolDir === undefined
      ? undefined
      : (await import('./spool-host.js')).startSpool(delivery, http, reader, options);
  const batcher = createBatcher(options, exporter, (batch) => deliver(delivery, batch));
  const sideEvents = createSideEvents(lanePort);
  const drainer = createDrainer({ reader, exporter, ledger, batcher, delivery, sideEvents, notices });

  const control: ConsumerControl = {
    flush(tail, isLast) {
      if (isLast) transport.hurry();
      return flush(drainer, tail);
    },
    replayed: async () => replay?.replayed(),
    room: () => room(drainer),
    async stop() {
      if (delivery.spooling !== undefined) spoolRest(drainer);
      stop(drainer);
      stopBatcher(batcher);
      closing.abort();
      await transport.close();
      replay?.close();
    },
  };
  const { expose } = require('comlink') as typeof import('comlink');
  expose(control, controlPort as never);
  started(control);
  setImmediate(() => {
    void drain(drainer);
    replay?.run();
  });
  return control;
}

const TOTALS = { truncated: TRUNCATED, mediaFailed: MEDIA_FAILED };

async function loadExporter(
  { url, options }: ConsumerOptions['exporter'],
  context: ExporterContext,
): Promise<Exporter> {
  const { createExporter } = (await import(BUILT_IN[url] ?? url)) as { createExporter?: CreateExporter };
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
