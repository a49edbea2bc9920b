/** Options of the built-in clickhouse exporter. */
import type { LangfuseExporterOptions } from '../langfuse-options.js';
import type { TlsOptions } from './otlp-options.js';

/** The option `clickhouse` of a client. */
export interface ClickhouseOptions {
  /**
   * Address of the server's HTTP interface, `http://host:8123` or `https://…`, with user and password if you like.
   * @default variable CLICKHOUSE_URL
   */
  readonly url?: string | undefined;
  /** @default variable CLICKHOUSE_DB, then 'default' */
  readonly database?: string | undefined;
  /** @default that of `url`, then variable CLICKHOUSE_USER, then 'default' */
  readonly username?: string | undefined;
  /** @default that of `url`, then variable CLICKHOUSE_PASSWORD, then none */
  readonly password?: string | undefined;
  /** Begin of the tables' names: `tailrace_observations`, `tailrace_traces`, `tailrace_scores`. @default 'tailrace_' */
  readonly tablePrefix?: string | undefined;
  /**
   * The server collects small inserts of many processes into larger parts, and answers when they are written. That takes up to
   * a second for each insert. @default false
   */
  readonly asyncInsert?: boolean | undefined;
  /** Days after which the server deletes rows, counted from their time. @default never */
  readonly ttlDays?: number | undefined;
  /**
   * Creates and updates the tables when the exporter starts. `false`, for a user without the rights: `npx tailrace
   * clickhouse-schema` prints the statements. @default true
   */
  readonly migrate?: boolean | undefined;
  /** PEM text, or the path of a file: certificates to trust in place of the usual ones, and those of the client. */
  readonly tls?: TlsOptions | undefined;
}

/** Where the tables are. */
export interface ClickhouseTables {
  readonly database: string;
  readonly tablePrefix: string;
  readonly ttlDays?: number;
}

/** With every default filled in. */
export interface ClickhouseTarget extends ClickhouseTables {
  /** Without user, password and query. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly asyncInsert: boolean;
  readonly migrate: boolean;
  readonly tls?: TlsOptions;
}

export interface ClickhouseExporterOptions
  extends Omit<LangfuseExporterOptions, 'baseUrl' | 'publicKey' | 'secretKey' | 'protocol'> {
  readonly clickhouse: ClickhouseTarget;
}
