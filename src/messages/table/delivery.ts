/** Messages of delivery: requests, exporters, certificates. */
import type { Table } from '../entry.js';
import { counted, countedPlural } from '../quantities.js';

export const DELIVERY = {
  /** Events have failed for good: the server refuses them, or they were retried for too long. The text gives the server's reason. */
  TAILRACE_NOT_DELIVERED: {
    level: 'error',
    text: (what: string, ids: string, reason: string) => `${what} not delivered${ids}: ${reason}`,
    docs: 'delivery',
  },
  /** The server took a part of a batch and says only how many it did not take. */
  TAILRACE_PARTLY_REFUSED: {
    level: 'error',
    text: (refused: number, records: number, lane: string, which: string, reason: string) =>
      `${refused} of ${countedPlural(records, lane)} not taken${which}: ${reason}`,
    docs: 'delivery',
  },
  /** An exporter threw, or returned what is no record, for one event. The event is counted as failed. */
  TAILRACE_NOT_ENCODED: {
    level: 'error',
    text: (bytes: number, reason: string) =>
      `an event of ${counted(bytes, 'byte')} could not be encoded and is skipped: ${reason}`,
    docs: 'exporters',
  },
  /** A request failed for a reason that may pass. The delay grows with each failure. */
  TAILRACE_RETRYING: {
    level: 'warning',
    text: (delay: string, reason: string) => `request failed, retrying in ${delay}: ${reason}`,
    docs: 'retries',
  },
  /** Requests fail until somebody corrects a key, an address or a certificate. They are retried with long back-off; a shutdown does not wait. */
  TAILRACE_MISCONFIGURED: {
    level: 'warning',
    text: (delay: string, reason: string) => `configuration problem, retrying in ${delay}: ${reason}`,
    remedy: 'Correct the keys, the URL or the certificate',
    docs: 'retries',
  },
  /** One of several endpoints has failed a request, which goes to the next one that works. Nothing is lost. The endpoint is tried again with back-off. */
  TAILRACE_ENDPOINT_AWAY: {
    level: 'warning',
    text: (host: string, reason: string, next: string) =>
      `endpoint ${host} fails, its requests go to ${next}: ${reason}`,
    docs: 'endpoints',
  },
  /** An endpoint that was away takes requests again, and gets them. */
  TAILRACE_ENDPOINT_BACK: {
    level: 'warning',
    text: (host: string, seconds: string) => `endpoint ${host} takes requests again after ${seconds} s`,
    docs: 'endpoints',
  },
  /** After failures that were reported, the server takes requests again. */
  TAILRACE_DELIVERY_RESUMED: {
    level: 'warning',
    text: (lane: string, seconds: string, waiting: number) =>
      `delivery of ${lane} works again after ${seconds} s; ${counted(waiting, 'event')} waited`,
    docs: 'retries',
  },
  /** One event has crashed workers, or made one hang. It is sent without its payloads, which no worker reads again. */
  TAILRACE_PAYLOADS_WITHHELD: {
    level: 'warning',
    text: (lane: string, id: string, bytes: number, why: string) =>
      `one of the ${lane} (${id}, ${counted(bytes, 'byte')}) is sent without its payloads: ${why}`,
    remedy: 'Look at the code that runs in the worker: an exporter, a `maskModule`, patterns of `redact`',
    docs: 'worker',
  },
  /** The module of the option `exporter` cannot be loaded. It is tried again; events wait, then fail. */
  TAILRACE_EXPORTER_NOT_LOADED: {
    level: 'error',
    text: (fault: string) => fault,
    docs: 'exporters',
  },
  /** A warning of an exporter of the application's own. */
  TAILRACE_EXPORTER_WARNING: {
    level: 'warning',
    text: (warning: string) => warning,
    docs: 'exporters',
  },
  /** The worker cannot read one ring, such as that of an attached thread. Its events wait until they are dropped. */
  TAILRACE_RING_NOT_READ: {
    level: 'warning',
    text: (reason: string) => `a ring cannot be emptied, its events wait: ${reason}`,
    docs: 'threads',
  },
  /** The server took all spans and says something about them (OTLP's partial success without refused spans). */
  TAILRACE_SERVER_NOTE: {
    level: 'warning',
    text: (note: string) => `the server took all spans, and says: ${note}`,
    docs: 'delivery',
  },
  /** The server is a Langfuse that knows fewer types. Agents, tools, chains and the like arrive as spans. */
  TAILRACE_OLDER_SERVER: {
    level: 'warning',
    text: () =>
      'the server knows only spans, generations and events: observations of other types go as spans',
    remedy: 'Update the server',
    docs: 'delivery',
  },
  /** The stream was made with `discard: old` by somebody else, and the option `nats.full` is `refuse`. */
  TAILRACE_NATS_STREAM_TRIMS: {
    level: 'warning',
    text: (stream: string, host: string) =>
      `nats ${host}: the stream ${stream} drops its oldest entries when it is full (discard: old), which nobody counts`,
    remedy: "Set the stream's discard policy to new, or nats.full to 'trim' if that is what you want",
    docs: 'exporters',
  },
  /** A certificate or key is neither PEM nor a file that can be read. Without a readable authority no server is trusted. */
  TAILRACE_TLS_FILE_NOT_READ: {
    level: 'warning',
    text: (name: string, error: string) =>
      `the ${name} for TLS cannot be read: ${error}, for PEM text or the path of a file with it`,
    docs: 'opentelemetry',
  },
  /** The certificates do not belong together, or are none. */
  TAILRACE_TLS_INVALID: {
    level: 'warning',
    text: (reason: string) => `the certificates for TLS cannot be used: ${reason}`,
    docs: 'opentelemetry',
  },
  /** One batch, with what became of it: while debugging is on. */
  TAILRACE_BATCH: {
    level: 'debug',
    text: (records: number, lane: string, bytes: number, outcome: string, ms: number) =>
      `${countedPlural(records, lane)}, ${bytes} bytes: ${outcome} after ${ms} ms`,
    docs: 'listeners',
  },
} as const satisfies Table;
