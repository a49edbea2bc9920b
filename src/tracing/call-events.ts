/** Events of a client's calls, for its listeners: langfuse 3 has them, under the names of its ingestion events. */

import { message } from '../messages/message.js';
import type { EngineListeners } from '../producer/messages/listeners.js';
import { MESSAGE_KINDS, type Notifier } from '../producer/messages/notifier.js';
import { OBSERVATION_TYPES, type ObservationType } from '../records/vocabulary.js';
import type { FlushResult } from '../shared/contract/counts.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { show } from '../shared/untrusted-text/show.js';

/** The trace, observation or score that a call made or changed, without its payload. */
export interface CallEvent {
  readonly type: ObservationType | 'trace' | 'score';
  readonly id: string;
  /** Null for a score without a trace. */
  readonly traceId: string | null;
  readonly name: string | null;
}

/** Names of the events of calls. */
export type CallEventName = 'trace-create' | 'score-create' | `${ObservationType}-${'create' | 'update'}`;

/** Listeners to the calls of a client, by the name of the event. */
export type CallListeners = { [E in CallEventName]: (event: CallEvent) => void };

/**
 * Listeners of a client, by the name of the event. If a listener throws, the exception is logged and goes no further. Tracing calls
 * inside a listener reach no listener.
 */
export interface ClientListeners extends EngineListeners, CallListeners {
  /** A call of flush(), flushSync() or shutdown() has ended, with these counts. */
  flush(counts: FlushResult): void;
  /** Any event, with the arguments that its own listeners get. */
  // biome-ignore lint/suspicious/noExplicitAny: the arguments differ by event
  '*'(event: Exclude<keyof ClientListeners, '*'>, ...details: any[]): void;
}

type Listener = (...details: unknown[]) => void;

interface Entry {
  readonly name: string;
  readonly listener: Listener;
  /** Position in the order of the `on()` calls. */
  readonly number: number;
}

export interface CallEvents {
  /** Whether anybody listens to calls. Each call checks it, so that without listeners no event is made. */
  hasListeners: boolean;
  hasListenersFor(name: CallEventName): boolean;
  on(name: string, listener: unknown): () => void;
  emit(name: CallEventName | 'flush', event: CallEvent | FlushResult): void;
}

const ALL = '*';
const FLUSH = 'flush';
const NAMES: ReadonlySet<string> = new Set([
  FLUSH,
  'trace-create',
  'score-create',
  ...OBSERVATION_TYPES.flatMap((type) => [`${type}-create`, `${type}-update`]),
  ALL,
]);
const SHOWN_KINDS = `${MESSAGE_KINDS.join(', ')}, flush, trace-create, score-create, span-create, span-update (and those of the other types), *`;

export function createCallEvents(notifier: Notifier): CallEvents {
  /** By name, so that a call need not look at listeners for other events. */
  const listeners = new Map<string, Set<Entry>>();
  let entryCount = 0;
  let isEmitting = false;

  /** In the order of their `on()` calls. */
  function listenersFor(name: string): Entry[] {
    const all = [...(listeners.get(name) ?? []), ...(listeners.get(ALL) ?? [])];
    return all.sort((a, b) => a.number - b.number);
  }

  function remove(name: string, entry: Entry): void {
    const entries = listeners.get(name);
    entries?.delete(entry);
    if (entries?.size === 0) listeners.delete(name);
    events.hasListeners = listeners.size > (listeners.has(FLUSH) ? 1 : 0);
  }

  function call(kind: string, listener: Listener, details: readonly unknown[]): void {
    try {
      listener(...details);
    } catch (error) {
      const failed = message('TAILRACE_CALL_LISTENER_FAILED', kind, messageOf(error));
      notifier.warnOnce(failed, `listener ${kind}`);
    }
  }

  const events: CallEvents = {
    hasListeners: false,

    hasListenersFor: (name) => listeners.has(name) || listeners.has(ALL),

    on(kind, listener) {
      if (typeof listener !== 'function' || !(NAMES.has(kind) || isMessageKind(kind))) {
        const got = `${show(kind)}, ${typeof listener}`;
        notifier.warnOnce(message('TAILRACE_LISTENER_INVALID', SHOWN_KINDS, got), `on ${got}`);
        return () => {};
      }
      if (isMessageKind(kind)) return notifier.on(kind, listener as EngineListeners[typeof kind]);
      const entry = { name: kind, listener: listener as Listener, number: entryCount++ };
      const entries = listeners.get(kind) ?? new Set();
      listeners.set(kind, entries.add(entry));
      events.hasListeners ||= kind !== FLUSH;
      const removeFromMessages = kind === ALL ? notifier.onAny(entry.listener) : () => {};
      return () => {
        removeFromMessages();
        remove(kind, entry);
      };
    },

    emit(name, event) {
      if (isEmitting) return;
      isEmitting = true;
      for (const entry of listenersFor(name)) {
        call(name, entry.listener, entry.name === ALL ? [name, event] : [event]);
      }
      isEmitting = false;
    },
  };
  return events;
}

function isMessageKind(kind: string): kind is keyof EngineListeners {
  return (MESSAGE_KINDS as readonly string[]).includes(kind);
}

/** Emits the event of a call. A client that sends nothing has no events. */
export function emitCall(
  { calls, engine }: { readonly calls: CallEvents; readonly engine: unknown },
  action: 'create' | 'update',
  event: CallEvent,
): void {
  if (engine === undefined) return;
  const { type } = event;
  const name = `${type}-${action}` as CallEventName;
  if (!calls.hasListenersFor(name)) return;
  // Reading the ids makes their text.
  const { id, traceId, name: nameOfHandle } = event;
  calls.emit(name, { type, id, traceId, name: nameOfHandle });
}
