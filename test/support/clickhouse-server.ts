/** Servers with ClickHouse's engine (test/clickhouse), each with a folder of its own, which end with their test. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const FOLDER = join(import.meta.dirname, '../clickhouse');

/** Why there can be no server. With TAILRACE_NEEDS_CLICKHOUSE its absence is a failure. */
export const noClickhouse = existsSync(join(FOLDER, 'node_modules/chdb'))
  ? undefined
  : 'the engine of ClickHouse is not installed: npm install --prefix test/clickhouse';
if (noClickhouse !== undefined && process.env.TAILRACE_NEEDS_CLICKHOUSE) throw new Error(noClickhouse);
if (noClickhouse !== undefined && process.env.TAILRACE_NEEDS_CLICKHOUSE) throw new Error(noClickhouse);
if (noClickhouse !== undefined) console.warn(`skipped: ${noClickhouse}`);

interface Orders {
  users?: Record<string, { password: string; settings?: Record<string, string | number> }>;
  /** So many inserts lose their connection before, or after, the engine has taken them. */
  cutBefore?: number;
  cutAfter?: number;
  /** An insert with this text has a row that the engine cannot read. */
  unreadable?: string;
  /** So many inserts get no answer. */
  silent?: number;
  /** Answers to the next inserts, which the engine does not get. */
  answers?: { status: number; code?: string; text?: string }[];
}

export interface LoggedRequest {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly bytes: number;
  /** Of an insert: its rows as they came, without compression. */
  readonly rows?: string;
}

export interface ClickhouseServer {
  readonly url: string;
  /** Rows of a SELECT; nothing of another statement. It runs as the user `default` without a password. */
  ask(statement: string): Promise<Record<string, unknown>[]>;
  order(orders: Orders): Promise<void>;
  requests(): Promise<LoggedRequest[]>;
  kill(): Promise<void>;
  /** On the same port and folder. */
  start(): Promise<void>;
}

/** `isShared`: for all tests of a file; it ends with the process. */
export async function startClickhouse({ isShared = false } = {}): Promise<ClickhouseServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-clickhouse-'));
  let child: ChildProcess;
  let port = 0;
  let asked = 0;

  async function message(content: object): Promise<{ log?: LoggedRequest[] }> {
    const id = ++asked;
    child.send({ id, ...content });
    for (;;) {
      const [answer] = await once(child, 'message');
      if (answer.id === id) return answer;
    }
  }

  const server: ClickhouseServer = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    async ask(statement) {
      const isSelect = /^\s*SELECT/.test(statement);
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'x-clickhouse-user': 'default', 'x-clickhouse-key': '' },
        body: isSelect ? `${statement} FORMAT JSONEachRow` : statement,
      });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return isSelect
        ? text
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line))
        : [];
    },
    async order(order) {
      await message({ order });
    },
    async requests() {
      return (await message({ log: true })).log as LoggedRequest[];
    },
    async kill() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    async start() {
      child = fork(join(FOLDER, 'server.mjs'), [folder, String(port)], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const [started] = await once(child, 'message');
      port = started.port;
    },
  };
  await server.start();
  if (isShared) {
    // The engine ends when its parent has gone (`disconnect`).
    process.once('exit', () => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });
    return server;
  }
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return server;
}
