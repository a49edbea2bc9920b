/** Real servers of NATS with JetStream, each with a folder and a port of its own, which end with their test. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type JetStreamManager, jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { onTestFinished } from 'vitest';
import { until } from './forwarding.js';
import { freePort } from './free-port.js';
import { SELF_SIGNED } from './self-signed.js';

const PROGRAM = 'nats-server';

function isInstalled(): boolean {
  try {
    execFileSync(PROGRAM, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Why there can be no server. With TAILRACE_NEEDS_NATS its absence is a failure. */
export const noNats = isInstalled() ? undefined : `${PROGRAM} is not installed`;
if (noNats !== undefined && process.env.TAILRACE_NEEDS_NATS) throw new Error(noNats);
if (noNats !== undefined) console.warn(`skipped: ${noNats}`);

export interface NatsServer {
  readonly port: number;
  /** Without user and password. */
  readonly url: string;
  /** Asks JetStream, on a connection of its own. */
  ask<T>(work: (manager: JetStreamManager) => Promise<T>): Promise<T>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** It runs no more, and its connections stay, until `resume`. */
  pause(): void;
  resume(): void;
  /** On the same port and folder. */
  start(): Promise<void>;
}

interface ServerOptions {
  /** Lines of its configuration. */
  readonly configuration?: readonly string[];
  readonly jetStream?: boolean;
  readonly isTls?: boolean;
  /** Options of `connect` for `ask`, where somebody must be named. */
  readonly login?: object;
}

export const ADMIN = { user: 'admin', pass: 'adm1n-w0rd' };

/** With user and password for `ask`, and `rights` for one that is called tracer. */
export function usersWith(rights: string, password = 's3cret-w0rd'): ServerOptions {
  return {
    configuration: [
      'authorization { users: [',
      `  {user: ${ADMIN.user}, password: "${ADMIN.pass}"}`,
      `  {user: tracer, password: "${password}", permissions: ${rights}}`,
      '] }',
    ],
    login: ADMIN,
  };
}

/** The client compares the certificate of an IP address with the name `localhost`. */
const ADDRESS_IS_RIGHT = { ca: SELF_SIGNED.cert, checkServerIdentity: () => undefined };

export async function startNats(options: ServerOptions = {}): Promise<NatsServer> {
  const { configuration = [], jetStream = true, isTls = false, login = {} } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-nats-'));
  const port = await freePort();
  let child: ChildProcess | undefined;
  writeFileSync(join(folder, 'cert.pem'), SELF_SIGNED.cert);
  writeFileSync(join(folder, 'key.pem'), SELF_SIGNED.key);
  writeFileSync(
    join(folder, 'server.conf'),
    [
      `listen: "127.0.0.1:${port}"`,
      ...(jetStream ? [`jetstream { store_dir: "${folder}/data", max_file: 20GB, max_mem: 64MB }`] : []),
      ...(isTls ? [`tls { cert_file: "${folder}/cert.pem", key_file: "${folder}/key.pem" }`] : []),
      ...configuration,
    ].join('\n'),
  );
  const server: NatsServer = {
    port,
    url: `${isTls ? 'tls' : 'nats'}://127.0.0.1:${port}`,
    async ask(work) {
      const connection = await connect({
        servers: `127.0.0.1:${port}`,
        ...login,
        ...(isTls && { tls: ADDRESS_IS_RIGHT }),
      });
      try {
        return await work(await jetstreamManager(connection, { checkAPI: false }));
      } finally {
        await connection.close();
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
    async start() {
      child = spawn(PROGRAM, ['-c', join(folder, 'server.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
      await ready(child);
    },
  };
  await server.start();
  onTestFinished(async () => {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return server;
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr?.on('data', (bytes) => {
      log += bytes;
      if (log.includes('Server is ready')) resolve();
    });
    child.on('exit', (code) => reject(new Error(`the server has ended with ${code}: ${log.slice(-500)}`)));
  });
}

export interface StreamMessage {
  readonly sequence: number;
  readonly subject: string;
  /** Without their prefix, in lower case. */
  readonly fields: Readonly<Record<string, string>>;
  /** Uncompressed. */
  readonly body: Buffer;
  readonly bytes: number;
}

/** All messages of a stream. */
export async function readStream(
  { ask }: Pick<NatsServer, 'ask'>,
  stream = 'tailrace',
): Promise<StreamMessage[]> {
  return ask(async ({ streams }) => {
    const { state } = await streams.info(stream);
    const messages: StreamMessage[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const stored = await streams.getMessage(stream, { seq });
      if (stored === null) continue;
      const fields = Object.fromEntries(
        [...stored.header].map(([name, [value = '']]) => [
          name.replace('Tailrace-', '').toLowerCase(),
          value,
        ]),
      );
      const body = Buffer.from(stored.data);
      messages.push({
        sequence: seq,
        subject: stored.subject,
        fields,
        body: fields.encoding === 'gzip' ? gunzipSync(body) : body,
        bytes: body.byteLength,
      });
    }
    return messages;
  });
}

export function addStream({ ask }: NatsServer, configuration: Partial<StreamConfig>): Promise<unknown> {
  return ask(({ streams }) =>
    streams.add({ name: 'tailrace', subjects: ['tailrace.*'], ...configuration } as StreamConfig),
  );
}

/** Entries of the stream that are not delivered, and how many of them somebody has taken. */
export function lengthsOf({ ask }: NatsServer): Promise<{ entries: number; pending: number }> {
  return ask(async ({ streams, consumers }) => {
    const { state } = await streams.info('tailrace');
    const consumer = await consumers.info('tailrace', 'tailrace').catch(() => undefined);
    return { entries: state.messages, pending: consumer?.num_ack_pending ?? 0 };
  });
}

/** Until the server has given an entry of its own to somebody again, so many times, because nobody has extended it for `ackWaitMs`. */
export function untilGivenAgain({ ask }: NatsServer, ackWaitMs: number, times: number): Promise<void> {
  return ask(async (manager) => {
    const [name, subject] = ['witness', 'witness'];
    await manager.streams.add({ name, subjects: [subject] });
    await manager.consumers.add(name, {
      durable_name: name,
      ack_policy: 'explicit' as never,
      ack_wait: ackWaitMs * 1e6,
    });
    const jetStream = manager.jetstream();
    await jetStream.publish(subject, 'x');
    const consumer = await jetStream.consumers.get(name, name);
    for (let given = 0; given <= times; ) if ((await consumer.next()) !== null) given++;
  });
}

export async function untilEmpty(server: NatsServer): Promise<void> {
  await until(async () => {
    const { entries, pending } = await lengthsOf(server);
    if (entries + pending > 0) throw new Error(`${entries} entries, ${pending} pending`);
  });
}
