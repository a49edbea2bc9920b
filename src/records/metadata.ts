/**
 * Merges metadata by the rules of Langfuse's server (`convertJsonSchemaToRecord` and `overwriteObject` in its
 * worker/src/services/IngestionService/utils.ts), so that both protocols and all servers have the same result.
 */
import { stringifyWellFormed } from '../shared/json.js';
import type { MetadataParts } from './trace.js';

export type Metadata = Readonly<Record<string, unknown>>;

/** The key for metadata that is no object. */
const WHOLE = 'metadata';

/**
 * Merges metadata of several calls: the later value of a key wins, objects and arrays are merged member by member. A null member
 * is left out: it would arrive as the text "null".
 */
export function mergeMetadata(parts: NonNullable<MetadataParts>): Metadata {
  return parts.map(toMetadata).reduce(mergeMembers, {});
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

/** The text of a value in an attribute. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : (stringifyWellFormed(value) ?? 'null');
}

/** An object stays as it is; a text, number, boolean or list gets a key of its own. */
function toMetadata(value: unknown): Metadata {
  if (value === null || value === undefined) return {};
  if (!isRecord(value)) return { [WHOLE]: toText(value) };
  const members = Object.entries(value);
  const isSet = ([, member]: [string, unknown]): boolean => member !== null && member !== undefined;
  return members.every(isSet) ? value : Object.fromEntries(members.filter(isSet));
}

function mergeMembers(older: Metadata, newer: Metadata): Metadata {
  const merged = new Map(Object.entries(older));
  for (const [key, value] of Object.entries(newer)) merged.set(key, merge(merged.get(key), value));
  // Not Object.assign, which would call the setter of a key `__proto__`.
  return Object.fromEntries(merged);
}

function merge(older: unknown, newer: unknown): unknown {
  if (isRecord(older) && isRecord(newer)) return mergeMembers(older, newer);
  if (!Array.isArray(older) || !Array.isArray(newer)) return newer;
  const longest = older.length > newer.length ? older : newer;
  return longest.map((_, index) => (index < newer.length ? merge(older[index], newer[index]) : older[index]));
}
