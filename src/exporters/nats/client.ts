/**
 * The connection to a server of NATS, or one of several, by the packages @nats-io/transport-node and @nats-io/jetstream. It is opened on
 * first use, and again after it has broken. The client itself never reconnects: the engine decides when to try again.
 */
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { TlsIdentity } from '../../shared/contract/exporter.js';
import type { NatsServer } from '../../shared/contract/nats-options.js';
import { loaderOf } from '../../shared/runtime/optional-package.js';
import { clearTimeout, setTimeout } from '../../shared/runtime/real-time.js';
import { PackageMissing } from '../streams/faults.js';
import { NoResponder } from './faults.js';
import { readLogin } from './login.js';
import type {
  Connection,
  JetStreamManager,
  JetStreamPackage,
  NatsPackage,
  ReceivedMessage,
} from './packages.js';

export const PACKAGES = ['@nats-io/transport-node', '@nats-io/jetstream'] as const;

/** Requests to JetStream that are no messages: without an answer the server is gone, or stopped. */
const API_TIMEOUT_MS = 10_000;
/** Longer than any attempt to deliver a batch, which ends the connection when its time is up. */
const PUBLISH_TIMEOUT_MS = 3_600_000;
const NO_RESPONDER = 503;
/** A server of version 2.9 does not answer at all if there is no consumer, and at once if there is one. */
const PULL_TIMEOUT_MS = 2_000;
/** The client is not to ask whether the connection stands: a timer for that would keep a process alive. */
const NEVER_MS = 2 ** 31 - 1;

export interface NatsMessage {
  readonly subject: string;
  /** Where the acknowledgement goes. */
  readonly reply: string;
  /** 0: it is no status of the server. */
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface OutgoingMessage {
  readonly stream: string;
  readonly subject: string;
  /** The server stores a message with the same id once, within the window of the stream. */
  readonly id: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** Calls reject with an error of the server, or with one of the connection. Calls of one turn of the event loop share a write. */
export interface NatsConnection {
  /** Of one message with its headers, in bytes. */
  readonly maxPayload: number;
  readonly streams: JetStreamManager['streams'];
  readonly consumers: JetStreamManager['consumers'];
  /** Resolves when the server has stored it, or had it already. */
  publish(message: OutgoingMessage): Promise<void>;
  /** Up to `max` messages that wait for a consumer. Rejects with `NoResponder` if there is none. */
  pull(stream: string, consumer: string, max: number): Promise<readonly NatsMessage[]>;
  /** Answers a message, and resolves when the server has taken the answer. */
  settle(reply: string, answer: string): Promise<void>;
  /** Answers a message. The server says nothing to that. */
  answer(reply: string, answer: string): void;
  destroy(): void;
}

export function isInstalled(): boolean {
  return PACKAGES.every((name) => loaderOf(name) !== undefined);
}

/** Loads the packages before a batch waits for them. Without them, or if they are broken, `connect` says so. */
export function preload(): void {
  try {
    for (const name of PACKAGES) loaderOf(name)?.(name);
  } catch {}
}

/** Rejects with `PackageMissing`, with `LoginUnreadable`, or with the error of the connection. */
export async function connect(server: NatsServer, tls: TlsIdentity | undefined): Promise<NatsConnection> {
  const missing = PACKAGES.filter((name) => loaderOf(name) === undefined);
  if (missing.length > 0) throw new PackageMissing(missing);
  const [nats, jetStream] = PACKAGES.map((name) => loaderOf(name)?.(name)) as [NatsPackage, JetStreamPackage];
  const connection = await nats.connect({
    servers: server.addresses.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`),
    ...readLogin(server, nats),
    ...(server.isTls && { tls: { ...tls, ...identityCheck(server) } }),
    reconnect: false,
    ignoreClusterUpdates: true,
    pingInterval: NEVER_MS,
    noAsyncTraces: true,
  });
  unref(connection);
  const publisher = jetStream.jetstream(connection, { timeout: API_TIMEOUT_MS });
  const { streams, consumers } = await jetStream.jetstreamManager(connection, {
    checkAPI: false,
    timeout: API_TIMEOUT_MS,
  });
  return {
    maxPayload: connection.info?.max_payload ?? 0,
    streams,
    consumers,

    async publish({ stream, subject, id, headers, body }) {
      const all = nats.headers();
      for (const [name, value] of headers) all.set(name, value);
      await publisher.publish(subject, body, {
        msgID: id,
        headers: all,
        // Another stream may have the subject by now.
        expect: { streamName: stream },
        timeout: PUBLISH_TIMEOUT_MS,
      });
    },

    pull: (stream, consumer, max) => pull({ nats, connection }, stream, consumer, max),

    async settle(reply, answer) {
      await connection.request(reply, answer, { timeout: API_TIMEOUT_MS });
    },

    answer: (reply, answer) => connection.publish(reply, answer),

    destroy: () => void connection.close().catch(() => {}),
  };
}

/** The package compares the certificate of a server that is called by an IP address with the name `localhost`. */
function identityCheck({ addresses }: NatsServer): object {
  const names = addresses.map(({ host }) => host);
  return {
    checkServerIdentity(name: string, certificate: PeerCertificate): Error | undefined {
      if (names.includes(name)) return checkServerIdentity(name, certificate);
      const faults = names.filter(isIP).map((address) => checkServerIdentity(address, certificate));
      const isOne = faults.includes(undefined);
      return isOne ? undefined : (faults[0] ?? checkServerIdentity(name, certificate));
    },
  };
}

/** Not by `requestMany`, which does not tell its end by time from the end of the messages. */
function pull(
  { nats, connection }: { readonly nats: NatsPackage; readonly connection: Connection },
  stream: string,
  consumer: string,
  max: number,
): Promise<readonly NatsMessage[]> {
  const requestSubject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
  const reply = nats.createInbox();
  return new Promise((resolve, reject) => {
    const messages: NatsMessage[] = [];
    const end = (error?: Error): void => {
      clearTimeout(timer);
      subscription.unsubscribe();
      if (error === undefined) resolve(messages);
      else reject(error);
    };
    const subscription = connection.subscribe(reply, {
      callback(error, answer) {
        if (error !== null) return end(error);
        const message = messageFrom(answer);
        if (message.status === NO_RESPONDER) return end(new NoResponder());
        // Any other status says that these were all.
        if (message.status !== 0 || messages.push(message) >= max) end();
      },
    });
    const timer = setTimeout(() => end(messages.length > 0 ? undefined : new NoResponder()), PULL_TIMEOUT_MS);
    // By it the package finds out whom a missing right concerns.
    subscription.requestSubject = requestSubject;
    void subscription.closed.then(() => end());
    connection.publish(requestSubject, JSON.stringify({ batch: max, no_wait: true }), { reply });
  });
}

function messageFrom({ subject, reply, headers, data }: ReceivedMessage): NatsMessage {
  const values = new Map<string, string>();
  for (const [name, [value]] of headers ?? []) if (value !== undefined) values.set(name, value);
  return {
    subject,
    reply: reply ?? '',
    status: headers?.code ?? 0,
    headers: values,
    body: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  };
}

/**
 * The package has no call for it: with `worker: false` a connection would hold up the end of the process. In a version that keeps these
 * elsewhere it does.
 */
function unref({ protocol }: Connection): void {
  protocol?.transport?.socket?.unref?.();
  protocol?.heartbeats?.timer?.unref?.();
}
