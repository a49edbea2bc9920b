/** Options of an engine, as an application writes them. Made by `npm run options` from the option table (src/config/table/): change it there. */
import type { ExporterSource, Logger, LogLevel } from '../option-types.js';

/** Options of `createEngine`. */
export interface EngineInput {
  /** The module that turns events into requests. */
  exporter: ExporterSource;
  /**
   * URL of an HTTP proxy for all requests; `false`: no proxy. If it cannot be used, nothing is sent, and an
   * error says so.
   * @default `HTTP_PROXY` for http, `HTTPS_PROXY` for https, else `ALL_PROXY`; requests to hosts in
   * `NO_PROXY` go without a proxy
   * @example http://user:password@proxy.example.com:3128
   */
  proxy?: string | URL | false | undefined;
  /** Events per batch; 1 sends each at once. Whole number, 1 to 100,000. @default `512` */
  flushAt?: number | undefined;
  /**
   * Longest time that an event waits for its batch to fill. Milliseconds, 1 to 86,400,000.
   * @default `5000`
   */
  flushIntervalMs?: number | undefined;
  /**
   * Deadline of one attempt, from connecting to the last byte of the response. Milliseconds, 1 to 3,600,000.
   * @default `10000`
   */
  requestTimeoutMs?: number | undefined;
  /**
   * How long a batch is retried before it counts as failed; the last attempt is made when the time is over.
   * Milliseconds, 0 to 86,400,000.
   * @default `600000`
   */
  retryWindowMs?: number | undefined;
  /**
   * Folder for batches that cannot be delivered. This process sends them later, or the next one with the same
   * folder, server and project. A relative path is relative to the working directory. Media that are uploaded
   * on their own are not kept. Without a folder such batches count as failed.
   */
  spoolDir?: string | undefined;
  /**
   * When a batch is written to `spoolDir`. `'failed'`: after `retryWindowMs`, when the server does not answer
   * and the ring is half full or a flush waits, and at shutdown. `'always'`: before it is sent, so that a
   * process that is killed loses only what the worker had not yet taken off the ring.
   * @default `'failed'`
   */
  spool?: 'failed' | 'always' | undefined;
  /**
   * Bound of `spoolDir`, over all processes that share it. A client drops its oldest events for its newest.
   * Bytes, 1 MiB to 1 TiB.
   * @default 512 MiB
   */
  maxSpoolBytes?: number | undefined;
  /**
   * Size of an encoded request body, before compression, that a batch does not exceed. Bytes, 1 KiB to 64
   * MiB.
   * @default 3 MiB
   */
  maxBatchBytes?: number | undefined;
  /**
   * Requests in flight at once. A batch that waits for its next attempt does not count. Whole number, 1 to
   * 1,024.
   * @default `16`
   */
  maxInFlight?: number | undefined;
  /**
   * Compression of request bodies with spans, in the worker. Scores and classic events are never compressed.
   * `'auto'`: gzip, but nothing to this machine, a private address, a name without a dot, or a name below
   * `local`, `internal` or `home.arpa`: there the worker's time costs more than the bytes.
   * @default `'auto'`
   */
  compression?: 'auto' | 'gzip' | 'none' | undefined;
  /**
   * `flush()` and `shutdown()` resolve after this time, with what is still pending. Milliseconds, 1 to
   * 3,600,000.
   * @default `30000`
   */
  flushTimeoutMs?: number | undefined;
  /**
   * Flushes pending events when the process ends: at exit, after an uncaught error, by a signal.
   * @default `true`
   */
  flushAtExit?: boolean | undefined;
  /**
   * How long the flush at the end of the process may hold up the exit. A worker whose thread has ended is
   * replaced at once; one without progress for half of the remaining time is ended, which leaves the rest for
   * the other events. Raise it where masks or usage estimates are slow. Milliseconds, 0 to 3,600,000.
   * @default `2000`
   */
  exitTimeoutMs?: number | undefined;
  /**
   * Flushes pending events on SIGTERM, SIGINT, SIGHUP and, on Windows, SIGBREAK, if no other handler for the
   * signal exists when it comes. The process then ends by the signal, as it would have. Your handler sees no
   * listener of tailrace on the signal. If it raises the signal again, tailrace flushes, and the process
   * ends.
   * @default `true`
   */
  handleSignals?: boolean | undefined;
  /**
   * Where the consumer runs. `true`: on a worker thread; `false`: on the calling thread, for runtimes without
   * threads; a URL or path: on a worker thread that loads that file, which is `tailrace/worker` or a copy of
   * it.
   * @default `true`
   */
  worker?: boolean | string | URL | undefined;
  /**
   * Delivery workers, each with a ring of its own; the events of one trace go to one of them. A worker
   * delivers some 40,000 events of 2 KB a second. Whole number, 1 to 64.
   * @default `1`
   */
  workers?: number | undefined;
  /**
   * Delivery workers, each with a ring of its own; the events of one trace go to one of them. A worker
   * delivers some 40,000 events of 2 KB a second. Whole number, 1 to 64.
   * @default `1`
   * @deprecated Use `workers`.
   */
  threads?: number | undefined;
  /**
   * A worker without events for this time gives its thread and memory back (between one and two times this
   * time). The next event or flush starts another. Milliseconds, 1 to 86,400,000.
   * @default `60000`
   */
  workerIdleMs?: number | undefined;
  /**
   * A worker without progress on one event or batch for this time is ended and replaced. The event is sent
   * with its payloads masked, or dropped where the exporter cannot do that. Not with `worker: false`: a
   * thread cannot watch itself. Milliseconds, 100 to 3,600,000.
   * @default `10000`
   */
  workerStuckMs?: number | undefined;
  /**
   * Limits of the worker's heap in MiB, as `new Worker` takes them: `{ maxOldGenerationSizeMb,
   * maxYoungGenerationSizeMb }`.
   * @default Node's own
   */
  resourceLimits?:
    | { maxOldGenerationSizeMb?: number | undefined; maxYoungGenerationSizeMb?: number | undefined }
    | undefined;
  /**
   * Size of the ring, rounded up to a power of two. It bounds the events that wait for delivery. Bytes, 4 KiB
   * to 1 GiB.
   * @default 16 MiB
   */
  ringBytes?: number | undefined;
  /**
   * Bound of the events that are too large for the ring (more than an eighth of it), in total. Bytes, 0 to 1
   * GiB.
   * @default 64 MiB
   */
  sideLaneBytes?: number | undefined;
  /** Messages without a listener (see `on`) are written from this level on. @default `'warn'` */
  logLevel?: LogLevel | undefined;
  /**
   * Where messages without a listener are written: pino, winston, or an object with some of the console's
   * methods.
   * @default the console
   */
  logger?: Logger | undefined;
}
