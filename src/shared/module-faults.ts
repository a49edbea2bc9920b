/** Modules of the application's that the worker loads: which are in TypeScript, and in what words it is told that one cannot be loaded. */
import { messageOf, nameOf } from './errors.js';
import { withoutEchoes } from './server-words.js';

/** Node.js before 22.18 takes no types off; later ones no enum or namespace. */
const TYPESCRIPT_CODES = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
]);
const REMEDY =
  'compile it to JavaScript, or use Node.js 22.18 or later, where a loader such as tsx reaches the worker as well';

/** By the end of its name, also before a query. */
export function isTypeScript(url: string): boolean {
  return /\.[mc]?tsx?([?#]|$)/.test(url);
}

const SHOWN_URL_CHARACTERS = 300;
const SHOWN_FRAMES = 10;
/** A shorter text is found in any word. */
const MIN_SECRET_CHARACTERS = 6;

/** Of the error, whatever was thrown: its name and message on one line; and below it where it comes from, in the application's code. */
export interface LoadFault {
  readonly line: string;
  readonly stack: string;
}

/** `options`: what the module is given, which its error may show: texts in it are left out. */
export function loadFault(what: string, url: string, error: unknown, options?: unknown): LoadFault {
  const sent = { secrets: secretsIn(options), bodies: [] };
  const words = withoutEchoes(printable(wordsOf(url, error)), sent).replace(/\s+/g, ' ');
  return {
    line: `${what} ${shownUrl(url)} could not be loaded: ${words}`,
    stack: withoutEchoes(
      framesOf(error)
        .map((frame) => `\n    ${printable(frame)}`)
        .join(''),
      sent,
    ),
  };
}

/** The first place in the application's code that an error comes from; undefined: in none. */
export function placeOf(error: unknown): string | undefined {
  return framesOf(error)[0]
    ?.replace(/^at (?:.*\()?/, '')
    .replace(/\)$/, '');
}

function wordsOf(url: string, error: unknown): string {
  const { code } = Object(error) as { code?: string };
  const isOfTypes = isTypeScript(url) && TYPESCRIPT_CODES.has(code ?? '');
  const [name, message] = [nameOf(error), messageOf(error)];
  const words = error instanceof Error && !message.startsWith(name) ? `${name}: ${message}` : message;
  return isOfTypes ? `${words}: ${REMEDY}` : words;
}

/** An address may hold a module's whole text. */
function shownUrl(url: string): string {
  const isLong = url.length > SHOWN_URL_CHARACTERS;
  return printable(isLong ? `${url.slice(0, SHOWN_URL_CHARACTERS)}…` : url);
}

/** Neither those of Node.js nor of this package; for what cannot be parsed, its line. */
function framesOf(error: unknown): string[] {
  try {
    const { stack } = Object(error) as { stack?: unknown };
    if (typeof stack !== 'string') return [];
    const lines = stack.split('\n').map((line) => line.trim());
    const frames = lines.filter((line) => line.startsWith('at ') && !isForeign(line));
    // A syntax error's stack begins with its place, and goes on with the line of code.
    const unparsed = /^(file:\S+|[\\/]\S+|\w:\\\S+):\d+$/.test(lines[0] ?? '') ? [`at ${lines[0]}`] : [];
    return [...unparsed, ...frames].slice(0, SHOWN_FRAMES);
  } catch {
    return [];
  }
}

/** The worker's code is in one file, or in none. */
function isForeign(frame: string): boolean {
  return /node:|\[worker eval\]|<anonymous>\)?$|[\\/]tailrace[\\/]dist[\\/]|[\\/]dist[\\/](worker\.cjs|consumer)/.test(
    frame,
  );
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
