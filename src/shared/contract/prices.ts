/** What a model costs, as an application or a price file states it; sent to the worker as it is. */

/** Prices of one model, in US dollars per million tokens. */
export interface PriceOverride {
  /** Model name as observations have it, in any case; or a pattern, as a RegExp or as text: `'/^my-/i'`. */
  readonly model: string | RegExp;
  /** Input tokens. */
  readonly input: number;
  /** Output tokens. Leave it out for a model without output, such as an embedding model. */
  readonly output?: number | undefined;
  /** Input tokens read from a cache. @default the price of input */
  readonly cacheRead?: number | undefined;
  /** Input tokens written to a cache. @default the price of input */
  readonly cacheWrite?: number | undefined;
}
