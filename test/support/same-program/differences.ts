/** Where two stored programs differ, by paths. */
import { isDeepStrictEqual } from 'node:util';

export interface Difference {
  /** Keys, joined by `/`; a slash in a key is `∕`. */
  readonly path: string;
  readonly theirs: unknown;
  readonly ours: unknown;
}

export const MISSING = 'missing';

export function differencesOf(theirs: unknown, ours: unknown, path: readonly string[] = []): Difference[] {
  if (isDeepStrictEqual(theirs, ours)) return [];
  if (!isObject(theirs) || !isObject(ours)) return [{ path: path.join('/'), theirs, ours }];
  const keys = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
  return keys.flatMap((key) =>
    differencesOf(memberOf(theirs, key), memberOf(ours, key), [...path, key.replaceAll('/', '∕')]),
  );
}

function memberOf(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : MISSING;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `*` is one key, or a part of one; `**` any number of them; `{a,b}` one of several. */
export function matcher(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^$()|[\]\\?]/g, '\\$&')
    .replace(/\{([^{}]*)\}/g, (_, choices: string) => `(?:${choices.replaceAll(',', '|')})`)
    .replaceAll('**', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('\0', '.*');
  return new RegExp(`^${source}$`, 'u');
}
