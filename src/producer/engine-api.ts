/** The interface of an engine. */
import type { Frozen } from '../event/frozen.js';
import type { EngineHandle } from '../shared/contract/attachment.js';
import type { ExportNotice } from '../shared/contract/control.js';
import type { Counts, FlushResult } from '../shared/contract/counts.js';
import type { FlushWait } from './exit/blocking-wait.js';
import type { EngineListeners } from './messages/listeners.js';
import type { Notifier } from './messages/notifier.js';
import type { WriteEvent } from './push/event-codec.js';

/** Hands events to a worker thread that batches, encodes and delivers them. Made by `createEngine`. */
export interface Engine {
  /**
   * Serialises the event into shared memory, as it is now. Never throws, never blocks, never queues on the heap.
   *
   * @param event Any value that JSON can express. Other values become a readable placeholder (`[Circular]`, …). A getter or
   * toJSON in it may be called more than once.
   * @returns false when the event was refused: there is no room, or the engine is shut down. It is counted in
   * `stats().dropped` under its reason. A `drop` event reports when loss starts and when it ends.
   */
  push(event: unknown): boolean;
  /**
   * Serialises a value that will be part of a later event, so that later changes to the value do not show. Put the result into
   * the event in place of the value.
   */
  freeze(value: unknown): Frozen;
  /**
   * @internal push() for an event that `write` serialises. Events with the same `shard`, any integer, go to the same worker.
   */
  write<T>(write: WriteEvent<T>, event: T, shard: number): boolean;
  /**
   * Resolves once everything accepted before this call has been sent, has failed or, if the server does not answer and there is
   * a `spoolDir`, is on disk. Resolves after `flushTimeoutMs` in any case, then with `pending > 0`. Never rejects.
   */
  flush(): Promise<FlushResult>;
  /**
   * flush(), then ends the worker. Events that are undelivered at the deadline are spooled, or count as failed without a
   * `spoolDir`. Configuration problems (wrong keys, an address that redirects, an untrusted certificate) are not waited for:
   * their events are spooled or fail at the next answer. Events on disk are sent until the deadline, as long as the server
   * takes them. Later pushes are refused, and later calls return the same result. Never rejects.
   */
  shutdown(): Promise<FlushResult>;
  /**
   * Resolves once at most half of the ring and of the side lane is in use. A producer that outruns the server can wait for it
   * instead of losing events: `await engine.ready()` before a push that must not be refused.
   */
  ready(): Promise<void>;
  /**
   * flush() for code that cannot await: blocks this thread. Events that have not settled in time are `pending`.
   *
   * @param timeoutMs The longest that it may block. @default `exitTimeoutMs`
   */
  flushSync(timeoutMs?: number): FlushResult;
  /** @internal The first half of flushSync(): asks the worker, and returns what to wait for. */
  beginFlushSync(): readonly FlushWait[];
  /** The current counts, including attached threads. Costs a few loads from shared memory. */
  stats(): Counts;
  /**
   * A handle for other threads of the process, which push events through this engine's worker by `attachEngine(handle)` from
   * 'tailrace/engine'. It is plain data for `workerData` or a message, and works for any number of threads.
   */
  handle(): EngineHandle;
  /**
   * Adds a listener. `error`: events have failed. `drop`: loss at push() has started or ended. `highWater`: room for events runs
   * out. `warning`: other problems. Listeners get the text and `{ code, … }` (`MessageCode`). Messages of a kind without a
   * listener go to the option `logger`, else to the console, from `logLevel` on. Channels of node:diagnostics_channel get all
   * messages (see `ChannelMessages`). Returns a function that removes the listener.
   */
  on<K extends keyof EngineListeners>(kind: K, listener: EngineListeners[K]): () => void;
  /** Turns reports of each batch, to listeners for `debug`, on or off. @default whether `logLevel` is 'debug' */
  debug(enabled: boolean): void;
  /** @internal Counts an event of a client that is shut down while others are open, and reports it to that client's notifier. */
  refuse(notifier: Notifier): false;
  /** @internal Whether it runs no worker, and nothing waits for one. */
  isIdle(): boolean;
  /** @internal Calls `listener` for each batch, when it is about to be sent and when it has ended. */
  onExport(listener: (notice: ExportNotice) => void): void;
}
