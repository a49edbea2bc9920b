/** Reads single fields from the objects that an application passes, and converts values of any type to the type of the field. */
import * as types from 'node:util/types';
import { ENVIRONMENT } from '../config/connection.js';
import { placeholder, toSerializable, unreadable } from '../event/serializable.js';
import { message } from '../messages/message.js';
import {
  levelOfName,
  OBSERVATION_LEVELS,
  OBSERVATION_TYPES,
  type ObservationLevel,
  type ObservationType,
} from '../records/vocabulary.js';
import { stringifyWellFormed } from '../shared/json.js';
import { messageOf, nameOf } from '../shared/untrusted-text/errors.js';
import { show } from '../shared/untrusted-text/show.js';
import type { ChildOptions, GenerationBody } from './bodies.js';
import type { PromptLink, TracingCore } from './core.js';

/** One field of an object from the application. The object may be missing, and its getters may throw. */
export function read<B, K extends keyof B>(
  core: TracingCore,
  body: B | null | undefined,
  key: K,
): B[K] | undefined {
  try {
    return body?.[key] ?? undefined;
  } catch (error) {
    warnUnreadable(core, error);
    return undefined;
  }
}

export function warnUnreadable({ notifier }: TracingCore, error: unknown): void {
  // Not the error's message: the application's own getter threw it, and the message may show a value.
  notifier.warnOnce(message('TAILRACE_FIELD_UNREADABLE', nameOf(error)));
}

/** In these fields a placeholder says that the value is missing. In others it would be taken for a name or a number. */
const PAYLOADS: ReadonlySet<string> = new Set(['input', 'output', 'metadata', 'modelParameters']);

/** The readable fields of a body whose getters throw. Empty if nothing can be read. */
export function readable<B extends object>(body: B): Partial<B> {
  const fields: Record<string, unknown> = {};
  try {
    for (const key of Object.keys(body)) {
      try {
        fields[key] = body[key as keyof B];
      } catch (error) {
        if (PAYLOADS.has(key)) fields[key] = unreadable(error);
      }
    }
  } catch {
    // A revoked proxy.
  }
  return fields as Partial<B>;
}

/** Puts the arguments of `startObservation` into one body: the attributes, the name, and the options that are fields. */
export function toBody(
  core: TracingCore,
  name: string,
  attributes: GenerationBody | null | undefined,
  options: ChildOptions | null | undefined,
): GenerationBody {
  const startTime = read(core, options, 'startTime');
  const own = startTime === undefined ? { name } : { name, startTime };
  try {
    return { ...attributes, ...own };
  } catch (error) {
    warnUnreadable(core, error);
    return { ...readable(attributes as GenerationBody), ...own };
  }
}

/** Null if there is no value. */
export function toText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object') return placeholder(value);
  try {
    return textOf(value);
  } catch {
    return '[unreadable]';
  }
}

/** The JSON text of a thrown object is cut to this length. */
const MAX_THROWN_CHARS = 1000;

/** The status message for a thrown value: the error's message, or the JSON text of a plain object without one. */
export function toStatusMessage(thrown: unknown): string {
  return typeof thrown === 'function' ? placeholder(thrown) : messageOf(thrown, textOfThrown);
}

function textOfThrown(thrown: object): string {
  const text = toText(thrown) ?? '';
  // An instance without own fields, for example a Response: at least its class.
  if (text === '{}') return String(thrown);
  return text.length > MAX_THROWN_CHARS ? `${text.slice(0, MAX_THROWN_CHARS).toWellFormed()}…` : text;
}

/** The value's own text, if its class has a toString(), else its JSON text. */
function textOf(value: object): string {
  if (types.isNativeError(value) || value instanceof Error) return messageOf(value);
  const hasJSON = typeof (value as { toJSON?: unknown }).toJSON === 'function';
  if (types.isBoxedPrimitive(value) || (!hasJSON && hasOwnToString(value))) return String(value);
  const json = toSerializable(value);
  return typeof json === 'string' ? json : (stringifyWellFormed(json) ?? '');
}

/** Not the toString() of Object, and not that of arrays, which hides the objects in them. */
function hasOwnToString(value: object): boolean {
  return value.toString !== Object.prototype.toString && !Array.isArray(value);
}

/** Null if there is no value. */
export function toFlag(value: unknown): boolean | null {
  if (value === undefined || value === null) return null;
  return types.isBooleanObject(value) ? Boolean.prototype.valueOf.call(value) : Boolean(value);
}

/** Null if there are no tags. */
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

/** Ignores upper and lower case. Null if there is no level. The warning about another value does not show it: it may be a payload. */
export function toLevel({ notifier }: TracingCore, value: unknown): ObservationLevel | null {
  const text = toText(value);
  if (text === null) return null;
  const level = levelOfName(text);
  if (level === undefined) {
    notifier.warnOnce(message('TAILRACE_LEVEL_INVALID', OBSERVATION_LEVELS.join(', ')));
  }
  return level ?? null;
}

/** The type that the options ask for. A type that does not exist becomes a span, with a warning. */
export function readType(
  core: TracingCore,
  options: { asType?: unknown } | null | undefined,
): ObservationType {
  const type = read(core, options, 'asType') ?? 'span';
  if (TYPES.includes(type)) return type as ObservationType;
  const trimmed = typeof type === 'string' ? type.trim().toLowerCase() : undefined;
  if (TYPES.includes(trimmed)) return trimmed as ObservationType;
  core.notifier.warnOnce(message('TAILRACE_TYPE_INVALID', OBSERVATION_TYPES.join(', '), show(type)));
  return 'span';
}

/** Null if there is none, or if a server would refuse it: the server would also refuse every record with it. */
export function toEnvironment({ notifier }: TracingCore, value: unknown): string | null {
  const text = toText(value);
  if (text === null || ENVIRONMENT.test(text)) return text;
  notifier.warnOnce(message('TAILRACE_ENVIRONMENT_INVALID'));
  return null;
}

export const NO_PROMPT: PromptLink = { name: null, version: null };

/**
 * Name and version of a prompt. A fallback is not linked, nor is a prompt that lacks a name or a version: a server refuses an
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

/** Langfuse 4 stores 16 bits. */
const MAX_PROMPT_VERSION = 65_535;

function isPromptVersion(version: unknown): version is number {
  return Number.isInteger(version) && (version as number) > 0 && (version as number) <= MAX_PROMPT_VERSION;
}
