/** Shows a wrong value of an option or argument in a message: short, and without anything that may be a secret. */
import * as types from 'node:util/types';
import { showText } from './printable.js';

/** Takes the place of a value that throws when it is read. No option accepts it. */
export const UNREADABLE = Symbol('unreadable');

/** The type alone, for a value that may hold or be what the option was to hide. */
export function typeOf(value: unknown): string {
  if (value === UNREADABLE) return 'an unreadable value';
  if (value === null) return 'null';
  return !types.isProxy(value) && Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

/** Never a whole object, which may hold a secret. */
export function show(value: unknown): string {
  if (value === UNREADABLE) return 'an unreadable value';
  if (typeof value === 'string') return showText(value);
  if (value === null || ['number', 'boolean', 'bigint', 'undefined'].includes(typeof value))
    return String(value);
  return types.isProxy(value) || !Array.isArray(value) ? `a value of type ${typeof value}` : 'an array';
}
