/**
 * Loads the two optional packages on first use. By `require`, as that is possible in the middle of an
 * observation: an encoding takes 100 to 300 ms to load, and most processes need one of them, or none.
 */
import { dirname, join } from 'node:path';
import { loaderOf } from '../shared/runtime/optional-package.js';

export interface PriceLibrary {
  readonly calcPrice: typeof import('@pydantic/genai-prices').calcPrice;
  readonly findProvider: typeof import('@pydantic/genai-prices').findProvider;
  /** All providers with their models. Nothing is fetched: it would wait for an update if one were under way. */
  readonly waitForUpdate: typeof import('@pydantic/genai-prices').waitForUpdate;
  /** `genai-prices 0.1.8` */
  readonly source: string;
}

export interface Encoding {
  countTokens(text: string, options: { allowedSpecial: 'all' }): number;
  /** Size of the cache for pieces of text. */
  setMergeCacheSize(entries: number): void;
}

export type EncodingName = 'o200k_base' | 'cl100k_base';

const PRICES = '@pydantic/genai-prices';
const TOKENIZER = 'gpt-tokenizer';

/** Names of the packages that are not installed. */
export function missingLibraries(): string[] {
  return [PRICES, `${TOKENIZER}/package.json`]
    .filter((name) => loaderOf(name) === undefined)
    .map((name) => name.replace('/package.json', ''));
}

/** Undefined if it is not installed. Prices are those of the installed version: nothing is fetched. */
export function loadPrices(): PriceLibrary | undefined {
  const load = loaderOf(PRICES);
  if (load === undefined) return undefined;
  const { version } = load(join(dirname(load.resolve(PRICES)), '../package.json')) as { version: string };
  return { ...(load(PRICES) as PriceLibrary), source: `genai-prices ${version}` };
}

/** Undefined if it is not installed. */
export type LoadEncoding = (name: EncodingName) => Encoding | undefined;

export function loadEncoding(name: EncodingName): Encoding | undefined {
  return loaderOf(`${TOKENIZER}/package.json`)?.(`${TOKENIZER}/encoding/${name}`) as Encoding | undefined;
}
