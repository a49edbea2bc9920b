/** The file of `--prices`: prices that go before the price list, as JSON. */
import { readFileSync } from 'node:fs';
import { resolvePrices } from '../config/price-options.js';
import type { PriceOverride } from '../shared/contract/prices.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { UsageError } from './arguments.js';
import { fileProblem } from './file-problem.js';

/** @throws UsageError for a file that cannot be used as it stands. */
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
