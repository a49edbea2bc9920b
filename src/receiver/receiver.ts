/** The local Langfuse-compatible receiver: a server and a store, started and stopped together. */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { Complaint } from '../ingest/findings.js';
import type { ClickhouseTarget } from '../shared/contract/clickhouse-options.js';
import type { PriceOverride } from '../shared/contract/prices.js';
import { isLoopback } from './http/access.js';
import { createKeyCheck, type KeyPair } from './http/keys.js';
import { createReceiverServer } from './http/server.js';
import { createLiveEvents } from './page-api/live-events.js';
import type { Changes } from './store/changes.js';
import type { StoredCounts, StoredUsage } from './store/contract.js';
import { openSharedStore, openStore } from './store/open-store.js';
import type { StoreOptions } from './store/store-options.js';

export type { Complaint } from '../ingest/findings.js';
export type { StoredCounts, StoredUsage } from './store/contract.js';

export interface ReceiverOptions {
  /** Address or name to listen on. Another one than loopback demands `keys`. @default '127.0.0.1' */
  host?: string | undefined;
  /** The only keys that requests may have. Absent: any keys will do. */
  keys?: KeyPair | undefined;
  /** 0 means any free port. @default 3210 */
  port?: number | undefined;
  /** Folder for the database, created if it is missing. Absent: all data stays in memory. */
  dataDir?: string | undefined;
  /** Keeps all data in tables of ClickHouse, in place of a folder. They have bounds of their own. */
  clickhouse?: ClickhouseTarget | undefined;
  /** Bound of the database: beyond it the oldest traces are evicted. Absent: none. */
  maxBytes?: number | undefined;
  /** Traces that arrived longer ago are evicted. Absent: none. */
  retentionMs?: number | undefined;
  /** Writes to a database in a folder run in a thread of their own, so that no answer waits for them. @default false */
  writesInThread?: boolean | undefined;
  /** Take precedence over the price list when a cost is computed. */
  prices?: readonly PriceOverride[];
  /** Ingest responses report what a Langfuse server would drop or change. @default false */
  strict?: boolean;
}

/** Callbacks. `startReceiverThread` supports `onWarning` only. */
interface ReceiverListeners {
  /** Called after each commit with the changes that it stored. */
  onCommit?: (changes: readonly Changes[]) => void;
  /** Called with the reason if changes could not be stored. The client gets a 500 and tries again. */
  onFailure?: (message: string) => void;
  /** @default process.emitWarning */
  onWarning?: (message: string) => void;
  /** Traces a sample into this receiver, for the page while nothing is stored. Absent: the page offers none. */
  loadSample?: () => Promise<void>;
}

export interface StoredComplaints {
  complaints: Complaint[];
  /** How many more were counted but not kept. */
  more: number;
}

export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** Tells it from every other server: see `GET /api/tailrace/server`. */
  readonly instance: string;
  /** Counts of what is stored now. */
  counts(): Promise<StoredCounts>;
  /** Usage and cost of what is stored. Waits until missing figures have been estimated. */
  usage(): Promise<StoredUsage>;
  /** What a Langfuse server would drop or change, or show differently in its versions 3 and 4. */
  complaints(): Promise<StoredComplaints>;
  /** Finishes pending requests, then closes server and store. Can be called again. */
  close(): Promise<void>;
}

const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 3210;

/** How long `close()` waits for pending requests before it closes their connections. */
const CLOSE_GRACE_MS = 2_000;

/**
 * Starts the receiver on this thread. Rejects with a clear message if the host is not a loopback address and there are no
 * keys, the port is taken, the data folder cannot be used, or there is no SQLite.
 */
export async function startReceiver(options: ReceiverOptions & ReceiverListeners = {}): Promise<Receiver> {
  const {
    host = DEFAULT_HOST,
    port = DEFAULT_PORT,
    keys,
    dataDir,
    clickhouse,
    strict = false,
    loadSample,
    ...others
  } = options;
  const isOpen = !isLoopback(host);
  if (isOpen && keys === undefined) {
    throw new Error(
      `host ${host} is no loopback address: other machines can connect, so the receiver demands keys: give --public-key and --secret-key, or set LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY`,
    );
  }
  const check = keys && createKeyCheck(keys);
  const live = createLiveEvents();
  const storeOptions: StoreOptions = {
    ...others,
    onCommit(changes) {
      live.changed(tracesOf(changes));
      others.onCommit?.(changes);
    },
    onEstimate: live.changed,
  };
  const store =
    clickhouse === undefined
      ? await openStore(dataDir, storeOptions)
      : await openSharedStore(clickhouse, storeOptions);
  const instance = randomUUID();
  const names = [host, hostname()].map((name) => name.toLowerCase());
  const server = createReceiverServer(store, {
    isStrict: strict,
    instance,
    live,
    prices: options.prices ?? [],
    reach: { isOpen, names },
    keys: check,
    isShared: clickhouse !== undefined,
    loadSample,
  });
  try {
    await listen(server, host, port);
  } catch (error) {
    await store.close();
    throw error;
  }
  const bound = (server.address() as AddressInfo).port;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${urlHost(host)}:${bound}`,
    port: bound,
    instance,
    counts: () => store.counts(),
    async usage() {
      await store.estimated();
      return store.usage();
    },
    async complaints() {
      return { complaints: await store.complaints.all(), more: await store.complaints.beyond() };
    },
    close() {
      live.close();
      closing ??= closeServer(server).finally(() => store.close());
      return closing;
    },
  };
}

/** Empty if an observation does not name its trace. */
function tracesOf(changes: readonly Changes[]): string[] {
  const ids = new Set<string>();
  for (const { traces, observations, scores } of changes) {
    for (const { id } of traces) ids.add(id);
    for (const { row } of observations) {
      if (row.traceId === null) return [];
      ids.add(row.traceId);
    }
    for (const { traceId } of scores) if (traceId !== null) ids.add(traceId);
  }
  return [...ids];
}

/** All addresses of the machine include its loopback address. */
const LOOPBACK_OF: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '[::1]', '[::]': '[::1]' };

function urlHost(host: string): string {
  return LOOPBACK_OF[host] ?? (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host.replace(/^\[(.*)\]$/, '$1'));
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new Error(
        `port ${port} on ${host} is in use: stop what runs there, or choose another port with --port`,
      );
    }
    if (code === 'EACCES') {
      throw new Error(`no permission to use port ${port} on ${host}: choose one from 1024 on with --port`);
    }
    throw new Error(`the receiver cannot listen on ${host}:${port}: ${(error as Error).message}`);
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(cut);
}
