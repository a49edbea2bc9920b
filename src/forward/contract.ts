/** The contract of the forwarder: a source of batches that outlives the process, and a target that takes them. */
import type { Entry } from '../exporters/streams/entry.js';
import type { ExportOutcome } from '../shared/contract/exporter.js';

/** A batch as the producer has made it, or a part of one. */
export interface Batch extends Entry {
  /**
   * When it came into the source, in microseconds since 1970: rises with each entry, and stays the same however often the entry is taken.
   * Undefined: the source does not know. Decides between two versions of one event, where the target has no order of its own.
   */
  readonly addedUs?: number | undefined;
}

/** An entry of a source that this forwarder has taken: nobody else gets it as long as it is extended. */
export interface Taken {
  /** Names it, also in messages: the stream and the entry's number. */
  readonly name: string;
  readonly content:
    | { readonly kind: 'batch'; readonly batch: Batch }
    /** A batch with the same `id` was delivered lately. */
    | { readonly kind: 'duplicate'; readonly batch: Batch }
    | { readonly kind: 'unreadable'; readonly reason: string };
  /** How often it was taken, this time included, without coming to an end. */
  readonly attempts: number;
}

/** What is put aside with its reason, for people to look at. */
export interface DeadLetter {
  readonly reason: string;
  /** A part of the batch. @default the whole entry as it is */
  readonly part?: Batch;
}

/** Of all entries of a source, whoever has taken them. */
export interface Lag {
  /** Entries that are not delivered yet, by stream. */
  readonly streams: readonly { readonly name: string; readonly entries: number; readonly pending: number }[];
  /** Entries that were put aside. */
  readonly dead: number;
  /** Age of the oldest entry that somebody has taken and not delivered. */
  readonly oldestMs: number;
}

/**
 * Where batches come from. Each call may reject with a `SourceFault`, and is then made again: acknowledging twice, say, must do no harm.
 * Of entries that nobody extends, `claim` gives those of dead forwarders to living ones.
 */
export interface Source {
  /** Without user and password. */
  readonly url: string;
  /** Entries that nobody has taken yet, about `max`, or also those of dead forwarders. Does not wait for any. */
  read(max: number): Promise<readonly Taken[]>;
  /** Entries whose forwarder has not extended them, unless `read` gives them too. */
  claim(max: number): Promise<readonly Taken[]>;
  /** Says that this forwarder still works on them. */
  extend(taken: readonly Taken[]): Promise<void>;
  /** The entry is gone from the source. `isDelivered`: later batches with its `id` are duplicates. */
  acknowledge(taken: Taken, isDelivered: boolean): Promise<void>;
  /** Puts aside. The entry itself stays until it is acknowledged. Returns how many older letters had to go. */
  putAside(taken: Taken, letter: DeadLetter): Promise<number>;
  /** Gives entries back, for others to claim at once. */
  release(taken: readonly Taken[]): Promise<void>;
  /** Puts the dead letters back among the others. Returns their number. */
  replayDead(): Promise<number>;
  lag(): Promise<Lag>;
  close(): Promise<void>;
}

/** The source is away or refuses. */
export class SourceFault extends Error {
  readonly misconfigured: boolean;

  constructor(message: string, misconfigured: boolean) {
    super(message);
    this.misconfigured = misconfigured;
  }
}

/** Where batches go. */
export interface Target {
  /** Its address, for messages and for the circuit breaker. */
  readonly url: string;
  /** One attempt. Never rejects. `rejected` and `partial`: the target has taken the rest. */
  deliver(batch: Batch, signal: AbortSignal): Promise<ExportOutcome>;
  /** Batches of this lane have no place there, and are counted as skipped. */
  skips(lane: string): boolean;
  /** A part of a batch, by the indices of its events. Undefined: it cannot be divided. */
  part(batch: Batch, keep: (index: number) => boolean): Batch | undefined;
  close(): Promise<void>;
}
