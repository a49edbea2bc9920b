/** The parts of a pipeline that exist before its exporter is loaded: the ring, its ledger, and the way to the network. */
import { setMaxListeners } from 'node:events';
import { decodePart } from '../event/event-decoder.js';
import { warningOf } from '../messages/message.js';
import type { ConsumerOptions } from '../shared/contract/control.js';
import type { ExporterContext } from '../shared/contract/exporter.js';
import { takeOwnership } from '../shared/ring/ownership.js';
import { MEDIA_FAILED, ringMemory, type SharedRing, TRUNCATED } from '../shared/ring/ring-layout.js';
import { beat, endWatch, notifyHead } from '../shared/ring/urgent-flush.js';
import type { ExporterLoader } from './exporter/load-exporter.js';
import { createLedger, type Ledger } from './intake/ledger.js';
import { createRingReader, type RingReader } from './intake/ring-reader.js';
import type { Notices } from './notices.js';
import { outsideOfRecord } from './recovery/in-progress.js';
import { createRequestQueue, type RequestQueue } from './transport/pending-request.js';
import type { RequestScheduler } from './transport/request-scheduler.js';
import { createRetryNotices } from './transport/retry-notices.js';
import {
  createRetryingTransport,
  type RetryEvents,
  type RetryingTransport,
} from './transport/retrying-transport.js';
import { type Transport, type TransportRequest, toHttpRequest } from './transport/transport.js';

/** What the pipelines of one destination share. */
export interface DestinationParts {
  /** Number of the consumer among those of its rings. */
  readonly workerGeneration: number;
  readonly options: ConsumerOptions;
  readonly http: Transport;
  readonly scheduler: RequestScheduler;
  /** Words of the consumer's own ring, which is the client's. */
  readonly client: Int32Array;
  readonly loader: ExporterLoader;
}

export interface PipelineParts {
  readonly reader: RingReader;
  readonly ledger: Ledger;
  readonly notices: Notices;
  readonly destination: DestinationParts;
  readonly sideLane: SharedArrayBuffer;
  readonly closing: AbortController;
  /** Requests of this pipeline that wait. */
  readonly requestQueue: RequestQueue;
  readonly retryEvents: RetryEvents;
  readonly transport: RetryingTransport;
  /** Requests of the exporter's own that are under way: uploads of media. */
  sending: number;
  /** The ring may belong to another thread: nothing is written to its words any more. */
  isDetached: boolean;
  stage: Stage;
}

/** What the pipeline does at the moment. It changes once: when there is an exporter, records are delivered. */
interface Stage {
  /** Space on the ring was released. */
  onRelease(): void;
  /** An attempt of a request has failed and another one will be made. */
  onFailedAttempt(request: TransportRequest): void;
  /** Whether events are about to be dropped, or a flush waits. */
  isUrgent(): boolean;
}

const TOTALS = { truncated: TRUNCATED, mediaFailed: MEDIA_FAILED };

/** Throws if another consumer has the ring by now. */
export function createPipelineParts(
  { ring, lane }: SharedRing,
  destination: DestinationParts,
  notices: Notices,
): PipelineParts {
  const { workerGeneration, options, http, scheduler } = destination;
  if (!takeOwnership(ringMemory(ring).words, workerGeneration))
    throw new Error('the ring is for another consumer by now');
  const reader = createRingReader(ring);
  const ledger = createLedger(reader, () => parts.stage.onRelease());
  const closing = new AbortController();
  // One listener for each request that waits; Node would warn of the eleventh.
  setMaxListeners(0, closing.signal);
  const retryEvents = createRetryNotices(reader, ledger, notices, (request) =>
    parts.stage.onFailedAttempt(request),
  );
  const requestQueue = createRequestQueue(() => parts.stage.isUrgent());
  const transport = createRetryingTransport(http, {
    ...retryEvents,
    scheduler,
    queue: requestQueue,
    closing: closing.signal,
    retryWindowMs: options.retryWindowMs,
  });
  const parts: PipelineParts = {
    reader,
    ledger,
    notices,
    destination,
    sideLane: lane,
    closing,
    requestQueue,
    retryEvents,
    transport,
    sending: 0,
    isDetached: false,
    stage: {
      onRelease: () => notifyHead(reader.words),
      onFailedAttempt: () => {},
      isUrgent: () => false,
    },
  };
  return parts;
}

export function exporterContextOf(parts: PipelineParts): ExporterContext {
  const { reader, notices, transport, destination } = parts;
  return {
    decode: decodePart,
    send: (request, read) => {
      parts.sending++;
      return transport.send(toHttpRequest(request), read).finally(() => {
        parts.sending--;
      });
    },
    count: (total) => parts.isDetached || Atomics.add(reader.counters, TOTALS[total], 1n),
    warning: (topic, text) => void notices.warning(warningOf(topic, text), topic),
    stillAlive: () => beat(reader.words),
    apart: (work) => outsideOfRecord(reader, work),
    load: destination.loader.loadModule,
  };
}

export function closeParts({ closing, reader }: PipelineParts): void {
  closing.abort();
  endWatch(reader.words);
}
