/** Options of the two built-in otlp exporters: for OpenTelemetry's spans, and for the records of a client. */

import type { LangfuseExporterOptions } from '../langfuse-options.js';
import type { UploadHost } from '../upload-hosts.js';
import type { PayloadOptions } from './redaction.js';

/** An address, or an endpoint with credentials of its own. */
export type OtlpAddress = string | URL | OtlpEndpoint;

/** One of several endpoints. What it does not set is that of all of them. */
export interface OtlpEndpoint {
  /** `http://…` or `https://…`. Without a path it gets `/v1/traces`; user and password become a header. */
  readonly url: string | URL;
  /** Headers for this endpoint alone. They win over those of all endpoints. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Certificates of the authorities to trust: PEM text, or a path. */
  readonly certificate?: string | undefined;
  /** Certificate of the client: PEM text, or a path. */
  readonly clientCertificate?: string | undefined;
  /** Key of that certificate. */
  readonly clientKey?: string | undefined;
}

/** How several endpoints share the requests: the first that works gets all, or each trace has its own. */
export type OtlpBalance = 'failover' | 'trace';

/** The option `otlp` of a client. */
export interface OtlpOptions {
  /**
   * Address of an OTLP endpoint (a collector), or 1 to 8 of them. An address without a path gets `/v1/traces`.
   * @default `OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT`, then `http://localhost:4318/v1/traces`
   */
  readonly endpoint?: string | URL | readonly OtlpAddress[] | undefined;
  /**
   * With several endpoints. `failover`: all goes to the first one that works. `trace`: each trace goes to one of them, by its id; the
   * traces of one that does not work go to others.
   * @default 'failover'
   */
  readonly balance?: OtlpBalance | undefined;
  /** Headers of each request. @default `OTEL_EXPORTER_OTLP_[TRACES_]HEADERS`, merged key by key */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Certificates of the authorities to trust in place of the usual ones. @default `OTEL_EXPORTER_OTLP_[TRACES_]CERTIFICATE` */
  readonly certificate?: string | undefined;
  /** Certificate of the client. @default `OTEL_EXPORTER_OTLP_[TRACES_]CLIENT_CERTIFICATE` */
  readonly clientCertificate?: string | undefined;
  /** Key of that certificate. @default `OTEL_EXPORTER_OTLP_[TRACES_]CLIENT_KEY` */
  readonly clientKey?: string | undefined;
  /** Name of the service, an attribute of the resource. @default `OTEL_SERVICE_NAME`, then `OTEL_RESOURCE_ATTRIBUTES`, then `unknown_service:node` */
  readonly serviceName?: string | undefined;
  /**
   * OTLP has no form for scores. `langfuse`: they go to a Langfuse server, with `publicKey`, `secretKey` and `baseUrl` of the client or the
   * environment.
   * @default none: scores count as failed, and a message names them
   */
  readonly scores?: 'langfuse' | undefined;
}

/** A server that takes OTLP. */
export interface OtlpServer {
  /** URL of the traces endpoint, path included. */
  readonly url: string;
  /** Sent with each request, credentials included. Names are in any case. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Credentials in `headers`, plain and encoded. No message shows them, even if a server repeats them. */
  readonly secrets?: readonly string[];
  readonly tls?: TlsOptions | undefined;
}

/** The first server, and others for the requests that it does not get. */
export interface OtlpServers extends OtlpServer {
  /** Further endpoints, in order. @default none */
  readonly others?: readonly OtlpServer[];
  /** @default 'failover' */
  readonly balance?: OtlpBalance;
}

/** Records of a client, as spans for a collector. `langfuse`: where scores and updates of traces go; undefined: nowhere. */
export interface OtlpRecordsOptions
  extends Omit<LangfuseExporterOptions, 'baseUrl' | 'publicKey' | 'secretKey' | 'additionalHeaders'> {
  readonly otlp: OtlpServers & { readonly resource: Readonly<Record<string, string>> };
  readonly langfuse?:
    | Pick<LangfuseExporterOptions, 'baseUrl' | 'publicKey' | 'secretKey' | 'additionalHeaders'>
    | undefined;
}

export type OtlpProtocol = 'http/protobuf' | 'http/json';

export interface OtlpExporterOptions extends PayloadOptions, OtlpServers {
  /** A Langfuse server is always sent protobuf. @default 'http/protobuf' */
  readonly protocol?: OtlpProtocol;
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
