/** Single fields from whatever an application passed for them. */

import { types } from 'node:util';
import { standIn, toSerializable } from '../event/serializable.js';
import { message } from '../messages/message.js';
import { levelOfWord } from '../records/level-names.js';
import {
  OBSERVATION_LEVELS,
  OBSERVATION_TYPES,
  type ObservationLevel,
  type ObservationType,
} from '../records/records.js';
import { stringifyWellFormed } from '../shared/json.js';
import { show } from '../shared/options.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import type { GenerationBody } from './bodies.js';
import { ENVIRONMENT } from './connection.js';
import { read, type TracingCore } from './core.js';

/** Null where there is none. */
export function toText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object') return standIn(value);
  try {
    return textOf(value);
  } catch {
    return '[unreadable]';
  }
}

/** Longer JSON of a thrown object is cut. */
const MAX_THROWN_CHARS = 1000;

/** What was thrown, as a status message: of a plain object without a message its JSON text. */
export function toStatusMessage(thrown: unknown): string {
  return typeof thrown === 'function' ? standIn(thrown) : messageOf(thrown, textOfThrown);
}

function textOfThrown(thrown: object): string {
  const text = toText(thrown) ?? '';
  // An instance without fields of its own, say a Response: at least what it is.
  if (text === '{}') return String(thrown);
  return text.length > MAX_THROWN_CHARS ? `${text.slice(0, MAX_THROWN_CHARS).toWellFormed()}…` : text;
}

/** What JSON has for it, or what its class says; of plain data the JSON text. */
function textOf(value: object): string {
  if (types.isNativeError(value) || value instanceof Error) return messageOf(value);
  const hasJSON = typeof (value as { toJSON?: unknown }).toJSON === 'function';
  if (types.isBoxedPrimitive(value) || (!hasJSON && hasTextOfItsOwn(value))) return String(value);
  const json = toSerializable(value);
  return typeof json === 'string' ? json : (stringifyWellFormed(json) ?? '');
}

/** Not that of every object, nor that of arrays, which tells nothing of the objects in them. */
function hasTextOfItsOwn(value: object): boolean {
  return value.toString !== Object.prototype.toString && !Array.isArray(value);
}

/** Null where there is none. */
export function toFlag(value: unknown): boolean | null {
  if (value === undefined || value === null) return null;
  return types.isBooleanObject(value) ? Boolean.prototype.valueOf.call(value) : Boolean(value);
}

/** Null where there are none. */
export function toTags(tags: unknown): readonly string[] | null {
  if (tags === undefined || tags === null) return null;
  try {
    const all = Array.isArray(tags) || tags instanceof Set ? tags : [tags];
    return Array.from(all as Iterable<unknown>, (tag) => toText(tag) ?? '');
  } catch {
    return ['[unreadable]'];
  }
}

const TYPES: readonly unknown[] = OBSERVATION_TYPES;

/** In any case. Null where there is none. Of what is no level one warning speaks, without showing it: it may be a payload. */
export function toLevel({ notifier }: TracingCore, value: unknown): ObservationLevel | null {
  const word = toText(value);
  if (word === null) return null;
  const level = levelOfWord(word);
  if (level === undefined) {
    notifier.warnOnce(message('TAILRACE_LEVEL_INVALID', OBSERVATION_LEVELS.join(', ')));
  }
  return level ?? null;
}

/** The type that the options ask for; one that does not exist is named, and a span. */
export function readType(
  core: TracingCore,
  options: { asType?: unknown } | null | undefined,
): ObservationType {
  const type = read(core, options, 'asType') ?? 'span';
  if (TYPES.includes(type)) return type as ObservationType;
  const word = typeof type === 'string' ? type.trim().toLowerCase() : undefined;
  if (TYPES.includes(word)) return word as ObservationType;
  core.notifier.warnOnce(message('TAILRACE_TYPE_INVALID', OBSERVATION_TYPES.join(', '), show(type)));
  return 'span';
}

/** Null where there is none, or one that a server would refuse, with all that carries it. */
export function toEnvironment({ notifier }: TracingCore, value: unknown): string | null {
  const text = toText(value);
  if (text === null || ENVIRONMENT.test(text)) return text;
  notifier.warnOnce(message('TAILRACE_ENVIRONMENT_INVALID'));
  return null;
}

export interface PromptLink {
  readonly name: string | null;
  readonly version: number | null;
}

export const NO_PROMPT: PromptLink = { name: null, version: null };

/**
 * Name and version of a prompt. A fallback is not linked, nor is one that lacks a name or a version: a server refuses an
 * observation that has one without the other, or the version 0 (`CreateGenerationBody` in Langfuse's
 * packages/shared/src/server/ingestion/types.ts).
 */
export function readPrompt(core: TracingCore, prompt: NonNullable<GenerationBody['prompt']>): PromptLink {
  if (read(core, prompt, 'isFallback')) return NO_PROMPT;
  const given = read(core, prompt, 'version') as unknown;
  const version = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
  const name = toText(read(core, prompt, 'name'));
  if (name && isPromptVersion(version)) return { name, version };
  core.notifier.warnOnce(message('TAILRACE_PROMPT_INVALID', name ? show(given) : 'no name'));
  return NO_PROMPT;
}

/** As Langfuse 4 stores it: 16 bits. */
const MAX_PROMPT_VERSION = 65_535;

function isPromptVersion(version: unknown): version is number {
  return Number.isInteger(version) && (version as number) > 0 && (version as number) <= MAX_PROMPT_VERSION;
}
