/** A way to deliver one request. Decorators add to it without knowing what is beneath. */
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
  /** As it goes on the wire: compressed, if it is. In pieces. */
  readonly body: readonly Uint8Array[];
  readonly extraTimeMs?: number | undefined;
  readonly tls?: TlsIdentity | undefined;
  readonly guard?: AddressGuard | undefined;
  readonly calledHost?: string | undefined;
  /** Of the records in it; none for what is sent beside the batches. */
  readonly lane?: string;
}

/** Throws at what an exporter of the user's own may get wrong. */
export function toTransportRequest(request: ExportRequest): TransportRequest {
  const { method = 'POST', url, headers, body, extraTimeMs, tls, guard, calledHost } = request;
  const pieces = body instanceof Uint8Array ? [body] : body;
  if (!Array.isArray(pieces) || !pieces.every((piece) => piece instanceof Uint8Array)) {
    throw new TypeError('body must be a Uint8Array or an array of them');
  }
  return { method, url, headers, body: pieces, extraTimeMs, tls, guard, calledHost };
}

/** Turns an answer into what it means for the request that got it. */
export type ReadOutcome = (response: {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Uint8Array;
}) => ExportOutcome;

export interface Transport {
  /** Never rejects: every fault is an outcome. */
  send(request: TransportRequest, read: ReadOutcome, signal?: AbortSignal): Promise<ExportOutcome>;
  close(): Promise<void>;
}
