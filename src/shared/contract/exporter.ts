/**
 * The contract of an exporter: a module, loaded in the worker, that turns events into HTTP requests, or delivers them over a
 * connection of its own.
 *
 * The engine does not know what an event means; an exporter does not know of rings, retries or sockets. A module of your own
 * exports `createExporter`, and the engine gets its URL: `exporter: { url, options }`.
 */

/** One event in its wire format. Its size is known, so batches are cut to the exact byte. */
export interface EncodedRecord {
  /** Records of different lanes (say, spans and scores) never share a request, nor a back-off. */
  readonly lane: string;
  /** Names the event in messages. */
  readonly id: string;
  readonly bytes: Uint8Array;
  /**
   * The event counts as sent once this has resolved as well, unless later events need its space on the ring. For parts of the
   * event that are sent by other requests.
   */
  readonly settlesAfter?: Promise<unknown>;
}

export interface ExportRequest {
  /** @default 'POST' */
  readonly method?: 'POST' | 'PUT' | 'PATCH';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For a server that requires, or has, certificates of its own. Must be the same object for each request. */
  readonly tls?: TlsIdentity;
  /** In one piece or several. Uncompressed: the engine compresses it and sets the header. */
  readonly body: Uint8Array | readonly Uint8Array[];
  /** false: the server takes no compressed body, whatever the option `compression` is. @default true */
  readonly compressible?: boolean;
  /** Checks the host's addresses. Must be the same function for each request, as connections are pooled by it. @default none */
  readonly guard?: AddressGuard | undefined;
  /** The host's name in messages, if the URL comes from a server. @default the URL's host */
  readonly calledHost?: string | undefined;
  /** Added to the engine's time-out of each attempt, for a large body. @default 0 */
  readonly extraTimeMs?: number;
}

/** One of several places that the requests of a lane may go to. Takes the place of these parts of a request. */
export interface ExportEndpoint {
  /** Identifies the endpoint: requests to it share a back-off. */
  readonly url: string;
  /** Added to the headers of the request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Must be the same object each time. */
  readonly tls?: TlsIdentity | undefined;
}

/** Called with each address that a request may go to. Returns why it must not; undefined: it may. */
export type AddressGuard = (address: string, port: number) => string | undefined;

/** PEM. */
export interface TlsIdentity {
  /** Of the authorities to trust, instead of the usual ones; an empty list: none. */
  readonly ca?: string | readonly string[] | undefined;
  /** Of the client. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface ExportResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** At most the first 4 MiB. May be HTML, empty or garbage, whatever the status is. */
  readonly body: Uint8Array;
}

/** A batch for an exporter that owns its connection: made once, delivered in as many attempts as it takes. */
export interface ExportPayload {
  /**
   * The server's address, such as `redis://127.0.0.1:6379`. Messages show its host alone; `compression: 'auto'` asks whether the
   * host is near.
   */
  readonly url: string;
  /** In one piece or several. Uncompressed: the engine compresses it, once for all attempts. */
  readonly body: Uint8Array | readonly Uint8Array[];
  /** false: it is not to be compressed, whatever the option `compression` is. @default true */
  readonly compressible?: boolean;
}

/** One attempt to deliver a payload. */
export interface ExportAttempt {
  /** The payload's body, compressed or not. The same bytes in each attempt. */
  readonly body: readonly Uint8Array[];
  readonly encoding: 'gzip' | 'identity';
  /** Aborts when the attempt has taken as long as `requestTimeoutMs` allows: the engine has gone on, and may try again. */
  readonly signal: AbortSignal;
}

/** The outcome of one attempt. A union, not exceptions, as it crosses threads. */
export type ExportOutcome =
  | { readonly kind: 'success' }
  /** The server refused some records and took the others. Indices are into the batch's records. */
  | { readonly kind: 'partial'; readonly refused: readonly RefusedRecord[] }
  /** The server refused `count` of the records for good, without saying which. It took the others. */
  | { readonly kind: 'rejected'; readonly count: number; readonly reason: string }
  /** May succeed later, not before `retryAfterMs` if the server names a time. */
  | {
      readonly kind: 'retryable';
      readonly reason: string;
      readonly retryAfterMs?: number;
      /**
       * A configuration problem (key, address, certificate): it is retried with long back-off, and a shutdown does not wait for
       * it. @default false
       */
      readonly misconfigured?: boolean;
    }
  /** The server does not take a body of this size: the batch is sent again in halves. */
  | { readonly kind: 'too-large'; readonly reason: string }
  /** The server will never take it. */
  | { readonly kind: 'failure'; readonly reason: string };

export interface RefusedRecord {
  readonly index: number;
  readonly reason: string;
  /** Whether the server may take this record if it is sent again. */
  readonly retryable: boolean;
}

/**
 * Has `encode` or `encodeBytes`, and `bodyBytes` or `measureBody`. If it has both, the latter is used. It delivers over HTTP by
 * `request` and `outcome`, or over a connection of its own by `payload` and `deliver`, which are used if it has both pairs.
 */
export interface Exporter {
  /** Turns one event into its wire format. If it throws, the event counts as failed. */
  encode?(event: unknown): EncodedRecord;
  /**
   * The same for an exporter that reads the event's bytes (event/event-format) itself, which saves decoding them to JavaScript
   * values. The bytes are valid until it returns.
   */
  encodeBytes?(event: Buffer): EncodedRecord;
  /**
   * Encodes an event at which workers have died or were stuck, without reading its payloads: each is replaced by a text, as when
   * masking fails. Without this method such an event fails.
   */
  encodeWithheld?(event: Buffer): EncodedRecord;
  /** Exact size in bytes of the request body for `count` records of `recordBytes` bytes in all. */
  bodyBytes?(lane: string, count: number, recordBytes: number): number;
  /**
   * For a body whose size depends on more than count and bytes. Called when a batch begins. The returned function is called with
   * each record, and returns the exact size of the body with all records so far. The last record may go into the next batch
   * instead.
   */
  measureBody?(lane: string): (record: EncodedRecord) => number;
  /** The server's limit for one body, by lane. @default only the option `maxBatchBytes` limits it */
  readonly maxBodyBytes?: Readonly<Record<string, number>>;
  /**
   * Identifies the format and destination of records on disk (option `spoolDir`), across processes. Only an exporter with the same
   * identity sends them. @default the URL of its module
   */
  readonly spoolIdentity?: string;
  request?(lane: string, records: readonly EncodedRecord[]): ExportRequest;
  /** `endpoint`: which one has answered, if `endpoints` names several. */
  outcome?(
    lane: string,
    records: readonly EncodedRecord[],
    response: ExportResponse,
    endpoint?: ExportEndpoint,
  ): ExportOutcome;
  /** Why records of this lane can be sent nowhere, if so: they fail with this reason, and no request is made. */
  refusal?(lane: string): string | undefined;
  /**
   * The endpoints of a lane, in order of preference, for an exporter over HTTP. A request goes to the first one that works: what one
   * of them refuses for now goes to the next at once. Each has a circuit breaker, and gets a probe now and then while it does not work.
   * @default none: requests go where they say
   */
  endpoints?(lane: string): readonly ExportEndpoint[] | undefined;
  /** The body of a batch that `deliver` is to deliver. */
  payload?(lane: string, records: readonly EncodedRecord[]): ExportPayload;
  /**
   * Makes one attempt to deliver a batch. The engine decides when: up to `maxInFlight` at a time, those of a lane with one back-off
   * and one circuit breaker. Resolve with what became of the batch, as `outcome` returns it; a rejection counts as `retryable`. An
   * attempt that is cut off may have arrived, and the batch is sent again: give it a name that is the same for the same bytes, so that
   * the server can drop the repeat. The bytes of `records` may be used again after the attempt.
   */
  deliver?(lane: string, records: readonly EncodedRecord[], attempt: ExportAttempt): Promise<ExportOutcome>;
  /** Ends the exporter's connections. Called once, when it delivers nothing more; nobody waits for it. */
  close?(): void;
  /**
   * The records have come to their end, and nothing reads their bytes any more: their memory may be used again. It is not called for
   * records of an uncompressed request that the server has not accepted as a whole, as the network may still read them, nor for those that go to
   * disk while they wait for a request.
   */
  recycle?(lane: string, records: readonly EncodedRecord[]): void;
}

/** An exporter that delivers over HTTP. */
export type HttpExporter = Exporter & Required<Pick<Exporter, 'request' | 'outcome'>>;

/** What the engine offers to an exporter. */
export interface ExporterContext {
  /** Decodes an event, or one value in it. Never throws: a part that cannot be decoded becomes a placeholder. */
  decode(bytes: Uint8Array): unknown;
  /**
   * Sends a request besides those of the batches, uncompressed, with the engine's time-outs and retries. Resolves to the result
   * of `read` for the last answer, or to the reason why there was none. Never rejects.
   */
  send(request: ExportRequest, read: (response: ExportResponse) => ExportOutcome): Promise<ExportOutcome>;
  /** Adds one to a total in `Counts`. */
  count(total: 'truncated' | 'mediaFailed'): void;
  /** Warns the application. A repeated `topic` is reported only now and then. */
  warning(topic: string, message: string): void;
  /**
   * To be called now and then during long work on one event or batch. Otherwise the worker is considered stuck after
   * `workerStuckMs`, and ended.
   */
  stillAlive(): void;
  /**
   * Runs work that takes long and is not about the current event, such as loading a module. If the worker dies or is stuck
   * meanwhile, the event is not to blame.
   */
  apart<T>(work: () => T): T;
  /** Imports a module that the application names. Also rejects if workers have died while loading it. */
  load<M>(url: string): Promise<M>;
}

/** The required export of an exporter's module. `options` are the application's, structured-cloned. */
export type CreateExporter = (options: unknown, context: ExporterContext) => Exporter | Promise<Exporter>;
