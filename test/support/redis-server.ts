/** Real Redis servers, each with a folder and a port of its own, which end with their test. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createClient } from '@redis/client';
import { onTestFinished } from 'vitest';
import { freePort } from './free-port.js';
import { SELF_SIGNED } from './self-signed.js';

const PROGRAMS = ['redis-server', 'valkey-server'];

const program = PROGRAMS.find((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** Why there can be no server. With TAILRACE_NEEDS_REDIS its absence is a failure. */
export const noRedis =
  program === undefined ? 'neither redis-server nor valkey-server is installed' : undefined;
if (noRedis !== undefined && process.env.TAILRACE_NEEDS_REDIS) throw new Error(noRedis);
if (noRedis !== undefined) console.warn(`skipped: ${noRedis}`);

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** The reply to a command, sent on a connection of its own. */
  ask(...args: string[]): Promise<unknown>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** It runs no more, and its connections stay, until `resume`. */
  pause(): void;
  resume(): void;
  /** On the same port and folder. */
  start(...args: string[]): Promise<void>;
}

export async function startRedis(...given: string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-redis-'));
  const port = await freePort();
  const isTls = given.includes('--tls-port');
  let child: ChildProcess | undefined;

  const server: RedisServer = {
    port,
    url: `${isTls ? 'rediss' : 'redis'}://127.0.0.1:${port}`,
    async ask(...args) {
      const client = createClient({
        url: server.url,
        RESP: 2,
        socket: { reconnectStrategy: false, ...(isTls && { tls: true, ca: SELF_SIGNED.cert }) },
      });
      client.on('error', () => {});
      await client.connect();
      try {
        return await client.sendCommand(args);
      } finally {
        client.destroy();
      }
    },
    async kill(signal = 'SIGKILL') {
      if (child === undefined) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
      child = undefined;
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async start(...args) {
      child = spawn(
        program as string,
        [
          ...['--port', isTls ? '0' : String(port), '--bind', '127.0.0.1', '--dir', folder],
          ...['--save', '', '--daemonize', 'no', '--loglevel', 'notice'],
          ...given.map((arg) => (arg === 'PORT' ? String(port) : arg)),
          ...args,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      await ready(child);
    },
  };

  if (isTls) {
    writeFileSync(join(folder, 'cert.pem'), SELF_SIGNED.cert);
    writeFileSync(join(folder, 'key.pem'), SELF_SIGNED.key);
  }
  await server.start();
  onTestFinished(async () => {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return server;
}

/** A cluster of three. */
export async function startCluster(): Promise<RedisServer[]> {
  const nodes = await Promise.all(
    [0, 1, 2].map(() =>
      startRedis(
        ...['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'],
        ...['--cluster-node-timeout', '2000'],
      ),
    ),
  );
  await formCluster(nodes);
  return nodes;
}

async function formCluster(nodes: readonly RedisServer[]): Promise<void> {
  const [first] = nodes;
  for (const [index, node] of nodes.entries()) {
    const [from, to] = [index * 5461, index === nodes.length - 1 ? 16_383 : (index + 1) * 5461 - 1];
    await node.ask('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
    if (node !== first) await first?.ask('CLUSTER', 'MEET', '127.0.0.1', String(node.port));
  }
  for (const node of nodes) {
    while (!String(await node.ask('CLUSTER', 'INFO')).includes('cluster_state:ok')) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** With the certificate of the tests. */
export const TLS_ARGUMENTS = [
  ...['--tls-port', 'PORT', '--tls-cert-file', 'cert.pem', '--tls-key-file', 'key.pem'],
  ...['--tls-auth-clients', 'no'],
];

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stdout?.on('data', (bytes) => {
      log += bytes;
      if (/Ready to accept connections/i.test(log)) resolve();
    });
    child.on('exit', (code) => reject(new Error(`the server has ended with ${code}: ${log.slice(-500)}`)));
  });
}

export interface StreamEntry {
  readonly v: string;
  readonly lane: string;
  readonly type: string;
  readonly encoding: string;
  readonly count: string;
  readonly id: string;
  readonly producer: string;
  /** Uncompressed. */
  readonly body: Buffer;
}

/** All entries of a stream, as a consumer reads them. */
export async function readStream(
  { url }: Pick<RedisServer, 'url'>,
  key = 'tailrace:0',
): Promise<StreamEntry[]> {
  const client = createClient({
    url,
    RESP: 2,
    socket: {
      reconnectStrategy: false,
      ...(url.startsWith('rediss') && { tls: true, ca: SELF_SIGNED.cert }),
    },
  }).withTypeMapping({ 36: Buffer });
  client.on('error', () => {});
  await client.connect();
  try {
    const entries = (await client.sendCommand(['XRANGE', key, '-', '+'])) as unknown as [Buffer, Buffer[]][];
    return entries.map(([, fields]) => {
      const entry: Record<string, unknown> = {};
      for (let i = 0; i < fields.length; i += 2) {
        const name = String(fields[i]);
        entry[name] = name === 'body' ? fields[i + 1] : String(fields[i + 1]);
      }
      const body = entry.body as Buffer;
      return { ...entry, body: entry.encoding === 'gzip' ? gunzipSync(body) : body } as StreamEntry;
    });
  } finally {
    client.destroy();
  }
}
