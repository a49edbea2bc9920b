/** Events of a client's calls, for who listens: langfuse 3 has them, under the names of its ingestion. */
import { type EngineListeners, MESSAGE_KINDS, type Notifier } from '../producer/notifier.js';
import type { FlushResult } from '../shared/counts.js';
import { messageOf } from '../shared/errors.js';
import { show } from '../shared/options.js';
import { OBSERVATION_TYPES, type ObservationType } from '../shared/records.js';
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

export interface CallEvents {
  /** Whether somebody listens to calls: looked at in each, so that nothing is made for nobody. */
  isHeard: boolean;
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
  const listeners: { readonly kind: string; readonly listener: Listener }[] = [];
  let isTelling = false;

  function call(kind: string, listener: Listener, told: readonly unknown[]): void {
    try {
      listener(...told);
    } catch (error) {
      notifier.warnOnce(`listener ${kind}`, `a listener for '${kind}' threw: ${messageOf(error)}`);
    }
  }

  const events: CallEvents = {
    isHeard: false,

    on(kind, listener) {
      if (typeof listener !== 'function' || !(KINDS.has(kind) || isMessageKind(kind))) {
        const got = `${show(kind)}, ${typeof listener}`;
        notifier.warnOnce(`on ${got}`, `on() takes one of ${SHOWN_KINDS}, and a function, but got: ${got}`);
        return () => {};
      }
      if (isMessageKind(kind)) return notifier.on(kind, listener as EngineListeners[typeof kind]);
      const entry = { kind, listener: listener as Listener };
      listeners.push(entry);
      events.isHeard ||= kind !== FLUSH;
      const endMessages = kind === ALL ? notifier.onAny(entry.listener) : () => {};
      return () => {
        endMessages();
        if (listeners.includes(entry)) listeners.splice(listeners.indexOf(entry), 1);
        events.isHeard = listeners.some((one) => one.kind !== FLUSH);
      };
    },

    tell(kind, event) {
      if (isTelling) return;
      isTelling = true;
      for (const one of [...listeners]) {
        if (one.kind === kind) call(kind, one.listener, [event]);
        else if (one.kind === ALL) call(kind, one.listener, [kind, event]);
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
  const { type, id, traceId, name } = event;
  calls.tell(`${type}-${what}` as CallKind, { type, id, traceId, name });
}
