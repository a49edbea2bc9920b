/** Options of the built-in otlp exporter. */

import type { UploadHost } from '../upload-hosts.js';
import type { PayloadOptions } from './redaction.js';

export type OtlpProtocol = 'http/protobuf' | 'http/json';

export interface OtlpExporterOptions extends PayloadOptions {
  /** URL of the traces endpoint, path included. */
  readonly url: string;
  /** Sent with each request, credentials included. Names are in any case. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** A Langfuse server is always sent protobuf. @default 'http/protobuf' */
  readonly protocol?: OtlpProtocol;
  /** Credentials in `headers`, plain and encoded. No message shows them, even if a server repeats them. */
  readonly secrets?: readonly string[];
  readonly tls?: TlsOptions;
  /** For a Langfuse server. Without it the server is a collector as the OTLP specification defines it. */
  readonly langfuse?: LangfuseDestination;
}

/** Each is PEM text, or the path of a file with it, which the worker reads. */
export interface TlsOptions {
  /** Certificates of the authorities to trust in place of the usual ones; empty: no server is trusted. */
  readonly ca?: string;
  /** Certificate of the client. */
  readonly cert?: string;
  /** Key of that certificate. */
  readonly key?: string;
}

export interface LangfuseDestination {
  readonly baseUrl: string;
  /** Messages name it. */
  readonly publicKey: string;
  /** Whether media in base64 data URIs are uploaded and replaced by a reference. @default true */
  readonly mediaUpload?: boolean;
  /** Where media may be uploaded to. @default the server's own host, and what is not private */
  readonly allowedUploadHosts?: readonly UploadHost[] | undefined;
  /** Size of a span on the wire above which its largest values are cut. @default 1 MiB */
  readonly maxEventBytes?: number;
}
