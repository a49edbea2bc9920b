/** Options of the built-in otlp exporter. */

import type { UploadHost } from '../upload-hosts.js';
import type { PayloadOptions } from './redaction.js';

export type OtlpProtocol = 'http/protobuf' | 'http/json';

export interface OtlpExporterOptions extends PayloadOptions {
  /** Of the traces endpoint, path included. */
  readonly url: string;
  /** Sent with each request, with credentials. Names in any case. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** A Langfuse server is always sent protobuf. @default 'http/protobuf' */
  readonly protocol?: OtlpProtocol;
  /** No message shows them, even where a server repeats them: credentials in `headers`, as they are and encoded. */
  readonly secrets?: readonly string[];
  readonly tls?: TlsOptions;
  /** The server is a Langfuse server; without, it is a collector as the OTLP specification knows it. */
  readonly langfuse?: LangfuseDestination;
}

/** Each is PEM text, or the path of a file that holds it, which the worker reads. */
export interface TlsOptions {
  /** Of the authorities to trust, in place of the usual ones; empty: none is trusted. */
  readonly ca?: string;
  /** Of the client. */
  readonly cert?: string;
  readonly key?: string;
}

export interface LangfuseDestination {
  readonly baseUrl: string;
  /** Named in messages. */
  readonly publicKey: string;
  /** Whether media in base64 data URIs are uploaded and replaced by a reference. @default true */
  readonly mediaUpload?: boolean;
  /** Where media may be uploaded to. @default the server's own host, and what is not private */
  readonly allowedUploadHosts?: readonly UploadHost[] | undefined;
  /** Size of a span on the wire above which its largest values are cut. @default 1 MiB */
  readonly maxEventBytes?: number;
}
