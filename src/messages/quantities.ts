/** Numbers with their nouns and units, for messages. */

/** `counted(1, 'event')` is "1 event", `counted(2, 'event')` is "2 events". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const KNOWN_PLURAL = /\b(event|span|score|trace|observation|record)s\b/;

/** The same where the noun comes as a plural, such as the name of a lane: `countedPlural(1, 'spans')` is "1 span". */
export function countedPlural(count: number, nouns: string): string {
  return `${count} ${count === 1 ? nouns.replace(KNOWN_PLURAL, '$1') : nouns}`;
}

const MIB = 1024 * 1024;

export function shownBytes(bytes: number): string {
  if (bytes >= MIB) return `${Number((bytes / MIB).toFixed(1))} MiB`;
  return bytes >= 1024 ? `${Number((bytes / 1024).toFixed(1))} KiB` : counted(bytes, 'byte');
}

/** In milliseconds below 10 s, then in seconds. */
export function shownDuration(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`;
}
