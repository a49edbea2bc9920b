/** Whom the successor of a dead consumer blames, by the words and marks that it finds. */
import { describe, expect, it } from 'vitest';
import { reportFailed } from '../../../../src/consumer/delivery/failure-notices.js';
import { createLedger, enter } from '../../../../src/consumer/intake/ledger.js';
import {
  createRingReader,
  type RingRecord,
  takeRecord,
} from '../../../../src/consumer/intake/ring-reader.js';
import { withBatchInProgress } from '../../../../src/consumer/recovery/in-progress.js';
import { message } from '../../../../src/messages/message.js';
import { createRingWriter, writeRecord } from '../../../../src/producer/push/ring-writer.js';
import {
  allocateRing,
  END_CAUSE,
  ENDED_AS_STUCK,
  ENDED_BY_US,
  EVENT,
  IS_FAILED,
  REPORT_RECEIVED,
  ringMemory,
  STUCK_AT,
  TAKING,
  TAKING_NOW,
} from '../../../../src/shared/ring/ring-layout.js';

const FAILED = message('TAILRACE_NOT_DELIVERED', 'some', '', 'failed');

const RECORD_BYTES = 16;

/** Records of a ring, each of the same size; `die`: what a consumer was at when it ended. */
function ringOf(records: number) {
  const ring = allocateRing(4096);
  const { words } = ringMemory(ring);
  const writer = createRingWriter(ring);
  for (let i = 0; i < records; i++) writeRecord(writer, EVENT, Uint8Array.of(i), 0, 1);
  const take = (): RingRecord[] => {
    const reader = createRingReader(ring);
    return Array.from({ length: records }, () => takeRecord(reader) as RingRecord);
  };
  const consumer = () => {
    const ledger = createLedger(createRingReader(ring));
    const reader = { ...ledger.memory, position: 0 };
    const numbers = Array.from({ length: records }, () => enter(ledger, takeRecord(reader) as RingRecord));
    return { ledger, numbers };
  };
  return {
    words,
    take,
    consumer,
    dieOfRecord(index: number, cause = 0) {
      words[TAKING] = index * RECORD_BYTES;
      words[TAKING_NOW] = 1;
      words[END_CAUSE] = cause;
    },
    /** The bracket is left as it was in the midst of the work. */
    dieOfBatch(indices: readonly number[], cause = 0) {
      const { ledger, numbers } = consumer();
      const batch = { numbers: numbers.filter((_, i) => indices.includes(i)), spooled: undefined };
      let left: Int32Array<SharedArrayBuffer> | undefined;
      withBatchInProgress(ledger, batch, () => {
        left = new Int32Array(ring.slice(0));
      });
      new Int32Array(ring).set(left as Int32Array<SharedArrayBuffer>);
      words[END_CAUSE] = cause;
    },
  };
}

const poison = (records: readonly RingRecord[]) => records.map((record) => record.poison);
const suspicion = (records: readonly RingRecord[]) => records.map((record) => record.suspicion);

describe('a record', () => {
  it('is poison when two have died of it', () => {
    const { dieOfRecord, take } = ringOf(3);
    dieOfRecord(1);
    expect(poison(take())).toEqual([false, false, false]);
    dieOfRecord(1);
    expect(poison(take())).toEqual([false, true, false]);
  });

  it('is not to blame where the producer ended its worker', () => {
    const { dieOfRecord, take } = ringOf(3);
    for (let i = 0; i < 5; i++) dieOfRecord(1, ENDED_BY_US);
    expect(poison(take())).toEqual([false, false, false]);
  });

  it('that a worker stood still at is poison at once, unless it had come back', () => {
    const { words, dieOfRecord, take } = ringOf(3);
    words[STUCK_AT] = RECORD_BYTES;
    dieOfRecord(2, ENDED_AS_STUCK);
    expect(poison(take())).toEqual([false, false, false]);
    dieOfRecord(1, ENDED_AS_STUCK);
    expect(poison(take())).toEqual([false, true, false]);
  });
});

describe('a batch', () => {
  it('is suspect when two have died of it, and then in halves', () => {
    const { dieOfBatch, take } = ringOf(8);
    const all = [0, 1, 2, 3, 4, 5, 6, 7];
    dieOfBatch(all);
    expect(suspicion(take())).toEqual(all.map(() => 0));
    dieOfBatch(all);
    expect(suspicion(take())).toEqual(all.map(() => 3));
    dieOfBatch([0, 1, 2, 3]);
    expect(suspicion(take())).toEqual([2, 2, 2, 2, 3, 3, 3, 3]);
    dieOfBatch([2, 3]);
    dieOfBatch([3]);
    const records = take();
    expect(suspicion(records)).toEqual([2, 2, 1, 1, 3, 3, 3, 3]);
    expect(poison(records)).toEqual(all.map((index) => index === 3));
  });

  it('makes suspect what it has in common with the one before', () => {
    const { dieOfBatch, take } = ringOf(8);
    dieOfBatch([0, 1, 2, 3]);
    dieOfBatch([3, 4, 5, 6]);
    const records = take();
    expect(suspicion(records)).toEqual([0, 0, 0, 1, 0, 0, 0, 0]);
    expect(poison(records)).not.toContain(true);
  });

  it('of one is poison the second time', () => {
    const { dieOfBatch, take } = ringOf(2);
    dieOfBatch([0]);
    expect(poison(take())).toEqual([false, false]);
    dieOfBatch([0]);
    expect(poison(take())).toEqual([true, false]);
  });

  it('is not to blame where the producer ended its worker', () => {
    const { dieOfBatch, take } = ringOf(4);
    for (let i = 0; i < 5; i++) dieOfBatch([0, 1], ENDED_BY_US);
    expect(suspicion(take())).toEqual([0, 0, 0, 0]);
  });

  it('that a worker stood still at is halved at once, by its first record', () => {
    const { words, dieOfBatch, take } = ringOf(4);
    words[STUCK_AT] = RECORD_BYTES;
    dieOfBatch([2, 3], ENDED_AS_STUCK);
    expect(suspicion(take())).toEqual([0, 0, 0, 0]);
    dieOfBatch([1, 2], ENDED_AS_STUCK);
    expect(suspicion(take())).toEqual([0, 1, 1, 0]);
  });
});

describe('records that were about to fail', () => {
  const fates = (records: readonly RingRecord[]) => records.map((record) => record.fate);

  it('have failed if the producer has got the notice', () => {
    const { words, consumer, take } = ringOf(2);
    const { ledger, numbers } = consumer();
    const error = (_message: string, _events: number, number: number): never => {
      words[REPORT_RECEIVED] = number;
      throw new Error('the end of the thread');
    };
    const tell = () => reportFailed({ ledger, notices: { error } as never }, numbers.slice(1), FAILED);
    expect(tell).toThrow();
    expect(fates(take())).toEqual([undefined, IS_FAILED]);
  });

  it('are pending again if it has not', () => {
    const { consumer, take } = ringOf(2);
    const { ledger, numbers } = consumer();
    const error = (): never => {
      throw new Error('the end of the thread');
    };
    const tell = () => reportFailed({ ledger, notices: { error } as never }, numbers.slice(1), FAILED);
    expect(tell).toThrow();
    expect(fates(take())).toEqual([undefined, undefined]);
  });
});
