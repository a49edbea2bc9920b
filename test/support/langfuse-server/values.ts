/** How a server turns values into the text that its tables hold, and how it merges and compares them. */
import { isDeepStrictEqual } from 'node:util';

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value);
}

/** Neither nothing nor empty (`hasMeaningfulValue` in Langfuse's packages/shared/src/server/otel). */
export function isMeaningful(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  return !isObject(value) || Object.keys(value).length > 0;
}

/** A text as it is, anything else as JSON (`stringify` in Langfuse's worker/src/services/IngestionService/index.ts). */
export function toStored(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Text for each key (`convertRecordValuesToString` in Langfuse's worker/src/services/IngestionService/utils.ts). */
export function textByKey(record: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/**
 * Metadata that is no object is stored under the key `metadata` (`convertJsonSchemaToRecord` in Langfuse's
 * worker/src/services/IngestionService/utils.ts). Falsy metadata is none at all (`mapTraceEventsToRecords`).
 */
export function metadataRecord(metadata: unknown): Record<string, unknown> {
  if (!metadata) return {};
  if (Array.isArray(metadata)) return { metadata: JSON.stringify(metadata) };
  return isRecord(metadata) ? metadata : { metadata: String(metadata) };
}

/**
 * lodash's `merge`, by which metadata is merged (`overwriteObject` in Langfuse's
 * worker/src/services/IngestionService/utils.ts): objects by key, lists by index, undefined keeps, null overwrites.
 */
export function mergeDeep(target: unknown, source: unknown): unknown {
  if (!isObject(source)) return source === undefined ? target : source;
  let merged: Record<string, unknown> = {};
  // A list is merged into a list alone; an object into whatever has keys.
  if (Array.isArray(target)) merged = [...target] as unknown as Record<string, unknown>;
  else if (Array.isArray(source)) merged = [] as unknown as Record<string, unknown>;
  else if (isObject(target)) merged = { ...target };
  for (const [key, value] of Object.entries(source)) {
    if (value !== undefined || !(key in merged)) merged[key] = mergeDeep(merged[key], value);
  }
  return merged;
}

/**
 * Nested objects as `outer.inner`, lists as JSON, null as an empty text (`flattenJsonToPathArrays` in Langfuse's
 * packages/shared/src/server/otel/utils.ts and `createEventRecord` of its worker). Where two paths are the same, the
 * first one is read back: the query reverses the lists before it makes a map of them.
 */
export function flatten(record: Readonly<Record<string, unknown>>): Record<string, string> {
  const flat: Record<string, string> = {};
  const visit = (node: Readonly<Record<string, unknown>>, prefix: string): void => {
    for (const [key, value] of Object.entries(node)) {
      const path = prefix + key;
      if (isRecord(value)) visit(value, `${path}.`);
      else if (!Object.hasOwn(flat, path)) flat[path] = toStored(value) ?? '';
    }
  };
  visit(record, '');
  return flat;
}

/** `Map.groupBy`, which Node 20 has not. */
export function groupBy<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Equal as JSON is: a member that is undefined does not exist. */
export function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(asJson(a), asJson(b));
}

function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
