/** Writes JSON that strict parsers accept: a lone surrogate, which JSON.stringify escapes, becomes U+FFFD. */

/** In the output of JSON.stringify, only lone surrogates are escaped so. The first alternative skips escaped backslashes. */
const ESCAPES = /\\\\|\\ud[89a-f][0-9a-f]{2}/g;

/** Undefined if the value has no JSON. */
export function stringifyWellFormed(value: unknown): string | undefined {
  const json: string | undefined = JSON.stringify(value);
  return json?.includes('\\ud') ? json.replace(ESCAPES, (one) => (one === '\\\\' ? one : '\ufffd')) : json;
}
