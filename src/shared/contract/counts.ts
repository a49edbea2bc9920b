/** What became of the events, in numbers: the answer of flush(), shutdown() and stats(). */

/** Why an event was refused by push(). Nothing that was accepted is ever dropped; it is sent or it has failed. */
export const DROP_REASONS = [
  /** The ring is full: the server is slower than the application. */
  'ring-full',
  /** Large events take a lane beside the ring, bounded in bytes as well; that lane is full. */
  'side-lane-full',
  /** One event is larger than the whole side lane. */
  'too-large',
  /** The event cannot be serialised at all, not even by stand-ins. */
  'unserializable',
  /** push() after shutdown(). */
  'closed',
  /** As many spans are pending as the span processor's `maxQueueSize` allows. */
  'queue-full',
  /** The span processor's `shouldExportSpan` threw: the span may not have been meant to leave. */
  'filter-failed',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/**
 * Totals since the engine was created. `accepted = sent + failed + spooled + pending` holds whenever they are read, and
 * every event that was offered is either in `accepted` or in one reason of `dropped`.
 */
export interface Counts {
  /** Events that push() took. */
  accepted: number;
  /**
   * Events that the server has acknowledged. They are counted in the order in which they were accepted, so one that
   * is still tried again holds up the count of those after it (not their delivery).
   */
  sent: number;
  /** Events that were given up: refused by the server, retried for too long, or undelivered at shutdown. */
  failed: number;
  /** Events that push() refused, by reason; `total` is their sum. */
  dropped: { total: number } & Partial<Record<DropReason, number>>;
  /** Requests that were tried again. */
  retried: number;
  /**
   * Events kept on disk (option `spoolDir`) and not delivered yet. They move to `sent` when this process delivers them,
   * to `failed` when they are given up; at the end of the process they are left to the next.
   */
  spooled: number;
  /** Events of earlier processes, found in `spoolDir` and sent. They are in no other count. */
  recovered: number;
  /**
   * Events of earlier processes that were in `spoolDir` and are lost: refused by the server, given up for newer ones, or in a
   * file that was damaged. They are in no other count.
   */
  unrecovered: number;
  /** Events accepted and neither sent, failed nor spooled yet. */
  pending: number;
  /** Bytes of the acknowledged request bodies, before compression. */
  bytes: number;
  /** Events whose largest values were cut to fit `maxEventBytes`. */
  truncated: number;
  /** Media that could not be uploaded; their events were sent without them. */
  mediaFailed: number;
}

export type FlushResult = Counts;
