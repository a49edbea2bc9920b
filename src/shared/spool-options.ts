/** The options of the spool, checked. */
import { resolve } from 'node:path';
import { showText } from './untrusted-text/printable.js';

/** The default comes first. */
export const SPOOL_MODES = ['failed', 'always'] as const;
export type SpoolMode = (typeof SPOOL_MODES)[number];

/** An absolute path: the worker may live to see another working directory. Undefined: nothing is spooled. */
export function resolveSpoolDir(value: unknown, problems: string[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value.trim() !== '' && !value.includes('\0')) return resolve(value);
  const got = typeof value === 'string' ? showText(value) : typeof value;
  problems.push(`option spoolDir must be the path of a folder, but got: ${got}; using none`);
  return undefined;
}
