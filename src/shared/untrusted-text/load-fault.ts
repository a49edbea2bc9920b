/** In what words the application is told that a module of its own cannot be loaded. */
import { framesOf } from './error-location.js';
import { messageOf, nameOf } from './errors.js';
import { remedyFor } from './module-faults.js';

const SHOWN_URL_CHARACTERS = 300;
/** A shorter text is found in any word. */
const MIN_SECRET_CHARACTERS = 6;

/** Of the error, whatever was thrown: its name and message on one line; and below it where it comes from, in the application's code. */
export interface LoadFault {
  readonly line: string;
  readonly stack: string;
}

/** `options`: what the module is given, which its error may show: texts in it are left out. */
export function loadFault(what: string, url: string, error: unknown, options?: unknown): LoadFault {
  const secrets = secretsIn(options);
  const words = without(secrets, printable(wordsOf(url, error)))
    .replace(/\s+/g, ' ')
    .trim();
  return {
    line: `${what} ${shownUrl(url)} could not be loaded: ${words}`,
    stack: without(
      secrets,
      framesOf(error)
        .map((frame) => `\n    ${printable(frame)}`)
        .join(''),
    ),
  };
}

function wordsOf(url: string, error: unknown): string {
  const [name, message] = [nameOf(error), messageOf(error)];
  const words = error instanceof Error && !message.startsWith(name) ? `${name}: ${message}` : message;
  const remedy = remedyFor(url, error);
  return remedy === undefined ? words : `${words}: ${remedy}`;
}

/** An address may hold a module's whole text. */
function shownUrl(url: string): string {
  const isLong = url.length > SHOWN_URL_CHARACTERS;
  return printable(isLong ? `${url.slice(0, SHOWN_URL_CHARACTERS)}…` : url);
}

/** The words are the application's own, not a server's: they are shown but for what the module was given. */
function without(secrets: readonly string[], text: string): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '…'), text);
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}

/** Each text in options, but for plain addresses: nobody knows which of them are keys. */
function secretsIn(options: unknown, depth = 0): string[] {
  if (typeof options === 'string') {
    const isPlainAddress = /^[a-z]+:\/\/[^\s@?#]*$/i.test(options);
    return isPlainAddress || options.length < MIN_SECRET_CHARACTERS ? [] : [options];
  }
  if (typeof options !== 'object' || options === null || depth > 8) return [];
  return Object.values(options).flatMap((value) => secretsIn(value, depth + 1));
}
