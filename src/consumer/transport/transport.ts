/** The interface of a transport: it sends one request and returns an outcome. Decorators such as retries wrap it. */
import type {
  AddressGuard,
  ExportOutcome,
  ExportRequest,
  TlsIdentity,
} from '../../shared/contract/exporter.js';

export interface TransportRequest {
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

/** Throws if an application's exporter returned an invalid body. */
export function toTransportRequest(request: ExportRequest): TransportRequest {
  const { method = 'POST', url, headers, body, extraTimeMs, tls, guard, calledHost } = request;
  const pieces = body instanceof Uint8Array ? [body] : body;
  if (!Array.isArray(pieces) || !pieces.every((piece) => piece instanceof Uint8Array)) {
    throw new TypeError('body must be a Uint8Array or an array of them');
  }
  return { method, url, headers, body: pieces, extraTimeMs, tls, guard, calledHost };
}

/** Turns a response into the outcome of its request. */
export type ReadOutcome = (response: {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Uint8Array;
}) => ExportOutcome;

export interface Transport {
  /** Never rejects: every fault is an outcome. `signal` aborts the attempt. */
  send(request: TransportRequest, read: ReadOutcome, signal?: AbortSignal): Promise<ExportOutcome>;
  close(): Promise<void>;
}
