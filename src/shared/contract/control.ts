/**
 * What joins the two threads besides the ring: the task that starts a consumer, the calls it answers (over comlink), and
 * the notices and further rings that travel on a plain message port.
 *
 * Results are plain data: comlink strips errors of their class and code.
 */
import type { CodeOf, ErrorMessage, Message, WarningMessage } from '../../messages/message.js';
import type { EngineOptions } from '../options.js';
import type { SharedRing } from '../ring/ring-layout.js';

/** What a consumer is started with. */
export interface ConsumerInit {
  readonly shared: SharedRing;
  /** Its number among the consumers of the ring. */
  readonly life: number;
  readonly options: ConsumerOptions;
  /** comlink answers on it. */
  readonly controlPort: MessagePortLike;
  /** Notices to the producer; from it, the rings of other threads that this consumer is to empty as well. */
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
  | 'proxy'
>;

/** The ring that a consumer is started with; those of other threads and destinations have numbers from 1 on. */
export const OWN_RING = 0;

/** A position on one of the consumer's rings. */
export interface RingTail {
  readonly ring: number;
  readonly tail: number;
}

/** The calls that a consumer answers. Each resolves; none rejects. */
export interface ConsumerControl {
  /**
   * Resolves once every record before these positions has settled, or is spooled where it cannot be sent now. `isLast`: a
   * shutdown has begun, so what waits to be tried again is tried now, and what only the application could put right is
   * given up with its next answer, until this resolves.
   */
  flush(tails: readonly RingTail[], isLast: boolean): Promise<void>;
  /** Spools what is undelivered of this ring, where there is a spool, and takes no more of its records. */
  release(ring: number): Promise<void>;
  /** Resolves once all that is in the spool has been sent, or the server takes no more of it for now. */
  replayed(): Promise<void>;
  /**
   * Ends it where nothing waits: not on its ring, in a batch, under way or on disk. False: something does, and it goes on.
   * What is published from here on is its successor's.
   */
  retire(): Promise<boolean>;
  /** Releases all rings, and closes the connections. */
  stop(): Promise<void>;
}

/** Producer to consumer on the lane port: the ring of another thread, or of another destination. */
export interface FurtherRing {
  readonly ring: number;
  readonly shared: SharedRing;
  /** Of another destination; undefined: its records go where those of the first ring go. */
  readonly options: ConsumerOptions | undefined;
}

/** Consumer to producer on the lane port: a certificate was refused that the application's thread may trust. */
export interface CertificatesWanted {
  readonly kind: 'certificates';
}

/** The answer to it, by which nobody need wait for the other's event loop; null: there is nothing to take over. */
export interface TrustedCertificates {
  readonly certificates: readonly string[] | null;
}

/**
 * Consumer to producer on the lane port. `ring`: that of the destination that it is about; without one it is about the consumer
 * as a whole. Errors have that of the events.
 */
export type Notice =
  | (WarningMessage & { readonly kind: 'warning'; readonly ring?: number })
  | (Message<CodeOf<'debug'>> & { readonly kind: 'debug'; readonly ring?: number })
  | ExportNotice
  /** `events` of this ring were counted as failed. */
  | (ErrorMessage & {
      readonly kind: 'error';
      readonly ring: number;
      readonly events: number;
      /** Among such notices of the ring's consumers, for the word HEARD; of the producer's own it has none. */
      readonly number: number | undefined;
    });

/**
 * A batch of `records` is about to be sent (`seconds` is null), or has come to an end; told where somebody measures. Without
 * seconds, but with a failure: so many are not under way any more, as their worker has ended.
 */
export interface ExportNotice {
  readonly kind: 'export';
  readonly ring: number;
  readonly records: number;
  readonly seconds: number | null;
  /** What came of it, unless it was a success. */
  readonly failure: string | null;
}

/** Bits of the word DEBUG (shared/ring/ring-layout): what is told of each batch. */
export const REPORT_BATCHES = 1;
export const REPORT_EXPORTS = 2;
