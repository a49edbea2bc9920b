/**
 * The connection to a server, a cluster, or a server that sentinels name, by the package @redis/client. It is opened on first use, and
 * again after it has broken. The client itself never reconnects and never queues: the engine decides when to try again.
 */
import type { TlsIdentity } from '../../shared/contract/exporter.js';
import type { RedisTarget } from '../../shared/contract/redis-options.js';
import { loaderOf } from '../../shared/runtime/optional-package.js';
import { PackageMissing } from '../streams/faults.js';

export const PACKAGE = '@redis/client';

export type RedisArguments = readonly (string | Buffer)[];

export interface RedisConnection {
  /** Rejects with the server's error, or with one of the connection. Commands of one turn of the event loop share a write. */
  send(key: string, args: RedisArguments): Promise<unknown>;
  destroy(): void;
}

/** What is used of the package, in each of its versions from 5 on. */
interface RedisPackage {
  createClient(options: object): Client & {
    sendCommand(args: RedisArguments, options: ReplyOptions): Promise<unknown>;
    unref(): void;
  };
  createCluster(options: object): Client & {
    sendCommand(
      key: string,
      isReadonly: boolean,
      args: RedisArguments,
      options: ReplyOptions,
    ): Promise<unknown>;
  };
  createSentinel(options: object): Client & {
    sendCommand(isReadonly: boolean, args: RedisArguments, options: ReplyOptions): Promise<unknown>;
  };
}

interface ReplyOptions {
  readonly typeMapping?: Readonly<Record<number, unknown>>;
}

/** `bytes`: texts in replies are Buffers. */
export type ReplyForm = 'text' | 'bytes';

/** The version of the protocol that all servers have. Clients of clusters and sentinels take it beside the options of their nodes. */
const RESP = 2;
/** `$`, which begins a text in the protocol. */
const BLOB_STRING = 36;
const REPLY_OPTIONS: Readonly<Record<ReplyForm, ReplyOptions>> = {
  text: {},
  bytes: { typeMapping: { [BLOB_STRING]: Buffer } },
};

interface Client {
  connect(): Promise<unknown>;
  destroy(): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

export function isInstalled(): boolean {
  return loaderOf(PACKAGE) !== undefined;
}

/** Loads the package before a batch waits for it: that takes 200 ms. Without it, or if it is broken, `connect` says so. */
export function preload(): void {
  try {
    loaderOf(PACKAGE)?.(PACKAGE);
  } catch {}
}

/** Rejects with `PackageMissing`, or with the error of the connection. */
export async function connect(
  target: RedisTarget,
  tls: TlsIdentity | undefined,
  replies: ReplyForm = 'text',
): Promise<RedisConnection> {
  const load = loaderOf(PACKAGE);
  if (load === undefined) throw new PackageMissing([PACKAGE]);
  const { client, send } = createClient(load(PACKAGE) as RedisPackage, target, tls, REPLY_OPTIONS[replies]);
  // Without a listener it would end the worker. Each command that fails has the error too.
  let error: unknown;
  client.on('error', (one) => {
    error ??= one;
  });
  try {
    await client.connect();
  } catch (failure) {
    destroy(client);
    throw error ?? failure;
  }
  return { send, destroy: () => destroy(client) };
}

function createClient(
  { createClient, createCluster, createSentinel }: RedisPackage,
  target: RedisTarget,
  tls: TlsIdentity | undefined,
  replyOptions: ReplyOptions,
): { readonly client: Client; readonly send: RedisConnection['send'] } {
  const { addresses, topology, database, sentinel } = target;
  const options = clientOptions(target, tls);
  const { socket } = options;
  const nodes = addresses.map((address) => ({ ...options, socket: { ...socket, ...address } }));
  if (topology === 'cluster') {
    const client = createCluster({ RESP, rootNodes: nodes, defaults: options });
    return { client, send: (key, args) => client.sendCommand(key, false, args, replyOptions) };
  }
  if (topology === 'sentinel') {
    const client = createSentinel({
      RESP,
      name: sentinel,
      sentinelRootNodes: addresses,
      nodeClientOptions: { ...options, database },
      sentinelClientOptions: { socket },
    });
    return { client, send: (_key, args) => client.sendCommand(false, args, replyOptions) };
  }
  const client = createClient({ ...nodes[0], database });
  client.unref();
  return { client, send: (_key, args) => client.sendCommand(args, replyOptions) };
}

function clientOptions({ username, password, isTls }: RedisTarget, tls: TlsIdentity | undefined) {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    RESP,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    socket: { reconnectStrategy: false, ...(isTls && { tls: true, ...tls }) },
  };
}

/** It throws if the client has closed itself. */
function destroy(client: Client): void {
  try {
    client.destroy();
  } catch {}
}
