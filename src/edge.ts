/**
 * All entries for edge runtimes, which have neither threads nor sockets: everything can be called, functions run, and nothing is
 * traced, which one warning says. Bundlers choose this file by the export conditions `edge-light` (Next.js, Vercel) and
 * `workerd` (Cloudflare).
 */

export {
  isDefaultExportSpan,
  isGenAISpan,
  isKnownLLMInstrumentor,
  isLangfuseSpan,
  KNOWN_LLM_INSTRUMENTATION_SCOPE_PREFIXES,
} from './otel/span-filter.js';

import { logLine, textOf } from './messages/render.js';
import { EDGE } from './messages/table/edge.js';
import type { Counts } from './shared/contract/counts.js';
import { noCounts } from './shared/ring/totals.js';

let hasWarned = false;

function warnOnce(): void {
  if (hasWarned) return;
  hasWarned = true;
  // biome-ignore lint/suspicious/noConsole: there is no other way to warn
  console.warn(logLine({ code: 'TAILRACE_NO_THREADS', text: textOf(EDGE.TAILRACE_NO_THREADS, []) }));
}

// biome-ignore lint/suspicious/noExplicitAny: it replaces each of the package's types
type Anything = any;

const settled = async (): Promise<Counts> => noCounts();

/** The results of calls that do not return a handle, by their names. */
const RESULTS: Record<string, (...args: Anything[]) => unknown> = {
  observe: (fn) => fn,
  startActiveObservation: (_name, run) => run(handle),
  propagateAttributes: (_attributes, run) => run(),
  injectTraceContext: (headers = {}) => headers,
  flush: settled,
  flushAsync: settled,
  shutdown: settled,
  shutdownAsync: settled,
  forceFlush: settled,
  ready: async () => {},
  flushSync: noCounts,
  stats: noCounts,
  on: () => () => {},
  push: () => false,
  freeze: (value) => value,
  debug: () => {},
  onStart: () => {},
  onEnd: () => {},
  getActiveObservation: () => undefined,
  getActiveObservationId: () => undefined,
  getActiveSpanId: () => undefined,
  getActiveTraceId: () => undefined,
  getTraceUrl: () => '',
  toJSON: () => ({}),
};
/** Properties that are texts. */
const TEXTS = new Set(['id', 'traceId', 'baseUrl', 'traceparent']);

/** The no-op for clients, traces, observations and engines: every method does nothing. It is not a promise. */
const handle: Anything = new Proxy(
  {},
  {
    get(_target, name) {
      if (typeof name === 'symbol' || name === 'then') return undefined;
      if (TEXTS.has(name)) return '';
      return RESULTS[name] ?? (() => handle);
    },
  },
);

function make(): Anything {
  warnOnce();
  return handle;
}

/** A function: `new` returns the object that it returns. */
export const Tailrace: Anything = Object.assign(
  function Tailrace() {
    return make();
  },
  { attach: make },
);

export function TailraceSpanProcessor(): Anything {
  return make();
}

export function TailraceMedia(): Anything {
  return handle;
}

export const createEngine = make;
export const attachEngine = make;
export const getClient = make;

const call =
  (name: string) =>
  (...args: Anything[]): Anything => {
    warnOnce();
    return handle[name](...args);
  };

export const getActiveObservation = call('getActiveObservation');
export const getActiveObservationId = call('getActiveObservationId');
export const getActiveSpanId = call('getActiveSpanId');
export const getActiveTraceId = call('getActiveTraceId');
export const injectTraceContext = call('injectTraceContext');
export const observe = call('observe');
export const propagateAttributes = call('propagateAttributes');
export const scoreActiveObservation = call('scoreActiveObservation');
export const scoreActiveTrace = call('scoreActiveTrace');
export const setActiveTraceAsPublic = call('setActiveTraceAsPublic');
export const setActiveTraceIO = call('setActiveTraceIO');
export const startActiveObservation = call('startActiveObservation');
export const startObservation = call('startObservation');
export const updateActiveObservation = call('updateActiveObservation');
export const updateActiveTrace = call('updateActiveTrace');

/** No trace has an id here. */
export function createTraceId(): string {
  return '';
}

/** Nothing here could continue a trace. */
export function extractTraceContext(): undefined {}

/** The client itself: its calls run untraced. */
export function observeOpenAI<C extends object>(client: C): C {
  warnOnce();
  return client;
}

/** No hooks: the AI SDK then has nothing to call. */
export function tailraceTelemetry(): object {
  warnOnce();
  return {};
}

/** Hooks of a handler are optional, so that LangChain then has nothing to call. */
export class CallbackHandler {
  readonly name = 'TailraceCallbackHandler';
  readonly awaitHandlers = true;
  readonly last_trace_id = null;
  readonly client = make();
  readonly flushAsync = settled;
  readonly shutdownAsync = settled;

  copy(): this {
    return this;
  }

  debug(): void {}

  getTraceId(): undefined {}

  getTraceUrl(): undefined {}

  getLangchainRunId(): undefined {}
}
