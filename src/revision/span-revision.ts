/** Masks and redacts values of an OpenTelemetry span, in the bytes of its record or in the SDK's object. */

import { message, warnBy } from '../messages/message.js';
import { FULLY_MASKED } from '../records/masking.js';
import { locatePayload, type PayloadLocation, toAttribute } from '../records/payload-attributes.js';
import type { RedactPlan } from '../shared/contract/redaction.js';
import type { MaskValue } from './masking.js';
import { follow, isReached, type PathState } from './redact/paths.js';
import { createValueRedaction, isLongNumber, type Redaction, redactValue } from './redact/values.js';
import type { RevisionContext } from './revision.js';

export interface SpanOwner {
  /** In hexadecimal digits. */
  readonly traceId: string;
  readonly id: string;
  readonly name: string;
}

/** The span of an attribute; `eventName`: of the event, if the attribute is on an event. */
export interface AttributeLocation {
  readonly eventName: string | undefined;
  readonly span: SpanOwner;
}

export interface SpanRevision {
  /** Returns the new value, or the same value if it needs no change. Never throws, and does not change the value itself. */
  attribute(key: string, value: unknown, location: AttributeLocation): unknown;
  key(key: string): string;
  statusMessage(text: string, span: SpanOwner): string;
}

/** In the order of application. `mask`: the loaded module's. */
export function createSpanRevisions(
  mask: MaskValue | undefined,
  redact: RedactPlan | undefined,
  context: RevisionContext,
): SpanRevision[] {
  return [
    ...(mask === undefined ? [] : [createSpanMasking(mask)]),
    ...(redact === undefined ? [] : [createSpanRedaction(redact, context)]),
  ];
}

/** A module's mask sees the attributes that hold input, output or metadata as they are: mostly text. */
export function createSpanMasking(mask: MaskValue): SpanRevision {
  return {
    attribute(key, value, { eventName, span: { traceId, id, name } }) {
      const location = locatePayload(key, eventName);
      if (location === undefined) return value;
      const type = key.startsWith('langfuse.trace.') ? 'trace' : 'span';
      return toAttribute(mask(value, location.field, { traceId, id, name, type }));
    },
    key: (key) => key,
    statusMessage: (text) => text,
  };
}

/** Redaction sees every attribute, and the status message. */
export function createSpanRedaction(
  plan: RedactPlan,
  { warning, stillAlive }: RevisionContext,
): SpanRevision {
  if (plan.masksAll) return MASKS_ALL;
  const redaction = createValueRedaction(plan, stillAlive);
  const statesOf = createStatesByKey(redaction.paths);
  const ofStatus = follow(redaction.paths, 'statusMessage');
  const guarded = ({ id }: SpanOwner, redact: () => unknown): unknown => {
    try {
      return redact();
    } catch {
      // A pattern, or a value, may exhaust the stack.
      warnBy(warning, message('TAILRACE_REDACT_FAILED', `a value of span ${id}`));
      return FULLY_MASKED;
    }
  };
  return {
    attribute: (key, value, { eventName, span }) =>
      guarded(span, () => redactAttribute(value, statesOf(key, eventName), redaction)),
    key: cached((key) => redaction.redact(key)),
    statusMessage: (text, span) => String(guarded(span, () => redactValue(text, ofStatus, redaction))),
  };
}

/** A Langfuse server tells by these what a span is; their values are its own terms. */
const KEPT = new Set(['langfuse.environment', 'langfuse.observation.type', 'langfuse.observation.level']);

/** Used if the option cannot be read, as nobody knows what it was to hide. Numbers stay, except those as long as a card's. */
const MASKS_ALL: SpanRevision = {
  attribute(key, value) {
    if (KEPT.has(key) || value === null || value === undefined || typeof value === 'boolean') return value;
    return typeof value === 'number' && !isLongNumber(value) ? value : FULLY_MASKED;
  },
  key: (key) => key,
  statusMessage: () => FULLY_MASKED,
};

type States = readonly PathState[];

const MAX_KEYS = 10_000;

function createStatesByKey(paths: States): (key: string, eventName: string | undefined) => States {
  if (paths.length === 0) return () => paths;
  const statesOf = cached((key) => statesAt(paths, key, locatePayload(key)));
  return (key, eventName) => {
    const ofMessage =
      eventName !== undefined && locatePayload(key) === undefined && locatePayload(key, eventName);
    return ofMessage ? statesAt(paths, key, ofMessage) : statesOf(key);
  };
}

/** Caches by key: there are few keys, and it is called for each attribute of each span. */
function cached<T>(of: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = of(key);
    if (known.size < MAX_KEYS) known.set(key, made);
    return made;
  };
}

/**
 * A path names an attribute by its key, as one step or with a step for each part between dots. `input`, `output` and `metadata`
 * name the attributes that hold them.
 */
function statesAt(paths: States, key: string, location: PayloadLocation | undefined): States {
  const ways = [...waysOf(paths, key)];
  if (location !== undefined) ways.push(...waysOf(follow(paths, location.field), location.rest));
  return [...new Set(ways.flat())];
}

function waysOf(from: States, key: string): States[] {
  if (key === '') return [from];
  return [step(from, key), key.split('.').reduce(step, from)];
}

/** A path that names a value names all that is in it. */
function step(from: States, key: string): States {
  return isReached(from) ? from : follow(from, key);
}

/** The beginning of JSON, and of few other texts. */
const JSON_START = /^\s*(?:\{\s*["}]|\[\s*[[{"\]])/;

/** Paths reach into text that is JSON: on a span, structured values are JSON. */
function redactAttribute(value: unknown, states: States, redaction: Redaction): unknown {
  if (typeof value !== 'string' || states.length === 0 || isReached(states) || !JSON_START.test(value)) {
    return redactValue(value, states, redaction);
  }
  const parsed = parseJson(value);
  // It may be JSON that was cut off, with a value that a path names.
  if (parsed === undefined) return redaction.replacement;
  const byPaths = redactValue(parsed, states, { ...redaction, redact: (text) => text });
  return redaction.redact(byPaths === parsed ? value : (JSON.stringify(byPaths) as string));
}

function parseJson(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
