/**
 * The contract of an exporter: the module, loaded in the worker, that turns events into requests.
 *
 * The engine knows nothing of what an event means; an exporter knows nothing of rings, retries or sockets.
 * A module of your own exports `createExporter` and is named by URL: `exporter: { url, options }`.
 */

/** One event in its wire format. Its size is known from here on, so batches are cut to the exact byte. */
export interface EncodedRecord {
  /** Records of different lanes never share a request (say, spans and scores), nor a back-off. */
  readonly lane: string;
  /** Names the event in a log line. */
  readonly id: string;
  readonly bytes: Uint8Array;
  /**
   * The event counts as sent no sooner than this has resolved, unless later events need its room on the ring: what belongs
   * to it goes another way.
   */
  readonly settlesAfter?: Promise<unknown>;
}

export interface ExportRequest {
  /** @default 'POST' */
  readonly method?: 'POST' | 'PUT' | 'PATCH';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For a server that wants, or has, certificates of its own. The same object for each request. */
  readonly tls?: TlsIdentity;
  /** In one piece or several. Uncompressed; the engine compresses it and says so in the headers. */
  readonly body: Uint8Array | readonly Uint8Array[];
  /** false: the server takes no compressed body, whatever the application's options say. @default true */
  readonly compressible?: boolean;
  /** Without, the host may be at any address. The same function for each request: connections are kept by it. */
  readonly guard?: AddressGuard | undefined;
  /** What messages call the host, where the URL is the word of a server. @default the URL's host */
  readonly calledHost?: string | undefined;
  /** What one attempt may take beyond the engine's time-out, for a body that is large. @default 0 */
  readonly extraTimeMs?: number;
}

/** Asked of each address that a request may go to. Returns why it must not; undefined: it may. */
export type AddressGuard = (address: string, port: number) => string | undefined;

/** PEM. */
export interface TlsIdentity {
  /** Of the authorities to trust, in place of the usual ones; an empty list: none. */
  readonly ca?: string | readonly string[] | undefined;
  /** Of the client. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface ExportResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** At most the first 4 MiB. May be HTML, empty or garbage, whatever the status says. */
  readonly body: Uint8Array;
}

/** What a server made of one request. A union, not exceptions: it crosses threads. */
export type ExportOutcome =
  | { readonly kind: 'success' }
  /** Some records were refused; the others were taken. Indices are into the request's records. */
  | { readonly kind: 'partial'; readonly refused: readonly RefusedRecord[] }
  /** The server has refused `count` of the records for good and does not say which; it took the others. */
  | { readonly kind: 'rejected'; readonly count: number; readonly reason: string }
  /** Worth another try, not before `retryAfterMs` where the server names a time. */
  | {
      readonly kind: 'retryable';
      readonly reason: string;
      readonly retryAfterMs?: number;
      /**
       * Somebody has to put something right (a key, an address, a certificate): it is tried on, slowly, but a shutdown
       * does not wait for it. @default false
       */
      readonly misconfigured?: boolean;
    }
  /** The server takes no body of this size: the batch is sent again in halves. */
  | { readonly kind: 'too-large'; readonly reason: string }
  /** Will never be taken. */
  | { readonly kind: 'failure'; readonly reason: string };

export interface RefusedRecord {
  readonly index: number;
  readonly reason: string;
  /** Whether the server may take this record if it is sent again. */
  readonly retryable: boolean;
}

/** With one of `encode` and `encodeBytes`, and one of `bodyBytes` and `measureBody`; the latter comes first. */
export interface Exporter {
  /** Turns one event into its wire format. An exception means: this event cannot be sent (counted as failed). */
  encode?(event: unknown): EncodedRecord;
  /**
   * The same for an exporter that reads the event's bytes (event/event-format) itself, and spares the way over
   * JavaScript values. They are valid until it returns.
   */
  encodeBytes?(event: Buffer): EncodedRecord;
  /**
   * Encodes an event on which workers have died or stood still, without a look at its payloads: each is replaced by a text, as
   * where masking fails. Without it such an event is given up.
   */
  encodeWithheld?(event: Buffer): EncodedRecord;
  /** Exact size in bytes of the request body for `count` records of `recordBytes` bytes in all. */
  bodyBytes?(lane: string, count: number, recordBytes: number): number;
  /**
   * For a body whose size is more than a matter of count and bytes. Called when a batch begins; what it returns is called
   * with each of its records, and returns the exact size of the body with all of them so far. The last one may go into
   * the next batch instead.
   */
  measureBody?(lane: string): (record: EncodedRecord) => number;
  /** The most that the server takes in one body, by lane; without, the application's `maxBatchBytes` alone bounds it. */
  readonly maxBodyBytes?: Readonly<Record<string, number>>;
  /**
   * What records on disk are for, in whatever process (option `spoolDir`): the form of their bytes and where they go. Only
   * an exporter that says the same sends them. @default the URL of its module
   */
  readonly spoolIdentity?: string;
  request(lane: string, records: readonly EncodedRecord[]): ExportRequest;
  outcome(lane: string, records: readonly EncodedRecord[], response: ExportResponse): ExportOutcome;
}

/** What the engine hands to an exporter. */
export interface ExporterContext {
  /** Decodes an event, or one value in it. Never throws: what cannot be decoded gets a stand-in. */
  decode(bytes: Uint8Array): unknown;
  /**
   * Sends a request besides those of the batches, uncompressed, with the engine's time-outs and retries. Never rejects:
   * what `read` makes of the last answer comes back, or why there was none.
   */
  send(request: ExportRequest, read: (response: ExportResponse) => ExportOutcome): Promise<ExportOutcome>;
  /** Adds one to a total in `Counts`. */
  count(total: 'truncated' | 'mediaFailed'): void;
  /** Tells the application; a repeated `topic` only now and then. */
  warning(topic: string, message: string): void;
  /**
   * To be called now and then in the midst of long work on one event or batch: a worker that has shown no life for long is
   * taken to be stuck (option `workerStuckMs`), and ended.
   */
  stillAlive(): void;
  /**
   * Runs work that is not the event's own, and takes long once, such as loading a module: meanwhile the event is to blame for
   * nothing.
   */
  apart<T>(work: () => T): T;
  /** Imports a module that the application names. Rejects as well where workers have died of that. */
  load<M>(url: string): Promise<M>;
}

/** The export that a module must have. `options` is what the application gave, structured-cloned. */
export type CreateExporter = (options: unknown, context: ExporterContext) => Exporter | Promise<Exporter>;
