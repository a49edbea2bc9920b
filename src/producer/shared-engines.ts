/**
 * Clients of one destination share an engine: a ring, a worker and its connections. Applications that make a client for
 * each request would have a thread and 19 MB for each of them else.
 *
 * An engine holds its clients weakly: one that nobody uses any more goes without having been shut down. What it has
 * traced is on the engine's ring; what it has open holds it (tracing/open-handles). The engine ends with its last client's
 * shutdown, or, where clients just went, once it has nothing to do.
 */

import { message } from '../messages/message.js';
import type { FlushResult } from '../shared/contract/counts.js';
import type { EngineInput, EngineOptions } from '../shared/options.js';
import { processWide } from '../shared/runtime/process-wide.js';
import { queueMicrotask } from '../shared/runtime/real-time.js';
import { VERSION } from '../shared/version.js';
import type { ExitWork } from './consumer-link.js';
import { destinationKey } from './destination-key.js';
import { type Engine, openEngine, resolveInput } from './engine.js';
import type { Notifier } from './messages/notifier.js';
import { createSharedNotifier } from './messages/shared-notifier.js';

/** What a client has of its own. */
interface ClientParts {
  readonly notifier: Notifier;
  readonly work: ExitWork;
}

interface Member {
  readonly client: WeakRef<ClientParts>;
  debug: boolean;
}

interface SharedEngine {
  /** Undefined: its options cannot be compared, and it has one client. */
  readonly key: string | undefined;
  readonly engine: Engine;
  /** The clients that have not been shut down, as far as they are still there. */
  readonly members: Set<Member>;
  /** The clients that get messages: one that shuts down gets them until its last flush has ended. */
  readonly listening: Set<Member>;
  /** How many of them want each batch reported. */
  debugging: number;
  /** Writes what is to be said when no client is left: as the last that came would have. */
  heir: Notifier;
}

interface Registry {
  readonly engines: Map<string, SharedEngine>;
  isTold: boolean;
}

const MANY_CLIENTS = 5;

/** Engines are the affair of one version: of two copies of it that a bundler has made, each finds those of the other. */
function registry(): Registry {
  return processWide<Registry>(`engines/${VERSION}`, () => ({ engines: new Map(), isTold: false }));
}

/** Clients that went without a word. */
const gone = new FinalizationRegistry<{ shared: SharedEngine; member: Member }>(({ shared, member }) => {
  shared.members.delete(member);
  endTelling(shared, member);
  endIfUnused(shared);
});

/** The engine of a client, which others may share. Its counts are those of all of them; its shutdown ends this client's part. */
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

function openShared(key: string | undefined, options: EngineOptions, heir: Notifier): SharedEngine {
  const members = new Set<Member>();
  const listening = new Set<Member>();
  const notifier = createSharedNotifier(() => {
    const clients = partsOf(listening).map((client) => client.notifier);
    return clients.length > 0 ? clients : [shared.heir];
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
    heir: heir.withoutListeners(),
  };
  return shared;
}

function partsOf(members: Iterable<Member>): ClientParts[] {
  return Array.from(members, ({ client }) => client.deref()).filter((client) => client !== undefined);
}

/** The engine as one client has it. */
function enter(shared: SharedEngine, client: ClientParts): Engine {
  const { engine, members, listening } = shared;
  const { notifier } = client;
  const member: Member = { client: new WeakRef(client), debug: false };
  let closing: Promise<FlushResult> | undefined;

  const debug = (enabled: boolean): void => setDebug(shared, member, enabled);

  async function close(): Promise<FlushResult> {
    members.delete(member);
    gone.unregister(member);
    try {
      return await (members.size === 0 ? end(shared) : engine.flush());
    } finally {
      endTelling(shared, member);
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
  gone.register(facade, { shared, member }, member);
  shared.heir = notifier.withoutListeners();
  if (notifier.wantsDebug()) debug(true);
  if (members.size >= MANY_CLIENTS) tellOnce(members.size, notifier);
  return facade;
}

function tellOnce(clients: number, notifier: Notifier): void {
  const told = registry();
  if (told.isTold) return;
  told.isTold = true;
  // Not in this call: listeners can only be added after it.
  queueMicrotask(() => notifier.warning(message('TAILRACE_MANY_CLIENTS', clients)));
}

/** A client that has been shut down, or is gone, hears nothing more. */
function endTelling(shared: SharedEngine, member: Member): void {
  shared.listening.delete(member);
  setDebug(shared, member, false);
}

/** Each batch is reported while a client that gets messages wants it. */
function setDebug(shared: SharedEngine, member: Member, enabled: boolean): void {
  const wants = enabled && shared.listening.has(member);
  if (member.debug === wants) return;
  member.debug = wants;
  shared.debugging += wants ? 1 : -1;
  shared.engine.debug(shared.debugging > 0);
}

function endIfUnused(shared: SharedEngine): void {
  if (shared.members.size === 0 && shared.engine.isAtRest()) void end(shared);
}

function end({ key, engine }: SharedEngine): Promise<FlushResult> {
  const { engines } = registry();
  if (key !== undefined && engines.get(key)?.engine === engine) engines.delete(key);
  return engine.shutdown();
}
