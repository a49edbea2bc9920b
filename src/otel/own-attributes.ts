/**
 * The attributes that a span is given for one destination alone, where several are Langfuse projects: environment, release,
 * whether it is the application's root there. All destinations have the same span: it shows what it was given for the
 * first of them, and the others send a copy that has theirs.
 */
import type { FinishedSpan } from '../records/finished-span.js';
import { copySpan } from './span-copy.js';

/** By the attribute's key. */
type Given = Readonly<Record<string, unknown>>;

export interface OwnAttributes {
  /** What each span shows. */
  readonly shown: WeakMap<object, Given>;
  /** What it has here: for the first destination the same map. */
  readonly own: WeakMap<object, Given>;
}

/** For so many destinations that give a span attributes; null for all of them where there is but one. */
export function createOwnAttributes(count: number): (OwnAttributes | null)[] {
  const shown = new WeakMap();
  return Array.from({ length: count }, (_, i) =>
    count === 1 ? null : { shown, own: i === 0 ? shown : new WeakMap() },
  );
}

/** Whether the span itself is to show them. */
export function keepOwn(attributes: OwnAttributes, span: object, given: Given): boolean {
  attributes.own.set(span, given);
  return attributes.own === attributes.shown;
}

/** The span as it is here. Attributes that the application has set itself stay as they are. */
export function asOwn({ shown, own }: OwnAttributes, span: FinishedSpan): FinishedSpan {
  if (own === shown) return span;
  const given = own.get(span) ?? {};
  const there = shown.get(span) ?? {};
  const differing = Object.keys({ ...there, ...given }).filter(
    (key) => given[key] !== there[key] && span.attributes[key] === there[key],
  );
  if (differing.length === 0) return span;
  const attributes = { ...span.attributes };
  for (const key of differing) {
    if (given[key] === undefined) delete attributes[key];
    else attributes[key] = given[key];
  }
  return copySpan(span, { attributes });
}
