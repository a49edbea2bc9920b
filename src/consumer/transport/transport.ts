/**
 * The interface of a transport: it sends one request, over HTTP or by an exporter that owns its connection, and returns an outcome.
 * Decorators such as retries wrap it.
 */
import type {
  AddressGuard,
  ExportEndpoint,
  ExportOutcome,
  ExportRequest,
  TlsIdentity,
} from '../../shared/contract/exporter.js';

export type TransportRequest = HttpRequest | OwnRequest;

export interface HttpRequest {
  readonly method: NonNullable<ExportRequest['method']>;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes on the wire (after compression), in pieces. */
  readonly body: readonly Uint8Array[];
  readonly extraTimeMs?: number | undefined;
  readonly tls?: TlsIdentity | undefined;
  readonly guard?: AddressGuard | undefined;
  readonly calledHost?: string | undefined;
  /** Lane of the records of a batch; undefined for requests beside the batches. */
  readonly lane?: string;
}

/** A batch that its exporter delivers over a connection of its own. */
export interface OwnRequest {
  readonly url: string;
  readonly lane: string;
  /** One attempt. Never rejects. */
  readonly deliver: (signal: AbortSignal) => Promise<ExportOutcome>;
  /** Whether an attempt was cut off: nobody knows whether it still reads the body. */
  isCutOff: boolean;
}

/** Throws if an application's exporter returned an invalid body. */
export function toHttpRequest(request: ExportRequest): HttpRequest {
  const { method = 'POST', url, headers, body, extraTimeMs, tls, guard, calledHost } = request;
  return { method, url, headers, body: piecesOf(body), extraTimeMs, tls, guard, calledHost };
}

/** Throws if it is none. */
export function piecesOf(body: ExportRequest['body']): readonly Uint8Array[] {
  const pieces = body instanceof Uint8Array ? [body] : body;
  if (!Array.isArray(pieces) || !pieces.every((piece) => piece instanceof Uint8Array)) {
    throw new TypeError('body must be a Uint8Array or an array of them');
  }
  return pieces;
}

/** The same request to one of several endpoints. */
export function toEndpoint(
  request: TransportRequest,
  { url, headers, tls }: ExportEndpoint,
): TransportRequest {
  if ('deliver' in request) return request;
  return { ...request, url, headers: { ...request.headers, ...headers }, tls };
}

/** For messages. */
export function hostOf({ url }: Pick<TransportRequest, 'url'>): string {
  return URL.canParse(url) ? new URL(url).host : 'the server';
}

/** Protocol, host and port of a URL of any protocol. */
export function originOf({ url }: Pick<TransportRequest, 'url'>): string {
  if (!URL.canParse(url)) return url;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** Turns a response into the outcome of its request. `endpoint`: which one has answered, of several. */
export type ReadOutcome = (
  response: {
    status: number;
    headers: Record<string, string | string[] | undefined>;
    body: Uint8Array;
  },
  endpoint?: ExportEndpoint,
) => ExportOutcome;

export interface Transport<Request = TransportRequest> {
  /** Never rejects: every fault is an outcome. `signal` aborts the attempt. */
  send(request: Request, read: ReadOutcome, signal?: AbortSignal): Promise<ExportOutcome>;
  close(): Promise<void>;
}
