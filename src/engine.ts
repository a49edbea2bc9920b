/** Public entry `tailrace/engine`: hands any event from this thread to a worker that delivers it. */
import { createEventCodec, encodeCopy, encodeEvent } from './producer/event-codec.js';
import { createNotifier, type EngineListeners } from './producer/notifier.js';
import { createRingWriter, usedBytes, writeRecord } from './producer/ring-writer.js';
import { createSideLane, hasRoom, heldRecords, hold, release } from './producer/side-lane.js';
import { callConsumer, createWorkerHost, postToLane, startHost, stopHost } from './producer/worker-host.js';
import type { Notice } from './shared/control.js';
import type { Counts, DropReason, FlushResult } from './shared/counts.js';
import { type EngineInput, resolveEngineOptions } from './shared/options.js';
import {
  allocateRing,
  BYTES_SENT,
  EVENT,
  FAILED,
  maxRecordBytes,
  RETRIED,
  SENT,
  SIDE,
} from './shared/ring-layout.js';

export type { EngineListeners } from './producer/notifier.js';
export type { Counts, DropReason, FlushResult } from './shared/counts.js';
export type {
  CreateExporter,
  EncodedRecord,
  Exporter,
  ExporterContext,
  ExportOutcome,
  ExportRequest,
  ExportResponse,
  RefusedRecord,
} from './shared/exporter.js';
export type { EngineInput, ExporterSource } from './shared/options.js';

/** Hands events to a worker thread that batches, encodes and delivers them. Made by `createEngine`. */
export interface Engine {
  /**
   * Serialises the event into shared memory, as it is now. Never throws, never blocks, never queues on the heap.
   *
   * @param event Any value that JSON can express; what it cannot gets a readable stand-in (`[Circular]`, …).
   * @returns false when the event was refused: there is no room, or the engine is shut down. It is counted in
   * `stats().dropped` under its reason, and a `drop` event says when loss starts and when it ends.
   */
  push(event: unknown): boolean;
  /**
   * Serialises a value that will be part of a later event, so that changes made to it meanwhile do not show.
   * The exporter receives these bytes and decodes them with `context.decode`.
   */
  freeze(value: unknown): Uint8Array;
  /**
   * Resolves once everything accepted before this call has been sent or has failed, or after `flushTimeoutMs`
   * with `pending > 0`. Never rejects.
   */
  flush(): Promise<FlushResult>;
  /**
   * flush(), then ends the worker. What the deadline left undelivered counts as failed. Later pushes are refused
   * and later calls return the same result. Never rejects.
   */
  shutdown(): Promise<FlushResult>;
  /**
   * Resolves once at most half of the ring is in use, so that a producer that outruns the server can wait instead
   * of losing events: `await engine.ready()` before a push that must not be refused.
   */
  ready(): Promise<void>;
  /** The counts as of now. Costs a few loads from shared memory. */
  stats(): Counts;
  /**
   * `error`: events have failed. `drop`: loss at push() starts or has ended. `warning`: the rest that one should
   * know. Without a listener of a kind, its messages go to the console.
   */
  on<K extends keyof EngineListeners>(kind: K, listener: EngineListeners[K]): Engine;
}

/**
 * Creates an engine. Returns at once; the worker starts behind it.
 *
 * @example
 * const engine = createEngine({ exporter: { url: new URL('./my-exporter.js', import.meta.url) } });
 * engine.push({ any: 'value' });
 * await engine.shutdown();
 *
 * @throws TypeError when `exporter` is missing. Other options that cannot be used are replaced by their defaults
 * and named in a warning.
 */
export function createEngine(input: EngineInput): Engine {
  const { options, problems } = resolveEngineOptions(input);
  const notifier = createNotifier();
  const buffer = allocateRing(options.ringBytes);
  const ring = createRingWriter(buffer);
  const maxOnRing = maxRecordBytes(options.ringBytes);
  const sideLane = createSideLane(options.sideLaneBytes);
  const sideReference = Buffer.alloc(4);
  const codec = createEventCodec();
  const dropped: Counts['dropped'] = { total: 0 };
  let accepted = 0;
  /** Events that were pending when the engine was shut down. */
  let abandoned = 0;
  let losing = false;
  let flushing: { readonly accepted: number; readonly result: Promise<FlushResult> } | undefined;
  let closing: Promise<FlushResult> | undefined;

  const host = createWorkerHost(buffer, options, {
    onNotice,
    onStart: (post) => {
      for (const record of heldRecords(sideLane)) post(record);
    },
  });
  // Not in this call, which a service makes at start-up, and not in the first push, which is on a hot path.
  setImmediate(startHost, host).unref();
  for (const problem of problems) queueMicrotask(() => notifier.warning(problem));

  function push(event: unknown): boolean {
    if (closing !== undefined) return drop('closed');
    let encoded: ReturnType<typeof encodeEvent>;
    try {
      encoded = encodeEvent(codec, event);
    } catch {
      return drop('unserializable');
    }
    const { buffer: bytes, start, end } = encoded;
    if (end - start <= maxOnRing) {
      if (!writeRecord(ring, EVENT, bytes, start, end)) return drop('ring-full');
    } else {
      const refused = pushBesideRing(bytes, start, end);
      if (refused !== undefined) return drop(refused);
    }
    accepted++;
    if (losing) endLossOnceThereIsRoom();
    return true;
  }

  function pushBesideRing(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (end - start > sideLane.maxBytes) return 'too-large';
    if (!hasRoom(sideLane, end - start)) return 'side-lane-full';
    const record = hold(sideLane, bytes, start, end);
    sideReference.writeUInt32LE(record.id);
    // The memory goes first: the consumer must find it when it reads the reference.
    postToLane(host, record);
    if (writeRecord(ring, SIDE, sideReference, 0, 4)) return undefined;
    release(sideLane, record.id);
    return 'ring-full';
  }

  function drop(reason: DropReason): false {
    dropped.total++;
    dropped[reason] = (dropped[reason] ?? 0) + 1;
    if (reason === 'closed') {
      if (dropped.closed === 1)
        notifier.warning('an event came after shutdown(); it and later ones are not sent');
    } else if (!losing) {
      losing = true;
      notifier.drop(`events are being lost, the first one for: ${reason}`, {
        reason,
        dropped: dropped.total,
      });
    }
    return false;
  }

  /** At the brim, refused and accepted events alternate: that is one loss, not many. */
  function endLossOnceThereIsRoom(): void {
    if (usedBytes(ring) > ring.capacity / 2) return;
    losing = false;
    notifier.drop(`events are accepted again; lost so far: ${dropped.total}`, { dropped: dropped.total });
  }

  function onNotice(notice: Notice): void {
    if (notice.kind === 'released') release(sideLane, notice.id);
    else if (notice.kind === 'error') notifier.error(notice.message, { events: notice.events });
    else notifier.warning(notice.message);
  }

  function stats(): Counts {
    const sent = Number(Atomics.load(ring.counters, SENT));
    const failed = Number(Atomics.load(ring.counters, FAILED)) + abandoned;
    return {
      accepted,
      sent,
      failed,
      dropped: { ...dropped },
      retried: Number(Atomics.load(ring.counters, RETRIED)),
      pending: accepted - sent - failed,
      bytes: Number(Atomics.load(ring.counters, BYTES_SENT)),
    };
  }

  function flush(): Promise<FlushResult> {
    if (closing !== undefined) return closing;
    // Calls for the same events share one round trip.
    if (flushing?.accepted !== accepted) {
      const current = {
        accepted,
        result: flushOnce().finally(() => flushing === current && (flushing = undefined)),
      };
      flushing = current;
    }
    return flushing.result;
  }

  async function flushOnce(): Promise<FlushResult> {
    const { tail } = ring;
    if (stats().pending > 0)
      await callConsumer(host, (control) => control.flush(tail), options.flushTimeoutMs);
    return stats();
  }

  function shutdown(): Promise<FlushResult> {
    closing ??= close();
    return closing;
  }

  async function close(): Promise<FlushResult> {
    await flushOnce();
    if (host.consumer !== undefined) await callConsumer(host, (control) => control.stop(), STOP_TIMEOUT_MS);
    await stopHost(host).catch(() => {});
    const { pending } = stats();
    if (pending > 0) {
      abandoned = pending;
      notifier.error(`shut down with ${pending} events undelivered after ${options.flushTimeoutMs} ms`, {
        events: pending,
      });
    }
    return stats();
  }

  async function ready(): Promise<void> {
    if (closing !== undefined) return;
    const { tail } = ring;
    if (sideLane.usedBytes > sideLane.maxBytes / 2)
      await callConsumer(host, (control) => control.flush(tail));
    else if (usedBytes(ring) > ring.capacity / 2) await callConsumer(host, (control) => control.room());
  }

  const engine: Engine = {
    push,
    freeze: (value) => encodeCopy(codec, value),
    flush,
    shutdown,
    ready,
    stats,
    on: (kind, listener) => {
      notifier.on(kind, listener);
      return engine;
    },
  };
  return engine;
}

/** Closing idle connections; what is under way at this point has had its deadline. */
const STOP_TIMEOUT_MS = 1_000;
