/**
 * The contract between the two threads besides the ring: the message that starts a consumer, the calls that it answers (over
 * comlink), and the notices and further rings on a plain message port.
 *
 * Results are plain data: comlink strips errors of their class and code.
 */

import type { CodeOf, ErrorMessage, Message, WarningMessage } from '../../messages/message.js';
import type { SharedRing } from '../ring/ring-layout.js';
import type { EngineOptions } from './engine-options.js';

/** The start message of a consumer. */
export interface ConsumerInit {
  readonly shared: SharedRing;
  /** Its number among the consumers of the ring. */
  readonly workerGeneration: number;
  readonly options: ConsumerOptions;
  /** comlink answers on it. */
  readonly controlPort: MessagePortLike;
  /** To the producer: notices. From the producer: further rings that this consumer empties as well. */
  readonly workerPort: MessagePortLike;
}

/** MessagePort of node:worker_threads, without an import that edge runtimes lack. */
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

/** The number of the ring that a consumer is started with. Rings of other threads and destinations have numbers from 1 on. */
export const OWN_RING = 0;

/** A position on one of the consumer's rings. */
export interface RingTail {
  readonly ring: number;
  readonly tail: number;
}

/** The calls that a consumer answers. Each resolves; none rejects. */
export interface ConsumerControl {
  /**
   * Resolves once every record before these positions has settled, or is spooled if it cannot be sent now. `isLast`: a shutdown
   * has begun. Until this resolves, batches that wait for a retry are tried at once, and a configuration problem fails its batch
   * at the next answer.
   */
  flush(tails: readonly RingTail[], isLast: boolean): Promise<void>;
  /** Spools the undelivered records of this ring, if there is a spool, and takes no more of its records. */
  detach(ring: number): Promise<void>;
  /** Resolves once everything in the spool has been sent, or the server takes no more of it for now. */
  replayed(): Promise<void>;
  /**
   * Ends the consumer if nothing waits: on its ring, in a batch, under way or on disk. False: something waits, and it continues.
   * Records that are published from here on are for its successor.
   */
  retire(): Promise<boolean>;
  /** Detaches all rings, and closes the connections. */
  stop(): Promise<void>;
}

/** Producer to consumer on the worker port: the ring of another thread, or of another destination. */
export interface FurtherRing {
  readonly ring: number;
  readonly shared: SharedRing;
  /** Of another destination; undefined: its records have the destination of the first ring. */
  readonly options: ConsumerOptions | undefined;
}

/** Consumer to producer on the worker port: a certificate was refused that the application's thread may trust. */
export interface CertificatesWanted {
  readonly kind: 'certificates';
}

/** The answer, as a message, so that no thread waits for the other's event loop. Null: there is nothing to take over. */
export interface TrustedCertificates {
  readonly certificates: readonly string[] | null;
}

/**
 * Consumer to producer on the worker port. `ring`: of the destination, or of the failed events. Without it, the notice is about
 * the consumer as a whole.
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
      /** Its number among such notices of the ring's consumers, for REPORT_RECEIVED. Undefined for the producer's own. */
      readonly number: number | undefined;
    });

/**
 * A batch of `records` is about to be sent (`seconds` is null), or has ended. Posted only where somebody measures exports. With a
 * failure but without seconds: the worker has ended, and so many records are no longer under way.
 */
export interface ExportNotice {
  readonly kind: 'export';
  readonly ring: number;
  readonly records: number;
  readonly seconds: number | null;
  /** Null: it was a success. */
  readonly failure: string | null;
}

/** Bits of the word DEBUG (shared/ring/ring-layout): which reports of each batch are wanted. */
export const REPORT_BATCHES = 1;
export const REPORT_EXPORTS = 2;
