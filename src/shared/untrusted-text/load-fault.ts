/** Describes why a module of the application could not be loaded. */
import { unicodePattern } from '../unicode-pattern.js';
import { framesOf, messageOf, nameOf } from './errors.js';

const SHOWN_URL_CHARACTERS = 300;
/** Shorter texts occur in any word. */
const MIN_SECRET_CHARACTERS = 6;
const MAX_OPTIONS_DEPTH = 8;

/** Node.js before 22.18 does not strip types; later versions reject an enum or namespace. */
const TYPESCRIPT_CODES: ReadonlySet<string> = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
]);
const REMEDY =
  'compile it to JavaScript, or use Node.js 22.18 or later, where a loader such as tsx reaches the worker as well';

interface LoadFault {
  /** The module, and the error's name and message, on one line. */
  readonly line: string;
  /** The error's frames in the application's code, each on a line of its own. */
  readonly stack: string;
}

/** `options` of the module: texts in them are left out, as the error may quote them. */
export function loadFault(what: string, url: string, error: unknown, options?: unknown): LoadFault {
  const secrets = secretsIn(options);
  const message = without(secrets, onOneLine(describe(url, error)))
    .replace(/\s+/g, ' ')
    .trim();
  return {
    line: `${what} ${shownUrl(url)} could not be loaded: ${message}`,
    stack: without(
      secrets,
      framesOf(error)
        .map((frame) => `\n    ${onOneLine(frame)}`)
        .join(''),
    ),
  };
}

/** By the extension, also before a query. */
export function isTypeScript(url: string): boolean {
  return /\.[mc]?tsx?([?#]|$)/.test(url);
}

function describe(url: string, error: unknown): string {
  const [name, message] = [nameOf(error), messageOf(error)];
  const text = error instanceof Error && !message.startsWith(name) ? `${name}: ${message}` : message;
  const { code } = Object(error) as { code?: string };
  return isTypeScript(url) && TYPESCRIPT_CODES.has(code ?? '') ? `${text}: ${REMEDY}` : text;
}

/** A data: URL may contain a module's whole text. */
function shownUrl(url: string): string {
  const isLong = url.length > SHOWN_URL_CHARACTERS;
  return onOneLine(isLong ? `${url.slice(0, SHOWN_URL_CHARACTERS)}…` : url);
}

/** The text comes from the application, not from a server, so only its own options are left out. */
function without(secrets: readonly string[], text: string): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '…'), text);
}

const controls = unicodePattern(String.raw`[\p{Cc}\p{Cf}\u2028\u2029]+`, 'gu');

function onOneLine(text: string): string {
  return text.replace(controls(), ' ');
}

/** Every text in the options, except plain addresses: any of them may be a key. */
function secretsIn(options: unknown, depth = 0): string[] {
  if (typeof options === 'string') {
    const isPlainAddress = /^[a-z]+:\/\/[^\s@?#]*$/i.test(options);
    return isPlainAddress || options.length < MIN_SECRET_CHARACTERS ? [] : [options];
  }
  if (typeof options !== 'object' || options === null || depth > MAX_OPTIONS_DEPTH) return [];
  return Object.values(options).flatMap((value) => secretsIn(value, depth + 1));
}
