/** Headers that an application gives, as an exporter sends them, and as no message may show them. */

/** A name in two spellings would be sent twice. */
export function lowerCaseNames(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** What no message may show of them: values, and their parts (`Bearer …`, `a=…; b=…`). */
export function secretsIn(headers: Readonly<Record<string, string>> = {}): string[] {
  const values = Object.values(headers);
  return [...values, ...values.flatMap((value) => value.split(/[\s,;=]+/))];
}
