/** Modules of the application's in TypeScript: which they are, and why one cannot be loaded in the worker. */
import { messageOf } from './errors.js';

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

export function whyNotLoaded(url: string, error: unknown): string {
  const { code } = Object(error) as { code?: string };
  const isOfTypes = isTypeScript(url) && TYPESCRIPT_CODES.has(code ?? '');
  return isOfTypes ? `${messageOf(error)}: ${REMEDY}` : messageOf(error);
}
