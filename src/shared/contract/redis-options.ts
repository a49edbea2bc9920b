/** Options of the built-in redis exporter. */
import type { LangfuseExporterOptions } from '../langfuse-options.js';
import type { TlsOptions } from './otlp-options.js';

/** The option `redis` of a client. */
export interface RedisOptions {
  /**
   * Address of the server, with user and password: `redis://user:password@host:6379`, or `rediss://…` for TLS. Several: nodes of a
   * cluster, or with `sentinel` the sentinels. They share user and password, which are those of the first.
   */
  readonly url: string | readonly string[];
  /** `true`: the server is a cluster. @default whether `url` has several addresses and there is no `sentinel` */
  readonly cluster?: boolean | undefined;
  /** Name of the master that the sentinels at `url` watch. */
  readonly sentinel?: string | undefined;
  /** Begin of the streams' keys: `tailrace:0`, `tailrace:1`, … @default 'tailrace' */
  readonly stream?: string | undefined;
  /** Number of streams, 1 to 1,024. In a cluster they spread over the nodes. @default 1 */
  readonly shards?: number | undefined;
  /** Bound of each stream, in entries. An entry is a batch, of up to `flushAt` events. @default 10000 */
  readonly maxLength?: number | undefined;
  /**
   * What happens at that bound. `refuse`: nothing is added until consumers have deleted entries, and events wait on the ring and in
   * the spool. `trim`: Redis drops the oldest entries, which nobody counts. @default 'refuse'
   */
  readonly full?: 'refuse' | 'trim' | undefined;
  /** Says in each entry who made it. @default host name and process id */
  readonly producer?: string | undefined;
  /** PEM text, or the path of a file: certificates to trust in place of the usual ones, and those of the client. */
  readonly tls?: TlsOptions | undefined;
}

/** With every default filled in. */
export interface RedisTarget {
  /** Without user and password. The first one is for messages. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly isTls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
  readonly topology: 'single' | 'cluster' | 'sentinel';
  readonly sentinel?: string;
  readonly stream: string;
  readonly shards: number;
  readonly maxLength: number;
  readonly full: 'refuse' | 'trim';
  readonly producer?: string;
  readonly tls?: TlsOptions;
}

/** Events are written as for a Langfuse server, whose keys whoever reads the streams has. */
export interface RedisExporterOptions
  extends Omit<LangfuseExporterOptions, 'baseUrl' | 'publicKey' | 'secretKey'> {
  readonly redis: RedisTarget;
}
