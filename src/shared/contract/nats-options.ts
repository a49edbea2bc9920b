/** Options of the built-in nats exporter. */
import type { LangfuseExporterOptions } from '../langfuse-options.js';
import type { TlsOptions } from './otlp-options.js';

/** The option `nats` of a client. */
export interface NatsOptions {
  /**
   * Address of the server: `nats://host:4222`, or `tls://…` for TLS, with `user:password@` or `token@` before the host. Several: the
   * servers of a cluster, which are tried in any order. User, password and token are those of the first.
   */
  readonly url: string | readonly string[];
  /** A credentials file (JWT and seed) as `nsc` writes it: its path, or its text. It is read at each connection. */
  readonly credentials?: string | undefined;
  /** The seed of an nkey (`SU…`), or the path of a file with it. */
  readonly nkey?: string | undefined;
  /** Name of the stream: letters, digits, `-` and `_`. @default 'tailrace' */
  readonly stream?: string | undefined;
  /** Begin of the subjects: `tailrace.0`, `tailrace.1`, … @default the stream's name */
  readonly subject?: string | undefined;
  /** Number of subjects, 1 to 1,024. @default 1 */
  readonly shards?: number | undefined;
  /**
   * Whether the exporter creates the stream if it is missing, with the bounds below. A stream that is there stays as it is. With
   * `false` the exporter needs the right to publish alone. @default true
   */
  readonly create?: boolean | undefined;
  /** Bound of a stream that the exporter creates, in bytes. @default 1 GiB */
  readonly maxBytes?: number | undefined;
  /**
   * What happens at that bound. `refuse`: nothing is added until consumers have acknowledged entries, and events wait on the ring and
   * in the spool. `trim`: NATS drops the oldest entries, which nobody counts. @default 'refuse'
   */
  readonly full?: 'refuse' | 'trim' | undefined;
  /** Seconds in which a batch that is added again is stored once. The server keeps the ids in memory. @default 120 */
  readonly duplicateWindow?: number | undefined;
  /** Where the server keeps the stream. @default 'file' */
  readonly storage?: 'file' | 'memory' | undefined;
  /** Servers of a cluster that keep the stream, 1 to 5. @default 1 */
  readonly replicas?: number | undefined;
  /** Says in each entry who made it. @default host name and process id */
  readonly producer?: string | undefined;
  /** PEM text, or the path of a file: certificates to trust in place of the usual ones, and those of the client. */
  readonly tls?: TlsOptions | undefined;
}

/** Where a server is, and who is there. */
export interface NatsServer {
  /** Without user, password and token. The first one is for messages. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly isTls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
  readonly credentials?: string;
  readonly nkey?: string;
  readonly tls?: TlsOptions;
}

/** With every default filled in. */
export interface NatsTarget extends NatsServer {
  readonly stream: string;
  readonly subject: string;
  readonly shards: number;
  readonly create: boolean;
  readonly maxBytes: number;
  readonly full: 'refuse' | 'trim';
  readonly duplicateWindowMs: number;
  readonly storage: 'file' | 'memory';
  readonly replicas: number;
  readonly producer?: string;
}

/** Events are written as for a Langfuse server, whose keys whoever reads the stream has. */
export interface NatsExporterOptions
  extends Omit<LangfuseExporterOptions, 'baseUrl' | 'publicKey' | 'secretKey'> {
  readonly nats: NatsTarget;
}
