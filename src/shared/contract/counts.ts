/** The counts of events by outcome, which flush(), shutdown() and stats() return. */

/** Why push() refused an event. An accepted event is never dropped: it is sent, or it fails. */
export const DROP_REASONS = [
  /** The ring is full, as the server is slower than the application. */
  'ring-full',
  /** The side lane for large events is full. It is bounded in bytes, like the ring. */
  'side-lane-full',
  /** One event is larger than the whole side lane. */
  'too-large',
  /** The event cannot be serialised at all, not even with placeholders. */
  'unserializable',
  /** push() was called after shutdown(). */
  'closed',
  /** As many spans are pending as the span processor's `maxQueueSize` allows. */
  'queue-full',
  /** The span processor's `shouldExportSpan` threw: the span may not have been meant to leave. */
  'filter-failed',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/**
 * Totals since the engine was created. `accepted = sent + failed + spooled + pending` holds whenever they are read. Every event
 * that was pushed is either in `accepted` or in one reason of `dropped`.
 */
export interface Counts {
  /** Events that push() took. */
  accepted: number;
  /**
   * Events that the server has acknowledged. They are counted in the order in which they were accepted, so an event that is being
   * retried delays the count of later events, but not their delivery.
   */
  sent: number;
  /** Events that the server refused, that were dropped after retries, or that were undelivered at shutdown. */
  failed: number;
  /** Events that push() refused, by reason; `total` is their sum. */
  dropped: { total: number } & Partial<Record<DropReason, number>>;
  /** Retries of requests. */
  retried: number;
  /**
   * Events on disk (option `spoolDir`) that are not delivered yet. They move to `sent` or `failed` when this process sends them. At
   * its end, the rest is left to the next process.
   */
  spooled: number;
  /** Events of earlier processes that were found in `spoolDir` and sent. They are in no other count. */
  recovered: number;
  /**
   * Events of earlier processes that were found in `spoolDir` and lost: refused by the server, removed to make room for newer ones,
   * or in a damaged file. They are in no other count.
   */
  unrecovered: number;
  /** Accepted events that are neither sent, failed nor spooled yet. */
  pending: number;
  /** Bytes of the acknowledged request bodies, before compression. */
  bytes: number;
  /** Events whose largest values were truncated to fit `maxEventBytes`. */
  truncated: number;
  /** Media that could not be uploaded. Their events were sent without them. */
  mediaFailed: number;
}

export type FlushResult = Counts;
