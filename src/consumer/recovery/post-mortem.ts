/**
 * Examines the death of the consumer before this one: which record or batch it died of.
 *
 *   record:  1st death: noted             2nd: POISON, sent without payloads       next: HOPELESS, not sent
 *   batch:   1st death: WAS_IN_DEATH      2nd with some of its records: a suspicion, which bounds the batches of these records;
 *            each further death halves the bound, until one record is alone: POISON
 *
 * A worker that was ended because it was stuck counts as two deaths. The marks are on the records: several records may be
 * poison, and each successor reads all records that have not settled.
 */
import {
  BATCH_AT,
  BATCH_FROM_RING,
  BATCH_FROM_SPOOL,
  BATCH_NOW,
  DID_NOT_COME_BACK,
  END_CAUSE,
  ENDED_AS_STUCK,
  ENDED_BY_US,
  EXPORTER_DEATHS,
  HOPELESS,
  IN_BATCH,
  IS_FAILED,
  IS_REPORTED,
  LOADING,
  MODULE_DEATHS,
  POISON,
  REPORT_RECEIVED,
  REPORTING,
  type RingMemory,
  SETTLING_REPORT,
  STUCK,
  STUCK_AT,
  SUSPECT,
  SUSPECT_DEATHS,
  SUSPICION_MASK,
  SUSPICION_SHIFT,
  TAKING,
  TAKING_NOW,
  unreleasedRecords,
  WAS_IN_DEATH,
} from '../../shared/ring/ring-layout.js';
import { mark, marksOf, unmark } from './record-marks.js';
import { suspectFrame } from './suspect-frames.js';

/** Deaths in a row from which on a record is poison. */
const DEATHS_TO_SKIP = 2;

/** Reads, and resets, what the dead consumer was doing. Blames it on a record, a batch or a frame of the spool, if on any. */
export function examineDeath(memory: RingMemory): void {
  const { words } = memory;
  const cause = Atomics.exchange(words, END_CAUSE, 0);
  const wasTaking = Atomics.exchange(words, TAKING_NOW, 0) === 1;
  const wasLoading = Atomics.exchange(words, LOADING, 0);
  const wasAtBatch = Atomics.exchange(words, BATCH_NOW, 0);
  const batch = clearUnfinishedMarks(memory);
  const isStuck = cause === ENDED_AS_STUCK;
  const isToBlame = (position: number): boolean =>
    cause !== ENDED_BY_US && (!isStuck || position === words[STUCK_AT]);
  if (isStuck && !wasTaking && wasAtBatch === 0) countLoadingDeath(words, wasLoading, DID_NOT_COME_BACK);
  if (cause === 0) countLoadingDeath(words, wasLoading, 1);
  const taken = words[TAKING] as number;
  const batchAt = words[BATCH_AT] as number;
  if (wasTaking && isToBlame(taken)) blameRecord(memory, taken, isStuck);
  if (wasAtBatch === BATCH_FROM_RING && isToBlame(batchAt)) blameBatch(memory, batch, isStuck);
  if (wasAtBatch === BATCH_FROM_SPOOL && isToBlame(batchAt)) suspectFrame(words, batchAt, isStuck);
}

function countLoadingDeath(words: Int32Array, wasLoading: number, count: number): void {
  const deaths = [0, EXPORTER_DEATHS, MODULE_DEATHS][wasLoading] ?? 0;
  if (deaths !== 0) words[deaths] = Math.min((words[deaths] as number) + count, DID_NOT_COME_BACK);
}

/**
 * Returns the records of the batch that was in progress, and removes the marks of unfinished steps: a record that was about to
 * fail is pending again, unless the producer has received the notice (see delivery/failure-notices.ts).
 */
function clearUnfinishedMarks(memory: RingMemory): number[] {
  const { words } = memory;
  const isHeard = words[REPORTING] === Atomics.load(words, REPORT_RECEIVED);
  const batch: number[] = [];
  for (const position of unreleasedRecords(memory)) {
    const marks = marksOf(memory, position);
    if ((marks & IN_BATCH) !== 0) batch.push(position);
    unmark(memory, position, IN_BATCH);
    if ((marks & IS_FAILED) === 0 || (marks & IS_REPORTED) !== 0) continue;
    if (isHeard) mark(memory, position, IS_REPORTED);
    else unmark(memory, position, IS_FAILED);
  }
  // Before another notice gets that number.
  if (words[SETTLING_REPORT] === Atomics.load(words, REPORT_RECEIVED)) words[SETTLING_REPORT] = 0;
  words[REPORTING] = Atomics.load(words, REPORT_RECEIVED);
  return batch;
}

function blameRecord(memory: RingMemory, position: number, atOnce: boolean): void {
  const { words } = memory;
  const deaths = words[SUSPECT] === position ? (words[SUSPECT_DEATHS] as number) + 1 : 1;
  words[SUSPECT] = position;
  words[SUSPECT_DEATHS] = deaths;
  if (atOnce) markPoison(memory, position, STUCK);
  else if (deaths >= DEATHS_TO_SKIP) markPoison(memory, position);
}

function blameBatch(memory: RingMemory, batch: readonly number[], atOnce: boolean): void {
  const wasInDeath = (position: number): boolean => (marksOf(memory, position) & WAS_IN_DEATH) !== 0;
  const again = batch.filter((position) => atOnce || wasInDeath(position));
  const suspicion = suspicionOf(memory, again);
  for (const position of batch) mark(memory, position, WAS_IN_DEATH);
  for (const position of again) {
    setSuspicion(memory, position, suspicion);
    // The record was alone, and not for the first time.
    if (batch.length === 1) markPoison(memory, position, atOnce ? STUCK : 0);
  }
}

/** The record's payloads are not touched any more. If a worker died of it even so, it is not sent at all. */
function markPoison(memory: RingMemory, position: number, marks = 0): void {
  const isWithheld = (marksOf(memory, position) & POISON) !== 0;
  mark(memory, position, isWithheld ? HOPELESS : POISON | marks);
}

/** The suspicion for halves of these records. Records of a batch have the same suspicion, unless the batch is an old one. */
function suspicionOf(memory: RingMemory, batch: readonly number[]): number {
  const before = batch.map((position) => (marksOf(memory, position) & SUSPICION_MASK) >>> SUSPICION_SHIFT);
  const halves = Math.ceil(Math.log2(batch.length));
  return Math.max(1, Math.min(halves, ...before.filter((one) => one > 0).map((one) => one - 1)));
}

function setSuspicion(memory: RingMemory, position: number, suspicion: number): void {
  unmark(memory, position, SUSPICION_MASK);
  mark(memory, position, suspicion << SUSPICION_SHIFT);
}
