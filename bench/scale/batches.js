/** How large a client's batches become: what cuts them first, count, bytes or age. */

/** The defaults of the options flushAt, flushIntervalMs and maxBatchBytes (src/config/table/delivery-rows.ts). */
export const DEFAULT_BATCHING = { flushAt: 512, flushIntervalMs: 5_000, maxBatchBytes: 3 * 2 ** 20 };

/**
 * @param eventsPerSecond of one client
 * @param bytesPerEvent before compression
 */
export function batchOf(eventsPerSecond, bytesPerEvent, batching = {}) {
  const { flushAt, flushIntervalMs, maxBatchBytes } = { ...DEFAULT_BATCHING, ...batching };
  const bounds = {
    count: flushAt,
    bytes: Math.max(1, Math.floor(maxBatchBytes / bytesPerEvent)),
    age: Math.max(1, (eventsPerSecond * flushIntervalMs) / 1000),
  };
  const events = Math.min(...Object.values(bounds));
  const cutBy = Object.keys(bounds).find((name) => bounds[name] === events);
  return { events, cutBy, perSecond: eventsPerSecond / events };
}
