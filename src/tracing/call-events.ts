/** Events of a client's calls, for who listens: langfuse 3 has them, under the names of its ingestion. */
import { message } from '../messages/message.js';
import { type EngineListeners, MESSAGE_KINDS, type Notifier } from '../producer/messages/notifier.js';
import { OBSERVATION_TYPES, type ObservationType } from '../records/records.js';
import type { FlushResult } from '../shared/contract/counts.js';
import { show } from '../shared/options.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import type { TracingCore } from './core.js';

/** What was made or changed by a call: no payload. */
export interface CallEvent {
  readonly type: ObservationType | 'trace' | 'score';
  readonly id: string;
  /** Null of a score that has none. */
  readonly traceId: string | null;
  readonly name: string | null;
}

type CallKind = 'trace-create' | 'score-create' | `${ObservationType}-${'create' | 'update'}`;

/** Listeners of a client. An exception of a listener goes no further; its own calls of the client reach no listener. */
export type ClientListeners = EngineListeners & {
  /** A call of flush(), flushSync() or shutdown() has ended, with these counts. */
  flush(counts: FlushResult): void;
} & { [K in CallKind]: (event: CallEvent) => void };

type Listener = (...told: unknown[]) => void;

interface Entry {
  readonly kind: string;
  readonly listener: Listener;
  readonly number: number;
}

export interface CallEvents {
  /** Whether somebody listens to calls: looked at in each, so that nothing is made for nobody. */
  isHeard: boolean;
  hears(kind: CallKind): boolean;
  on(kind: string, listener: unknown): () => void;
  tell(kind: CallKind | 'flush', event: CallEvent | FlushResult): void;
}

const ALL = '*';
const FLUSH = 'flush';
const KINDS: ReadonlySet<string> = new Set([
  FLUSH,
  'trace-create',
  'score-create',
  ...OBSERVATION_TYPES.flatMap((type) => [`${type}-create`, `${type}-update`]),
  ALL,
]);
const SHOWN_KINDS = `${MESSAGE_KINDS.join(', ')}, flush, trace-create, score-create, span-create, span-update (and those of the other types), *`;

export function createCallEvents(notifier: Notifier): CallEvents {
  /** By kind: a call looks at nobody who listens for others. */
  const listeners = new Map<string, Set<Entry>>();
  let entries = 0;
  let isTelling = false;

  /** In the order in which they came. */
  function listenersFor(kind: string): Entry[] {
    const all = [...(listeners.get(kind) ?? []), ...(listeners.get(ALL) ?? [])];
    return all.sort((a, b) => a.number - b.number);
  }

  function end(kind: string, entry: Entry): void {
    const ofKind = listeners.get(kind);
    ofKind?.delete(entry);
    if (ofKind?.size === 0) listeners.delete(kind);
    events.isHeard = listeners.size > (listeners.has(FLUSH) ? 1 : 0);
  }

  function call(kind: string, listener: Listener, told: readonly unknown[]): void {
    try {
      listener(...told);
    } catch (error) {
      const failed = message('TAILRACE_CALL_LISTENER_FAILED', kind, messageOf(error));
      notifier.warnOnce(failed, `listener ${kind}`);
    }
  }

  const events: CallEvents = {
    isHeard: false,

    hears: (kind) => listeners.has(kind) || listeners.has(ALL),

    on(kind, listener) {
      if (typeof listener !== 'function' || !(KINDS.has(kind) || isMessageKind(kind))) {
        const got = `${show(kind)}, ${typeof listener}`;
        notifier.warnOnce(message('TAILRACE_LISTENER_INVALID', SHOWN_KINDS, got), `on ${got}`);
        return () => {};
      }
      if (isMessageKind(kind)) return notifier.on(kind, listener as EngineListeners[typeof kind]);
      const entry = { kind, listener: listener as Listener, number: entries++ };
      const ofKind = listeners.get(kind) ?? new Set();
      listeners.set(kind, ofKind.add(entry));
      events.isHeard ||= kind !== FLUSH;
      const endMessages = kind === ALL ? notifier.onAny(entry.listener) : () => {};
      return () => {
        endMessages();
        end(kind, entry);
      };
    },

    tell(kind, event) {
      if (isTelling) return;
      isTelling = true;
      for (const one of listenersFor(kind)) {
        call(kind, one.listener, one.kind === ALL ? [kind, event] : [event]);
      }
      isTelling = false;
    },
  };
  return events;
}

function isMessageKind(kind: string): kind is keyof EngineListeners {
  return (MESSAGE_KINDS as readonly string[]).includes(kind);
}

/** A client that sends nothing has no events. */
export function tellCall({ calls, engine }: TracingCore, what: 'create' | 'update', event: CallEvent): void {
  if (engine === undefined) return;
  const { type } = event;
  const kind = `${type}-${what}` as CallKind;
  if (!calls.hears(kind)) return;
  // Ids are made into text here.
  const { id, traceId, name } = event;
  calls.tell(kind, { type, id, traceId, name });
}
