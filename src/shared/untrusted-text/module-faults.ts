/** Modules of the application's that the worker loads: which are in TypeScript, and what to do where one cannot be loaded for that. */

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

/** What to do about an error of loading it, if that is why. */
export function remedyFor(url: string, error: unknown): string | undefined {
  const { code } = Object(error) as { code?: string };
  return isTypeScript(url) && TYPESCRIPT_CODES.has(code ?? '') ? REMEDY : undefined;
}
