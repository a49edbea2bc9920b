/** What an error says and what it is, whatever was thrown: reading it must not throw again. */
import { types } from 'node:util';

const UNREADABLE = 'an error that cannot be read';
/** Of an AggregateError. */
const MAX_SHOWN_ERRORS = 5;

/** `textOf`: of an object that has no message, or one that is no text. */
export function messageOf(error: unknown, textOf: (value: object) => string = String): string {
  try {
    if (typeof error !== 'object' || error === null) return String(error);
    const words = wordsOf(error, textOf);
    const { errors } = error as { errors?: unknown };
    return isError(error) && Array.isArray(errors) && errors.length > 0
      ? `${words}: ${listOf(errors)}`
      : words;
  } catch {
    return UNREADABLE;
  }
}

export function nameOf(error: unknown): string {
  try {
    return isError(error) ? String(error.name) : typeof error;
  } catch {
    return UNREADABLE;
  }
}

/** Of another realm as well: a worker's, a vm's. */
function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/** Of an error without a message String makes its name. */
function wordsOf(error: object, textOf: (value: object) => string): string {
  // Nothing keeps an application from messages that are no texts.
  const { message } = error as { message?: unknown };
  if (typeof message === 'object' && message !== null) return textOf(message);
  if (message !== undefined && message !== null && message !== '') return String(message);
  return isError(error) ? String(error) : textOf(error);
}

function listOf(errors: readonly unknown[]): string {
  const shown = errors.slice(0, MAX_SHOWN_ERRORS).map((one) => {
    return typeof one === 'object' && one !== null ? wordsOf(one, String) : String(one);
  });
  if (errors.length > shown.length) shown.push(`… (${errors.length} in all)`);
  return shown.join('; ');
}
