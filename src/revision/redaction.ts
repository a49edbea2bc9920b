/** Declarative redaction: replaces what patterns match and what stands under given paths, in every value of a record. */
import type { ExporterContext } from '../shared/exporter.js';
import { FULLY_MASKED } from '../shared/masking.js';
import { REDACTED, type RedactPattern, type RedactPlan } from '../shared/redaction.js';
import { revisePayload } from './payload-fields.js';
import { follow, isReached, type PathState, parsePath } from './redact-paths.js';
import { type Redact, readyPattern } from './redact-patterns.js';
import type { OpenRecord, Revision } from './revision.js';

interface Redaction {
  readonly redact: Redact;
  readonly replacement: string;
}

/** Base64 is long, holds nothing that a pattern means, and must stay what it is. */
const DATA_URI = /(data:[\w.+/-]{0,127}(?:;[\w.+=-]{1,127}){0,8};base64,[A-Za-z0-9+/]{64,}={0,2})/;
const MIN_DATA_URI_CHARS = 64;
/** Shorter numbers are no card's, and what patterns of an application's own look for is text. */
const MIN_LONG_NUMBER = 1e12;

export function createRedaction(plan: RedactPlan, { warning }: Pick<ExporterContext, 'warning'>): Revision {
  if (plan.masksAll) return MASKS_ALL;
  const redaction = { redact: patternsOf(plan), replacement: plan.replacement ?? REDACTED };
  const paths = plan.paths.map(parsePath);
  return {
    wants: () => true,
    apply(record) {
      redactRecord(record, redaction, paths, warning);
      return undefined;
    },
  };
}

/** What the option was to hide is not known. */
const MASKS_ALL: Revision = {
  wants: () => true,
  apply(record) {
    revisePayload(record, () => FULLY_MASKED);
    return undefined;
  },
};

function redactRecord(
  record: OpenRecord,
  redaction: Redaction,
  paths: readonly PathState[],
  warning: ExporterContext['warning'],
): void {
  revisePayload(record, (value, field, { type, id }) => {
    try {
      return redactValue(value, follow(paths, field), redaction);
    } catch {
      // A pattern may exhaust the stack.
      warning('redact', `redact failed for the ${field} of ${type} ${id}: sent fully masked`);
      return FULLY_MASKED;
    }
  });
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

/** Plain data, which is changed where it is. */
function redactValue(value: unknown, states: readonly PathState[], redaction: Redaction): unknown {
  if (isReached(states)) return redaction.replacement;
  if (typeof value === 'string') return redaction.redact(value);
  if (typeof value === 'number') return redactNumber(value, redaction);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (!Array.isArray(value)) return redactMembers(value as Record<string, unknown>, states, redaction);
  for (let i = 0; i < value.length; i++) {
    value[i] = redactValue(value[i], follow(states, String(i)), redaction);
  }
  return value;
}

function redactNumber(number: number, { redact }: Redaction): unknown {
  if (!Number.isSafeInteger(number) || number < MIN_LONG_NUMBER) return number;
  const text = String(number);
  const redacted = redact(text);
  return redacted === text ? number : redacted;
}

function redactMembers(
  object: Record<string, unknown>,
  states: readonly PathState[],
  redaction: Redaction,
): unknown {
  let renames = false;
  for (const key of Object.keys(object)) {
    object[key] = redactValue(object[key], follow(states, key), redaction);
    renames ||= redaction.redact(key) !== key;
  }
  return renames ? withRedactedKeys(object, redaction) : object;
}

/** Keys that are no longer different get a number: no value is lost. */
function withRedactedKeys(object: Record<string, unknown>, { redact }: Redaction): object {
  const renamed = new Map<string, unknown>();
  const repeats = new Map<string, number>();
  for (const [key, value] of Object.entries(object)) {
    const name = redact(key);
    let unique = name;
    while (renamed.has(unique)) {
      const number = (repeats.get(name) ?? 1) + 1;
      repeats.set(name, number);
      unique = `${name} ${number}`;
    }
    renamed.set(unique, value);
  }
  return Object.fromEntries(renamed);
}
