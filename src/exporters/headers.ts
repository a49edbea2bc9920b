/** Headers that an application gives, as an exporter sends them, and as no message may show them. */

/** A name in two spellings would be sent twice. */
export function lowerCaseNames(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
