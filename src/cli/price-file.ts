/** The file of `--prices`: prices that go before the price list, as JSON. */
import { readFileSync } from 'node:fs';
import { messageOf } from '../shared/errors.js';
import { type PriceOverride, resolvePrices } from '../shared/usage-options.js';
import { UsageError } from './arguments.js';

/** @throws UsageError for a file that cannot be used as it stands. */
export function readPriceFile(path: string | undefined): PriceOverride[] {
  if (path === undefined) return [];
  const problems: string[] = [];
  const prices = resolvePrices(readJson(path), problems);
  if (problems[0] !== undefined) throw new UsageError(`${path}: ${problems[0]}`);
  return prices;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path} cannot be read as JSON: ${messageOf(error)}`);
  }
}
