/**
 * The two optional packages, loaded when they are first needed. By `require`, as that can be done in the middle of an
 * observation: an encoding takes 100 to 300 ms to load, and most processes need one of them, or none.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface PriceLibrary {
  readonly calcPrice: typeof import('@pydantic/genai-prices').calcPrice;
  readonly findProvider: typeof import('@pydantic/genai-prices').findProvider;
  /** `genai-prices 0.1.8` */
  readonly source: string;
}

export interface Encoding {
  countTokens(text: string, options: { allowedSpecial: 'all' }): number;
  /** Of the pieces of text that were met before. */
  setMergeCacheSize(entries: number): void;
}

export type EncodingName = 'o200k_base' | 'cl100k_base';

const PRICES = '@pydantic/genai-prices';
const TOKENIZER = 'gpt-tokenizer';

/** From where packages are looked for: this file, which a bundle does not have, and the application's folder. */
const loaders = [() => import.meta.url, () => join(process.cwd(), 'application.js')].flatMap((place) => {
  try {
    return [createRequire(place())];
  } catch {
    return [];
  }
});

/** The names of the packages that are not installed. */
export function missingLibraries(): string[] {
  return [PRICES, `${TOKENIZER}/package.json`]
    .filter((name) => loaderOf(name) === undefined)
    .map((name) => name.replace('/package.json', ''));
}

/** Undefined where it is not installed. Its prices are those that it came with: nothing is fetched. */
export function loadPrices(): PriceLibrary | undefined {
  const load = loaderOf(PRICES);
  if (load === undefined) return undefined;
  const { version } = load(join(dirname(load.resolve(PRICES)), '../package.json')) as { version: string };
  return { ...(load(PRICES) as PriceLibrary), source: `genai-prices ${version}` };
}

/** Undefined where it is not installed. */
export type LoadEncoding = (name: EncodingName) => Encoding | undefined;

export function loadEncoding(name: EncodingName): Encoding | undefined {
  return loaderOf(`${TOKENIZER}/package.json`)?.(`${TOKENIZER}/encoding/${name}`) as Encoding | undefined;
}

/** The one that finds the package. */
function loaderOf(name: string): NodeJS.Require | undefined {
  return loaders.find((load) => {
    try {
      load.resolve(name);
      return true;
    } catch {
      return false;
    }
  });
}
