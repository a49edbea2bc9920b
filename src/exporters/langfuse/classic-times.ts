/**
 * The times of classic events. A server merges the events of one id in the order of their times, in whole milliseconds, and
 * of two in the same millisecond the older wins (`toTimeSortedEventList` in Langfuse's
 * worker/src/services/IngestionService/index.ts): so the times of one id have to rise.
 */
import { setNewest } from '../../shared/newest.js';

/** Ids whose last time is remembered: many more than are spoken of within a millisecond. */
const MAX_IDS = 4096;

/** When the application spoke, or as much later as it takes to be after what it said of this id before. */
export type EventTimes = (id: string, saidAtMs: number) => number;

export function createEventTimes(): EventTimes {
  const last = new Map<string, number>();
  return (id, saidAtMs) => {
    const time = Math.max(Math.floor(saidAtMs), (last.get(id) ?? Number.NEGATIVE_INFINITY) + 1);
    setNewest(last, id, time, MAX_IDS);
    return time;
  };
}
