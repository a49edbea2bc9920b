/** What declarative redaction makes of a value: what patterns match and what stands under paths is replaced. */
import { keepMedia } from '../../event/wrapped-media.js';
import { REDACTED, type RedactPattern, type RedactPlan } from '../../shared/contract/redaction.js';
import { follow, isReached, type PathState, parsePath } from './paths.js';
import { type Redact, readyPattern } from './patterns.js';

export interface Redaction {
  readonly redact: Redact;
  readonly replacement: string;
  /** Where the walk through a record begins. */
  readonly paths: readonly PathState[];
}

/** Base64 is long, holds nothing that a pattern means, and must stay what it is. */
const DATA_URI = /(data:[\w.+/-]{0,127}(?:;[\w.+=-]{1,127}){0,8};base64,[A-Za-z0-9+/]{64,}={0,2})/;
const MIN_DATA_URI_CHARS = 64;
/** Shorter numbers are no card's, and what patterns of an application's own look for is text. */
const MIN_LONG_NUMBER = 1e12;

/** `stillAlive`: called before each text, as a pattern may take long. */
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

/** Every match, wherever it stands; nothing where the pattern matches nothing at all, which is to be found everywhere. */
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

/** As `exec`, which `replace` calls where it is not the usual one. */
function withoutEmpty(this: RegExp, text: string): RegExpExecArray | null {
  for (;;) {
    const match = RegExp.prototype.exec.call(this, text);
    if (match === null || match[0] !== '') return match;
    const isWide =
      (this.unicode || this.flags.includes('v')) && (text.codePointAt(match.index) ?? 0) > 0xffff;
    this.lastIndex = match.index + (isWide ? 2 : 1);
  }
}

/** The value as it may be sent: the same one where nothing is found, else a copy of what has changed. */
export function redactValue(value: unknown, states: readonly PathState[], redaction: Redaction): unknown {
  if (isReached(states)) return redaction.replacement;
  if (typeof value === 'string') return redaction.redact(value);
  if (typeof value === 'number') return redactNumber(value, redaction);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Array.isArray(value)
    ? redactList(value, states, redaction)
    : redactMembers(value as Record<string, unknown>, states, redaction);
}

/** A number that is as long as a card's. */
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

/** Keys of one object that are no longer different get a number: no value is lost. */
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
