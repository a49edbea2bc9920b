/** Messages of the engine on the application's thread: room for events, the worker, attached threads, the end. */
import type { Table } from '../entry.js';
import { counted, shownBytes } from '../quantities.js';

export const ENGINE = {
  /** The ring has no room: the server, or the worker, is slower than the application. Counted in `dropped['ring-full']`. */
  TAILRACE_RING_FULL: {
    level: 'warning',
    text: (ringBytes: number) => `dropping events: the ring is full (${shownBytes(ringBytes)})`,
    remedy: 'Raise `ringBytes`, or slow down: await ready() before you trace more',
    docs: 'delivery',
  },
  /** Events of more than an eighth of the ring go beside it, and there is no room for more of them. Counted in `dropped['side-lane-full']`. */
  TAILRACE_SIDE_LANE_FULL: {
    level: 'warning',
    text: (sideLaneBytes: number) =>
      `dropping events: the memory for large events is full (${shownBytes(sideLaneBytes)})`,
    remedy: 'Raise `sideLaneBytes`, or slow down: await ready() before you trace more',
    docs: 'large-events',
  },
  /** One event is larger than all memory for large events. Counted in `dropped['too-large']`. */
  TAILRACE_EVENT_TOO_LARGE: {
    level: 'warning',
    text: (sideLaneBytes: number) =>
      `dropping events: one is larger than the memory for large events (${shownBytes(sideLaneBytes)})`,
    remedy: 'Raise `sideLaneBytes`, or trace less of it',
    docs: 'large-events',
  },
  /** An event cannot be serialised at all, not even with placeholders. Counted in `dropped.unserializable`. */
  TAILRACE_EVENT_UNSERIALIZABLE: {
    level: 'warning',
    text: () => 'dropping events: one cannot be serialised',
    remedy: 'Look for an object whose properties throw when they are read',
    docs: 'handles',
  },
  /** There is room again. Between this message and the one before it, events were dropped. */
  TAILRACE_ACCEPTING_AGAIN: {
    level: 'warning',
    text: (dropped: number) => `events are accepted again; dropped so far: ${dropped}`,
    docs: 'delivery',
  },
  /** Three quarters of the room for events are in use. Reported once, until at most half is. */
  TAILRACE_HIGH_WATER: {
    level: 'info',
    text: () => 'three quarters of the room for events that wait for delivery are in use',
    remedy: 'Slow down, or await ready()',
    docs: 'delivery',
  },
  /** The worker's thread ended unexpectedly. No event is lost: another worker goes on where it stopped. */
  TAILRACE_WORKER_DIED: {
    level: 'warning',
    text: (reason: string) => `the worker died (${reason}); starting another`,
    remedy:
      'If it repeats, look at the code that runs in the worker: an exporter, a `maskModule`, patterns of `redact`',
    docs: 'worker',
  },
  /** The worker makes no progress on one event. It is ended, and its successor sends that event without payloads, or skips it. */
  TAILRACE_WORKER_STUCK: {
    level: 'warning',
    text: (what: string, seconds: number) =>
      `the worker has been stuck at ${what} for ${seconds} s; another takes its place, and goes on without it`,
    remedy: 'Look at the code that runs in the worker: an exporter, a `maskModule`, patterns of `redact`',
    docs: 'worker',
  },
  /** No worker thread can be started. Delivery goes on, and takes time of the application's thread. */
  TAILRACE_WORKER_NOT_STARTED: {
    level: 'warning',
    text: (reason: string) =>
      `the worker could not start (${reason}); delivering from the application's thread`,
    remedy: 'Let the process start threads, or set `worker` to the URL of the worker file',
    docs: 'worker',
  },
  /** Delivery runs on the application's thread and failed. It is started again. */
  TAILRACE_INLINE_DELIVERY_FAILED: {
    level: 'warning',
    text: (reason: string) => `delivery from the application's thread stopped (${reason}); starting it again`,
    docs: 'worker',
  },
  /** Delivery can run neither in a worker nor on the application's thread. Events wait on the ring until they are dropped. */
  TAILRACE_DELIVERY_NOT_STARTED: {
    level: 'warning',
    text: (reason: string) => `delivery cannot start on the application's thread either (${reason})`,
    docs: 'worker',
  },
  /** The client was shut down before all was delivered. The events are counted as failed. */
  TAILRACE_UNDELIVERED_AT_SHUTDOWN: {
    level: 'error',
    text: (events: number, flushTimeoutMs: number) =>
      `shut down with ${counted(events, 'event')} undelivered after ${flushTimeoutMs} ms`,
    remedy: 'Raise the flush timeout, or set `spoolDir` to keep them on disk',
    docs: 'exit',
  },
  /** The process ended before all was delivered. The events are counted as failed. */
  TAILRACE_UNDELIVERED_AT_EXIT: {
    level: 'error',
    text: (events: number) => `the process ended with ${counted(events, 'event')} undelivered`,
    remedy: 'Await shutdown() before the end, raise `exitTimeoutMs`, or set `spoolDir`',
    docs: 'exit',
  },
  /** Events of a thread that has ended could not be delivered. Its client's owner counts them as failed. */
  TAILRACE_THREAD_UNDELIVERED: {
    level: 'error',
    text: (events: number) => `${counted(events, 'event')} of a thread that has ended undelivered`,
    docs: 'threads',
  },
  /** Events of an attached thread could not be delivered, as the owner of its client is gone. */
  TAILRACE_OWNER_GONE_UNDELIVERED: {
    level: 'error',
    text: (reason: string, events: number) =>
      `${reason}: ${counted(events, 'event')} of this thread undelivered`,
    remedy: 'End the threads before the client that they are attached to',
    docs: 'threads',
  },
  /** The client that this thread is attached to is gone, or cannot be reached. Its events are dropped from here on. */
  TAILRACE_OWNER_GONE: {
    level: 'warning',
    text: (reason: string) => `${reason}: later events of this thread are not sent`,
    remedy: 'End the threads before the client that they are attached to',
    docs: 'threads',
  },
  /** The client that this thread is attached to has not answered in time. Its worker goes on with this thread's events, and counts them. */
  TAILRACE_OWNER_NOT_ANSWERING: {
    level: 'warning',
    text: (events: number) =>
      `the client of the handle does not answer: its thread may be busy. ${counted(events, 'event')} of this thread ${events === 1 ? 'is' : 'are'} left to its worker`,
    docs: 'threads',
  },
} as const satisfies Table;
