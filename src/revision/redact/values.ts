/** Declarative redaction of one value: replaces matches of patterns, and the values that paths name. */
import { keepMedia } from '../../event/wrapped-media.js';
import { REDACTED, type RedactPattern, type RedactPlan } from '../../shared/contract/redaction.js';
import { follow, isReached, type PathState, parsePath } from './paths.js';
import { type Redact, readyPattern } from './patterns.js';

export interface Redaction {
  readonly redact: Redact;
  readonly replacement: string;
  /** The states at the start of the walk through a record. */
  readonly paths: readonly PathState[];
}

/** Base64 is long and must not change; patterns are not meant for it. */
const DATA_URI = /(data:[\w.+/-]{0,127}(?:;[\w.+=-]{1,127}){0,8};base64,[A-Za-z0-9+/]{64,}={0,2})/;
const MIN_DATA_URI_CHARS = 64;
/** Shorter numbers are no card numbers, and patterns of an application look for text. */
const MIN_LONG_NUMBER = 1e12;

/** `stillAlive` is called before each text, as a pattern may take long. */
export function createValueRedaction(plan: RedactPlan, stillAlive?: () => void): Redaction {
  const { replacement = REDACTED, paths } = plan;
  const redactText = patternsOf(plan);
  const redact: Redact = (text) => {
    stillAlive?.();
    return redactText(text);
  };
  return { redact, replacement, paths: paths.map(parsePath) };
}

function patternsOf({ patterns, replacement }: RedactPlan): Redact {
  const redacts = patterns.map((one) =>
    typeof one === 'string' ? readyPattern(one, replacement) : ownPattern(one, replacement),
  );
  const redactText: Redact = (text) => redacts.reduce((redacted, redact) => redact(redacted), text);
  return (text) =>
    text.length > MIN_DATA_URI_CHARS && text.includes(';base64,')
      ? text
          .split(DATA_URI)
          .map((piece, i) => (i % 2 === 1 ? piece : redactText(piece)))
          .join('')
      : redactText(text);
}

/** Replaces every match except empty ones, which occur everywhere. */
function ownPattern({ pattern, replacement }: RedactPattern, common?: string): Redact {
  if (typeof pattern === 'string') return readyPattern(pattern, replacement ?? common);
  const everywhere = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}g`);
  if (replacement?.includes('$')) {
    everywhere.exec = withoutEmpty;
    return (text) => text.replace(everywhere, replacement);
  }
  const instead = replacement ?? common ?? REDACTED;
  return (text) => text.replace(everywhere, (match) => (match === '' ? '' : instead));
}

/** Replaces `exec`, which `String.replace` calls if it is not the built-in one. */
function withoutEmpty(this: RegExp, text: string): RegExpExecArray | null {
  for (;;) {
    const match = RegExp.prototype.exec.call(this, text);
    if (match === null || match[0] !== '') return match;
    const isWide =
      (this.unicode || this.flags.includes('v')) && (text.codePointAt(match.index) ?? 0) > 0xffff;
    this.lastIndex = match.index + (isWide ? 2 : 1);
  }
}

/** Returns the value as it may be sent: the same value if nothing is found, else a copy with the changes. */
export function redactValue(value: unknown, states: readonly PathState[], redaction: Redaction): unknown {
  if (isReached(states)) return redaction.replacement;
  if (typeof value === 'string') return redaction.redact(value);
  if (typeof value === 'number') return redactNumber(value, redaction);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Array.isArray(value)
    ? redactList(value, states, redaction)
    : redactMembers(value as Record<string, unknown>, states, redaction);
}

/** Whether the number is as long as a card number. */
export function isLongNumber(number: number): boolean {
  return Number.isSafeInteger(number) && number >= MIN_LONG_NUMBER;
}

function redactNumber(number: number, { redact }: Redaction): unknown {
  if (!isLongNumber(number)) return number;
  const text = String(number);
  const redacted = redact(text);
  return redacted === text ? number : redacted;
}

function redactList(list: readonly unknown[], states: readonly PathState[], redaction: Redaction): unknown {
  let copy: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const redacted = redactValue(list[i], follow(states, String(i)), redaction);
    if (Object.is(redacted, list[i])) continue;
    copy ??= [...list];
    copy[i] = redacted;
  }
  return copy ?? list;
}

function redactMembers(
  object: Readonly<Record<string, unknown>>,
  states: readonly PathState[],
  redaction: Redaction,
): unknown {
  let copy: Record<string, unknown> | undefined;
  let renames = false;
  for (const key of Object.keys(object)) {
    const redacted = redactValue(object[key], follow(states, key), redaction);
    renames ||= redaction.redact(key) !== key;
    if (Object.is(redacted, object[key])) continue;
    copy ??= keepMedia(object, { ...object });
    copy[key] = redacted;
  }
  const result = copy ?? object;
  return renames ? withRedactedKeys(result, redaction.redact) : result;
}

function withRedactedKeys(object: Readonly<Record<string, unknown>>, redact: Redact): object {
  const name = createNaming(redact);
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [name(key), value]));
}

/** Numbers the keys of one object that redaction has made equal, so that no value is lost. */
export function createNaming(redact: Redact): (key: string) => string {
  const taken = new Set<string>();
  const repeats = new Map<string, number>();
  return (key) => {
    const name = redact(key);
    let unique = name;
    while (taken.has(unique)) {
      const number = (repeats.get(name) ?? 1) + 1;
      repeats.set(name, number);
      unique = `${name} ${number}`;
    }
    taken.add(unique);
    return unique;
  };
}
