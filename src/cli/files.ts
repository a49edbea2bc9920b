/** Reads files that the command line names (`--prices`), and explains why a file cannot be read. */
import { readFileSync } from 'node:fs';
import { resolvePrices } from '../config/price-options.js';
import type { PriceOverride } from '../shared/contract/prices.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { UsageError } from './arguments.js';

/** @throws UsageError for an invalid file. */
export function readPriceFile(path: string | undefined): PriceOverride[] {
  if (path === undefined) return [];
  const problems: string[] = [];
  const prices = resolvePrices(readJson(path), problems);
  if (problems[0] !== undefined) throw new UsageError(`${path}: ${problems[0]}`);
  return prices;
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--prices ${JSON.stringify(path)} cannot be read: ${fileProblem(error)}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} cannot be read as JSON: ${messageOf(error)}`);
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is a file',
  EISDIR: 'it is a folder',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
};

export function fileProblem(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return PROBLEMS[code ?? ''] ?? message;
}
