/**
 * All entries where there are neither threads nor sockets, in edge runtimes: everything can be called, functions run, nothing
 * is traced, which is said once. Bundlers choose it by the export conditions `edge-light` (Next.js, Vercel) and `workerd`
 * (Cloudflare).
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

let said = false;

function say(): void {
  if (said) return;
  said = true;
  // biome-ignore lint/suspicious/noConsole: there is nothing else that could tell it.
  console.warn(logLine({ code: 'TAILRACE_NO_THREADS', text: textOf(EDGE.TAILRACE_NO_THREADS, []) }));
}

// biome-ignore lint/suspicious/noExplicitAny: it stands for each of the package's types.
type Anything = any;

const settled = async (): Promise<Counts> => noCounts();

/** What calls return that is no handle, by their names. */
const ANSWERS: Record<string, (...args: Anything[]) => unknown> = {
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
const TEXTS = new Set(['id', 'traceId', 'baseUrl', 'traceparent']);

/** Stands for a client, a trace, an observation, an engine: whatever is called on it does nothing. It is no promise. */
const handle: Anything = new Proxy(
  {},
  {
    get(_target, name) {
      if (typeof name === 'symbol' || name === 'then') return undefined;
      if (TEXTS.has(name)) return '';
      return ANSWERS[name] ?? (() => handle);
    },
  },
);

function make(): Anything {
  say();
  return handle;
}

/** A function that returns an object may be called with `new`, and gives that object. */
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
    say();
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

/** No trace has it. */
export function createTraceId(): string {
  return '';
}

/** There is nothing that could go on with it. */
export function extractTraceContext(): undefined {}
