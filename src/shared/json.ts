/** JSON text that strict readers take: half of a character, which JSON.stringify escapes, is U+FFFD in it. */

/** Of what JSON.stringify has written, only such halves are escaped so. The first alternative keeps what looks like one. */
const ESCAPES = /\\\\|\\ud[89a-f][0-9a-f]{2}/g;

/** Undefined where JSON has none. */
export function stringifyWellFormed(value: unknown): string | undefined {
  const json: string | undefined = JSON.stringify(value);
  return json?.includes('\\ud') ? json.replace(ESCAPES, (one) => (one === '\\\\' ? one : '\ufffd')) : json;
}
