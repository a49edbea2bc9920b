/** Entries of a stream as Redis answers with them. */
import type { Fields } from '../entry.js';

/** `[id, [name, value, …]]`; null fields: the entry was deleted. */
export type RawEntry = readonly [id: Buffer, fields: readonly Buffer[] | null];

export function fieldsFrom(raw: readonly Buffer[]): Fields {
  const fields = new Map<string, Buffer>();
  for (let i = 0; i + 1 < raw.length; i += 2) fields.set(String(raw[i]), raw[i + 1] as Buffer);
  return fields;
}

/** Redis gives each entry the time in milliseconds, and numbers those of one millisecond. */
export function addedUsOf(id: string): number {
  const [ms, number] = id.split('-');
  return Number(ms) * 1000 + Math.min(Number(number), 999);
}
