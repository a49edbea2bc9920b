/** Masking and redaction of an OpenTelemetry span's values, wherever they lie: in bytes from the ring, or in the SDK's object. */
import { message, warnBy } from '../messages/message.js';
import { FULLY_MASKED } from '../records/masking.js';
import { type PayloadPlace, payloadPlace, toAttribute } from '../records/span-payloads.js';
import type { RedactPlan } from '../shared/contract/redaction.js';
import type { MaskValue } from './masking.js';
import { follow, isReached, type PathState } from './redact/redact-paths.js';
import { createValueRedaction, isLongNumber, type Redaction, redactValue } from './redact/redact-values.js';
import type { RevisionContext } from './revision.js';

export interface SpanOwner {
  /** In hexadecimal digits. */
  readonly traceId: string;
  readonly id: string;
  readonly name: string;
}

/** Where an attribute stands: on the span or a link, or on an event of it. */
export interface AttributePlace {
  readonly eventName: string | undefined;
  readonly span: SpanOwner;
}

export interface SpanRevision {
  /** What is to stand there: the same value where nothing is to be changed. Never throws, and changes nothing in place. */
  attribute(key: string, value: unknown, place: AttributePlace): unknown;
  key(key: string): string;
  statusMessage(text: string, span: SpanOwner): string;
}

/** A module's mask sees what holds input, output or metadata, as it stands there: mostly text. */
export function createSpanMasking(mask: MaskValue): SpanRevision {
  return {
    attribute(key, value, { eventName, span: { traceId, id, name } }) {
      const place = payloadPlace(key, eventName);
      if (place === undefined) return value;
      const type = key.startsWith('langfuse.trace.') ? 'trace' : 'span';
      return toAttribute(mask(value, place.field, { traceId, id, name, type }));
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

/** By these a Langfuse server tells what a span is; they are words of its own. */
const KEPT = new Set(['langfuse.environment', 'langfuse.observation.type', 'langfuse.observation.level']);

/** What the option was to hide is not known. Numbers stay, but for those that may be a card's. */
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
  const statesOf = cached((key) => statesAt(paths, key, payloadPlace(key)));
  return (key, eventName) => {
    const ofMessage =
      eventName !== undefined && payloadPlace(key) === undefined && payloadPlace(key, eventName);
    return ofMessage ? statesAt(paths, key, ofMessage) : statesOf(key);
  };
}

/** By key: there are few, and each attribute of each span asks. */
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
 * A path leads to an attribute by its key, as one step or with a step for each part between dots; and by `input`, `output`
 * and `metadata` to what holds them.
 */
function statesAt(paths: States, key: string, place: PayloadPlace | undefined): States {
  const ways = [...waysOf(paths, key)];
  if (place !== undefined) ways.push(...waysOf(follow(paths, place.field), place.rest));
  return [...new Set(ways.flat())];
}

function waysOf(from: States, key: string): States[] {
  if (key === '') return [from];
  return [step(from, key), key.split('.').reduce(step, from)];
}

/** What a path names it names with all that is in it. */
function step(from: States, key: string): States {
  return isReached(from) ? from : follow(from, key);
}

/** The beginning of JSON, and of little else. */
const JSON_START = /^\s*(?:\{\s*["}]|\[\s*[[{"\]])/;

/** Paths reach into text that is JSON: on a span structured values are. */
function redactAttribute(value: unknown, states: States, redaction: Redaction): unknown {
  if (typeof value !== 'string' || states.length === 0 || isReached(states) || !JSON_START.test(value)) {
    return redactValue(value, states, redaction);
  }
  const parsed = parseJson(value);
  // Cut off, perhaps: what a path names may be in it.
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
