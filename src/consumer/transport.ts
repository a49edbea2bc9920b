/** A way to deliver one request. Decorators add to it without knowing what is beneath. */
import type { ExportOutcome } from '../shared/exporter.js';

export interface TransportRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it goes on the wire: compressed, if it is. In pieces. */
  readonly body: readonly Uint8Array[];
}

/** Turns an answer into what it means for the request that got it. */
export type ReadOutcome = (response: {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Uint8Array;
}) => ExportOutcome;

export interface Transport {
  /** Never rejects: every fault is an outcome. */
  send(request: TransportRequest, read: ReadOutcome): Promise<ExportOutcome>;
  close(): Promise<void>;
}
