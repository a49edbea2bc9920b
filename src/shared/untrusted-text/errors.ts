/** Reads the message, name and location of an error, whatever was thrown. None of these functions throws. */
import * as types from 'node:util/types';

const UNREADABLE = 'an error that cannot be read';
/** Of an AggregateError. */
const MAX_SHOWN_ERRORS = 5;
const MAX_FRAMES = 10;
/** A line of a stack. The message may have lines of its own. */
const FRAME = /^at .*:\d+:\d+\)?$/;

/** `textOf` turns an object into text that has no message, or a message that is an object. */
export function messageOf(error: unknown, textOf: (value: object) => string = String): string {
  try {
    if (typeof error !== 'object' || error === null) return String(error);
    const message = ownMessage(error, textOf);
    const { errors } = error as { errors?: unknown };
    return isError(error) && Array.isArray(errors) && errors.length > 0
      ? `${message}: ${listOf(errors)}`
      : message;
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

/** Also of another realm: a worker's, a vm's. */
function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/** String() turns an error without a message into its name. */
function ownMessage(error: object, textOf: (value: object) => string): string {
  // Nothing keeps an application from messages that are not text.
  const { message } = error as { message?: unknown };
  if (typeof message === 'object' && message !== null) return textOf(message);
  if (message !== undefined && message !== null && message !== '') return String(message);
  return isError(error) ? String(error) : textOf(error);
}

function listOf(errors: readonly unknown[]): string {
  const shown = errors.slice(0, MAX_SHOWN_ERRORS).map((one) => {
    return typeof one === 'object' && one !== null ? ownMessage(one, String) : String(one);
  });
  if (errors.length > shown.length) shown.push(`… (${errors.length} in all)`);
  return shown.join('; ');
}

/** The innermost location of an error in the application's code (an exporter, a mask). Undefined: it is in none. */
export function errorLocation(error: unknown): string | undefined {
  return framesOf(error)[0]
    ?.replace(/^at (?:.*\()?/, '')
    .replace(/\)$/, '');
}

/** The frames in the application's code, without those of Node.js and of this package. For a syntax error, the line that has it. */
export function framesOf(error: unknown): string[] {
  try {
    const { stack } = Object(error) as { stack?: unknown };
    if (typeof stack !== 'string') return [];
    const lines = stack.split('\n').map((line) => line.trim());
    const frames = lines.filter((line) => FRAME.test(line) && !isForeign(line));
    // The stack of a syntax error begins with its location, followed by the line of code.
    const unparsed = /^(file:\S+|[\\/]\S+|\w:\\\S+):\d+$/.test(lines[0] ?? '') ? [`at ${lines[0]}`] : [];
    return [...unparsed, ...frames].slice(0, MAX_FRAMES);
  } catch {
    return [];
  }
}

/** The worker's code is in one file, or evaluated from a text. */
function isForeign(frame: string): boolean {
  return /node:|\[worker eval\]|<anonymous>\)?$|[\\/]tailrace[\\/]dist[\\/]|node_modules[\\/]tailrace[\\/]src[\\/]|[\\/]dist[\\/](worker\.cjs|consumer)/.test(
    frame,
  );
}
