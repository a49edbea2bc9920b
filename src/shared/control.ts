/**
 * What joins the two threads besides the ring: the task that starts a consumer, the calls it answers (over
 * comlink), and the notices and large events that travel on a plain message port.
 *
 * Results are plain data: comlink strips errors of their class and code.
 */
import type { EngineOptions } from './options.js';

/** What a consumer is started with. */
export interface ConsumerInit {
  readonly ring: SharedArrayBuffer;
  /** Its number among the consumers of the ring. */
  readonly life: number;
  readonly options: ConsumerOptions;
  /** comlink answers on it. */
  readonly controlPort: MessagePortLike;
  /** Notices to the producer, large events from it. */
  readonly lanePort: MessagePortLike;
}

/** node:worker_threads' MessagePort, which this room must not import. */
export type MessagePortLike = import('node:worker_threads').MessagePort;

export type ConsumerOptions = Pick<
  EngineOptions,
  | 'exporter'
  | 'flushAt'
  | 'flushIntervalMs'
  | 'maxBatchBytes'
  | 'maxInFlight'
  | 'compression'
  | 'requestTimeoutMs'
  | 'retryWindowMs'
  | 'spoolDir'
  | 'spool'
  | 'maxSpoolBytes'
>;

/** The calls that a consumer answers. Each resolves; none rejects. */
export interface ConsumerControl {
  /**
   * Resolves once every record before ring position `tail` has settled, or is spooled where it cannot be sent now. `isLast`: a shutdown has begun, so what waits
   * to be tried again is tried now, and what only the application could put right is given up with its next answer.
   */
  flush(tail: number, isLast: boolean): Promise<void>;
  /** Resolves once at most half of the ring is in use. */
  room(): Promise<void>;
  /** Resolves once all that is in the spool has been sent, or the server takes no more of it for now. */
  replayed(): Promise<void>;
  /** Spools what is undelivered, where there is a spool; stops taking records and closes the connections. */
  stop(): Promise<void>;
}

/** Producer to consumer on the lane port: an event too large for the ring, in memory that both share. */
export interface SideRecord {
  readonly id: number;
  readonly bytes: SharedArrayBuffer;
}

/** Consumer to producer on the lane port. */
export type Notice =
  /** Records beside the ring have settled: their memory can go. */
  | { readonly kind: 'released' }
  | { readonly kind: 'warning' | 'debug'; readonly message: string }
  | ExportNotice
  /** `events` were counted as failed. */
  | { readonly kind: 'error'; readonly message: string; readonly events: number };

/** A batch of `records` is about to be sent (`seconds` is null), or has come to an end; told where somebody measures. */
export interface ExportNotice {
  readonly kind: 'export';
  readonly records: number;
  readonly seconds: number | null;
  /** What came of it, unless it was a success. */
  readonly failure: string | null;
}

/** Bits of the word DEBUG (shared/ring-layout): what is told of each batch. */
export const REPORT_BATCHES = 1;
export const REPORT_EXPORTS = 2;
