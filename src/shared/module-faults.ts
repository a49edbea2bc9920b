/** Why a module of the application's cannot be loaded in the worker, and what to do where it is TypeScript. */
import { messageOf } from './errors.js';

/** Node.js before 22.18 takes no types off; later ones no enum or namespace. */
const TYPESCRIPT_CODES = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
]);
const REMEDY =
  'compile it to JavaScript, or use Node.js 22.18 or later, where a loader such as tsx reaches the worker as well';

export function whyNotLoaded(url: string, error: unknown): string {
  const { code } = Object(error) as { code?: string };
  const isTypeScript = /\.[mc]?tsx?([?#]|$)/.test(url) && TYPESCRIPT_CODES.has(code ?? '');
  return isTypeScript ? `${messageOf(error)}: ${REMEDY}` : messageOf(error);
}
