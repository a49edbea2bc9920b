/**
 * Requests to the HTTP interface of a ClickHouse server: queries with bound values and bounded answers, and inserts.
 *
 * A query is one POST: settings and parameters in the address, the statement in the body, rows as JSON by line in the answer.
 * Answers beyond the bounds are errors of the server, which has not sent them. User and password are in headers.
 */

import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { stringifyWellFormed } from '../../../../shared/json.js';
import {
  ClickhouseProblem,
  problemOfCode,
  problemOfConnection,
  problemOfStatus,
  problemOfTime,
} from './problems.js';
import { rendered, type Sql } from './sql.js';

/** A row of an answer, by its columns. */
export type Row = Readonly<Record<string, unknown>>;

export interface QueryOptions {
  /** @default 30 s */
  maxMs?: number;
  /** Beyond it the server answers with an error. */
  maxRows?: number;
  maxBytes?: number;
  settings?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

export interface Connection {
  /** Of messages: the server's name and port. */
  readonly host: string;
  /** @throws ClickhouseProblem */
  rows(query: Sql, options?: QueryOptions): Promise<Row[]>;
  /** `into`: `INSERT INTO … (columns)`. */
  insert(into: string, rows: readonly object[]): Promise<void>;
  /** A statement without an answer. */
  run(statement: Sql, settings?: Readonly<Record<string, string>>): Promise<void>;
  close(): void;
}

export interface ConnectionTarget {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly tls?: {
    readonly ca?: string | Buffer;
    readonly cert?: string | Buffer;
    readonly key?: string | Buffer;
  };
}

const MAX_MS = 30_000;
const MAX_ROWS = 200_000;
const MAX_BYTES = 256 * 1024 * 1024;
/** The network's share of a query's time. */
const GRACE_MS = 5_000;
const MAX_SOCKETS = 16;
/** Shorter bodies are not worth it. */
const MIN_COMPRESSED_BYTES = 4096;

/** Said with each query: defaults differ between versions. */
const READ_SETTINGS = {
  output_format_json_quote_64bit_integers: '0',
  output_format_json_quote_denormals: '0',
  join_use_nulls: '1',
  result_overflow_mode: 'throw',
  timeout_overflow_mode: 'throw',
};
const INSERT_SETTINGS = {
  async_insert: '0',
  input_format_skip_unknown_fields: '0',
  input_format_null_as_default: '1',
};

const zip = promisify(gzip);
const unzip = promisify(gunzip);

export function connect({ url, username, password, tls = {} }: ConnectionTarget): Connection {
  const base = new URL(url);
  const isTls = base.protocol === 'https:';
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const agent = isTls ? new HttpsAgent({ ...options, ...tls }) : new HttpAgent(options);
  const headers = { 'x-clickhouse-user': username, 'x-clickhouse-key': password };

  async function send(
    search: Readonly<Record<string, string>>,
    body: Buffer,
    maxMs: number,
    signal?: AbortSignal,
  ): Promise<Buffer> {
    const target = new URL(base);
    for (const [name, value] of Object.entries(search)) target.searchParams.set(name, value);
    const isZipped = body.byteLength >= MIN_COMPRESSED_BYTES;
    const content = isZipped ? await zip(body, { level: 1 }) : body;
    const end = AbortSignal.timeout(Math.ceil(maxMs) + GRACE_MS);
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const request = (isTls ? requestHttps : requestHttp)(target, {
          method: 'POST',
          agent,
          headers: {
            ...headers,
            'content-length': content.byteLength,
            'content-type': 'application/octet-stream',
            'accept-encoding': 'gzip',
            ...(isZipped && { 'content-encoding': 'gzip' }),
          },
          signal: signal === undefined ? end : AbortSignal.any([signal, end]),
        });
        request.on('response', resolve).on('error', reject);
        request.end(content);
      });
      return await bodyOf(response);
    } catch (error) {
      if (error instanceof ClickhouseProblem || signal?.aborted) throw error;
      if (end.aborted) throw problemOfTime(base.host, maxMs);
      throw problemOfConnection(base.host, String((error as NodeJS.ErrnoException).code ?? 'no connection'));
    }
  }

  async function bodyOf(response: IncomingMessage): Promise<Buffer> {
    const code = Number(response.headers['x-clickhouse-exception-code']);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength;
      // What is refused is never shown, and what is too large is no answer of a server with these settings.
      if (bytes <= 2 * MAX_BYTES) chunks.push(chunk);
    }
    if (Number.isInteger(code) && code > 0) throw problemOfCode(base.host, code);
    const { statusCode = 0 } = response;
    if (statusCode !== 200) throw problemOfStatus(base.host, statusCode);
    const all = Buffer.concat(chunks);
    return response.headers['content-encoding'] === 'gzip' ? unzip(all) : all;
  }

  return {
    host: base.host,
    async rows(query, { maxMs = MAX_MS, maxRows = MAX_ROWS, maxBytes = MAX_BYTES, settings, signal } = {}) {
      const { statement, parameters } = rendered(query);
      const search = {
        ...READ_SETTINGS,
        max_execution_time: String(Math.max(1, Math.ceil(maxMs / 1000))),
        max_result_rows: String(maxRows),
        max_result_bytes: String(maxBytes),
        // So that an error comes before the head of the answer.
        wait_end_of_query: '1',
        enable_http_compression: '1',
        ...settings,
        ...ofParameters(parameters),
      };
      const body = await send(search, Buffer.from(`${statement} FORMAT JSONEachRow`), maxMs, signal);
      return linesOf(body, base.host);
    },
    async insert(into, rows) {
      if (rows.length === 0) return;
      const body = Buffer.from(rows.map((row) => `${stringifyWellFormed(row)}\n`).join(''));
      await send({ query: `${into} FORMAT JSONEachRow`, ...INSERT_SETTINGS }, body, MAX_MS);
    },
    async run(query, settings) {
      const { statement, parameters } = rendered(query);
      await send({ ...settings, ...ofParameters(parameters) }, Buffer.from(statement), MAX_MS);
    },
    close: () => agent.destroy(),
  };
}

function ofParameters(parameters: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`param_${name}`, value]));
}

function linesOf(body: Buffer, host: string): Row[] {
  const lines = body.toString().split('\n');
  try {
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
  } catch {
    throw problemOfStatus(host, 200);
  }
}
