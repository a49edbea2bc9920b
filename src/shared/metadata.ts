/** What metadata come to: the parts of several calls, and a value where only text can stand. */
import { stringifyWellFormed } from './json.js';
import type { MetadataParts } from './records.js';

/** Metadata given in several calls is merged, the later key wins: as Langfuse's server merges updates. */
export function mergeMetadata(parts: NonNullable<MetadataParts>): unknown {
  // Not Object.assign, which would call the setter of a key `__proto__`.
  return parts.every(isRecord) ? Object.fromEntries(parts.flatMap(Object.entries)) : parts.at(-1);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

/** As it is written into an attribute. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : (stringifyWellFormed(value) ?? 'null');
}
