/**
 * Lets clients of one destination share an engine: a ring, a worker and its connections. Otherwise, an application that makes a
 * client for each request would have a thread and 19 MB for each of them.
 *
 * An engine holds its clients weakly, so that a client that nobody uses is collected without a shutdown. Its events are on
 * the engine's ring, and its open handles hold it (tracing/open-handles). The engine ends with the shutdown of its last client,
 * or, if the last was collected, once the engine has nothing to do.
 */

import type { EngineInput } from '../config/options/engine.js';
import { message } from '../messages/message.js';
import type { FlushResult } from '../shared/contract/counts.js';
import type { EngineOptions } from '../shared/contract/engine-options.js';
import { processWide } from '../shared/runtime/process-wide.js';
import { queueMicrotask } from '../shared/runtime/real-time.js';
import { VERSION } from '../shared/version.js';
import type { ExitWork } from './consumer-link.js';
import { destinationKey } from './destination-key.js';
import { type Engine, openEngine, resolveInput } from './engine.js';
import type { Notifier } from './messages/notifier.js';
import { createSharedNotifier } from './messages/shared-notifier.js';

/** The parts that each client has of its own. */
interface ClientParts {
  readonly notifier: Notifier;
  readonly work: ExitWork;
}

interface Member {
  readonly client: WeakRef<ClientParts>;
  debug: boolean;
}

interface SharedEngine {
  /** Undefined: its options cannot be compared, so it has one client. */
  readonly key: string | undefined;
  readonly engine: Engine;
  /** The clients that have neither been shut down nor collected. */
  readonly members: Set<Member>;
  /** The clients that get messages. One that shuts down gets them until its last flush has ended. */
  readonly listening: Set<Member>;
  /** How many clients want each batch reported. */
  debugging: number;
  /** Logs messages when no client is left, as the newest client would have. */
  fallbackNotifier: Notifier;
}

interface Registry {
  readonly engines: Map<string, SharedEngine>;
  hasWarned: boolean;
}

const MANY_CLIENTS = 5;

/** Shared by the copies of one version, which a bundler may have made. Other versions have engines of their own. */
function registry(): Registry {
  return processWide<Registry>(`engines/${VERSION}`, () => ({ engines: new Map(), hasWarned: false }));
}

/** Ends the part of a client that was collected without a shutdown. */
const collected = new FinalizationRegistry<{ shared: SharedEngine; member: Member }>(({ shared, member }) => {
  shared.members.delete(member);
  endMessages(shared, member);
  endIfUnused(shared);
});

/** Returns a client's engine, which others may share. Its counts cover all its clients; its shutdown ends this client's part. */
export function joinEngine(input: EngineInput, notifier: Notifier, work: ExitWork): Engine {
  const options = resolveInput(input, notifier);
  const key = destinationKey(options);
  const { engines } = registry();
  let shared = key === undefined ? undefined : engines.get(key);
  if (shared === undefined) {
    shared = openShared(key, options, notifier);
    if (key !== undefined) engines.set(key, shared);
  }
  return enter(shared, { notifier, work });
}

function openShared(
  key: string | undefined,
  options: EngineOptions,
  notifierOfFirst: Notifier,
): SharedEngine {
  const members = new Set<Member>();
  const listening = new Set<Member>();
  const notifier = createSharedNotifier(() => {
    const clients = partsOf(listening).map((client) => client.notifier);
    return clients.length > 0 ? clients : [shared.fallbackNotifier];
  });
  const work: ExitWork = {
    writeQuiet() {
      for (const client of partsOf(members)) client.work.writeQuiet();
    },
    writeAll(reason) {
      for (const client of partsOf(members)) client.work.writeAll(reason);
    },
  };
  const engine = openEngine(options, notifier, work, () => endIfUnused(shared));
  const shared: SharedEngine = {
    key,
    engine,
    members,
    listening,
    debugging: 0,
    fallbackNotifier: notifierOfFirst.withoutListeners(),
  };
  return shared;
}

function partsOf(members: Iterable<Member>): ClientParts[] {
  return Array.from(members, ({ client }) => client.deref()).filter((client) => client !== undefined);
}

/** The engine as one client sees it. */
function enter(shared: SharedEngine, client: ClientParts): Engine {
  const { engine, members, listening } = shared;
  const { notifier } = client;
  const member: Member = { client: new WeakRef(client), debug: false };
  let closing: Promise<FlushResult> | undefined;

  const debug = (enabled: boolean): void => setDebug(shared, member, enabled);

  async function close(): Promise<FlushResult> {
    members.delete(member);
    collected.unregister(member);
    try {
      return await (members.size === 0 ? end(shared) : engine.flush());
    } finally {
      endMessages(shared, member);
    }
  }

  const facade: Engine = {
    ...engine,
    push: (event) => (closing === undefined ? engine.push(event) : engine.refuse(notifier)),
    write: (write, event, shard) =>
      closing === undefined ? engine.write(write, event, shard) : engine.refuse(notifier),
    flush: () => closing ?? engine.flush(),
    shutdown() {
      closing ??= close();
      return closing;
    },
    async ready() {
      if (closing === undefined) await engine.ready();
    },
    on: (kind, listener) => client.notifier.on(kind, listener),
    debug,
  };
  members.add(member);
  listening.add(member);
  collected.register(facade, { shared, member }, member);
  shared.fallbackNotifier = notifier.withoutListeners();
  if (notifier.wantsDebug()) debug(true);
  if (members.size >= MANY_CLIENTS) warnOnce(members.size, notifier);
  return facade;
}

function warnOnce(clients: number, notifier: Notifier): void {
  const shared = registry();
  if (shared.hasWarned) return;
  shared.hasWarned = true;
  // Not in this call: listeners can only be added after it.
  queueMicrotask(() => notifier.warning(message('TAILRACE_MANY_CLIENTS', clients)));
}

/** Ends the messages to a client that was shut down or collected. */
function endMessages(shared: SharedEngine, member: Member): void {
  shared.listening.delete(member);
  setDebug(shared, member, false);
}

/** Batches are reported while any client that gets messages wants it. */
function setDebug(shared: SharedEngine, member: Member, enabled: boolean): void {
  const wants = enabled && shared.listening.has(member);
  if (member.debug === wants) return;
  member.debug = wants;
  shared.debugging += wants ? 1 : -1;
  shared.engine.debug(shared.debugging > 0);
}

function endIfUnused(shared: SharedEngine): void {
  if (shared.members.size === 0 && shared.engine.isIdle()) void end(shared);
}

function end({ key, engine }: SharedEngine): Promise<FlushResult> {
  const { engines } = registry();
  if (key !== undefined && engines.get(key)?.engine === engine) engines.delete(key);
  return engine.shutdown();
}
