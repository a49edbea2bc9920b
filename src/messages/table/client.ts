/** Messages about options, and about what an application passes to the client. */

import type { Table } from '../entry.js';
import { counted } from '../quantities.js';

export const CLIENT = {
  /**
   * An option or an environment variable cannot be used as it was given, is not known, or has no effect. The text names it
   * and what is used instead. Invalid masking options fail closed: everything is masked.
   */
  TAILRACE_OPTION: {
    level: 'warning',
    text: (problem: string) => problem,
    docs: 'options',
  },
  /** An address, a key or a header cannot be used, and a default would send events elsewhere: nothing is sent there. */
  TAILRACE_NOTHING_SENT: {
    level: 'error',
    text: (problem: string) => problem,
    docs: 'options',
  },
  /** A client, a processor or an observation was used after `shutdown()`. The events of such calls are counted as dropped. */
  TAILRACE_CLOSED: {
    level: 'warning',
    text: (call: string) => `${call} after shutdown(): it and later calls do nothing`,
    remedy: 'Call shutdown() last',
    docs: 'exit',
  },
  /** Many clients are open at once. They share one worker and their counts, but each has handles and timers of its own. */
  TAILRACE_MANY_CLIENTS: {
    level: 'warning',
    text: (clients: number) => `${clients} clients of the same server and project are open at once`,
    remedy: 'Make one client for the whole process, or end each with shutdown()',
    docs: 'clients',
  },
  /** A listener added with `on()` for messages threw. Other listeners are called all the same. */
  TAILRACE_MESSAGE_LISTENER_FAILED: {
    level: 'error',
    text: (kind: string, reason: string) => `a listener for '${kind}' threw: ${reason}`,
    docs: 'listeners',
  },
  /** A listener added with `on()` for calls (`trace-create`, `flush`, …) threw. Reported once for each kind. */
  TAILRACE_CALL_LISTENER_FAILED: {
    level: 'warning',
    text: (kind: string, reason: string) => `a listener for '${kind}' threw: ${reason}`,
    docs: 'listeners',
  },
  /** `on()` was called with an unknown kind, or without a function. It does nothing. */
  TAILRACE_LISTENER_INVALID: {
    level: 'warning',
    text: (kinds: string, got: string) => `on() takes one of ${kinds}, and a function, but got: ${got}`,
    docs: 'listeners',
  },
  /** The callback given to `flush()` threw. The flush itself has ended as its counts say. */
  TAILRACE_FLUSH_CALLBACK_FAILED: {
    level: 'warning',
    text: (reason: string) => `the callback of flush() threw: ${reason}`,
    docs: 'exit',
  },
  /** A call that needs an active observation was made where there is none. */
  TAILRACE_NO_ACTIVE_OBSERVATION: {
    level: 'warning',
    text: (call: string) => `${call}() does nothing: no observation is active here`,
    remedy: 'Call it within startActiveObservation() or observe()',
    docs: 'context',
  },
  /** The object given to `injectTraceContext()` does not take headers. The call to the other service goes without them. */
  TAILRACE_HEADERS_NOT_WRITTEN: {
    level: 'warning',
    text: (error: string) => `injectTraceContext() cannot write the headers: ${error}`,
    remedy: 'Pass a plain object, a Headers or a Map',
    docs: 'context',
  },
  /** A propagated attribute is no text, or too long for the servers. It is left out. */
  TAILRACE_PROPAGATED_INVALID: {
    level: 'warning',
    text: (name: string, maxCharacters: number, got: string) =>
      `propagateAttributes: ${name} must be a text of at most ${counted(maxCharacters, 'character')}, but got: ${got}; it is left out`,
    docs: 'context',
  },
  /** `parent` is neither a handle, nor `{traceId, spanId}`, nor a `traceparent`. The observation starts a trace of its own. */
  TAILRACE_PARENT_INVALID: {
    level: 'warning',
    text: () => 'a parent is neither a handle nor the ids of a span: it is left out',
    docs: 'handles',
  },
  /** A getter of an object that the application passed threw. The other fields are traced. */
  TAILRACE_FIELD_UNREADABLE: {
    level: 'warning',
    text: (error: string) => `a field could not be read, and is left out: ${error}`,
    docs: 'handles',
  },
  /** `level` is none that servers know. It is left out. The value is not shown, as it may be a payload. */
  TAILRACE_LEVEL_INVALID: {
    level: 'warning',
    text: (levels: string) =>
      `level must be one of ${levels} (in any case; also INFO, WARN, FATAL and the like): others are left out`,
    docs: 'handles',
  },
  /** `asType` is none that servers know. The observation is traced as a span. */
  TAILRACE_TYPE_INVALID: {
    level: 'warning',
    text: (types: string, got: string) => `asType must be one of ${types}, but got: ${got}; using span`,
    docs: 'handles',
  },
  /** A server would refuse the environment and all that carries it. It is left out. */
  TAILRACE_ENVIRONMENT_INVALID: {
    level: 'warning',
    text: () =>
      'an environment must be at most 40 of a-z, 0-9, _ and -, and must not start with "langfuse": it is left out',
    docs: 'handles',
  },
  /** `prompt` lacks a name or a version from 1 on. The observation is traced without the link. */
  TAILRACE_PROMPT_INVALID: {
    level: 'warning',
    text: (got: string) =>
      `a prompt must have a name and a version from 1 on, but got: ${got}; it is not linked`,
    docs: 'handles',
  },
  /** `dataType` of a score is none that servers know. The type is taken from the value. */
  TAILRACE_SCORE_TYPE_INVALID: {
    level: 'warning',
    text: (types: string) =>
      `dataType of a score must be one of ${types}: others are left out, and the value says which it is`,
    docs: 'scores',
  },
  /** Usage or cost details hold what is no number, or a negative one. The other numbers are traced. */
  TAILRACE_USAGE_INVALID: {
    level: 'warning',
    text: (option: string, keys: string) =>
      `${option} must hold numbers that are not negative: other values are left out, here of ${keys}`,
    docs: 'usage',
  },
} as const satisfies Table;
