/** A memory that is bounded: it keeps what was set last. */

/** Sets an entry as the newest. Where there is no room for another, the oldest goes. */
export function setNewest<K, V>(map: Map<K, V>, key: K, value: V, maxEntries: number): void {
  map.delete(key);
  if (map.size >= maxEntries) map.delete(map.keys().next().value as K);
  map.set(key, value);
}
