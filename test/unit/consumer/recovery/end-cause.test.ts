/** What a consumer makes of what its predecessor was at, and of why that ended. */
import { describe, expect, it } from 'vitest';
import {
  closeLedger,
  createLedger,
  enter,
  ordinalOf,
  SETTLED,
  settle,
} from '../../../../src/consumer/intake/ledger.js';
import {
  createRingReader,
  type RingRecord,
  takeRecord,
} from '../../../../src/consumer/intake/ring-reader.js';
import { outsideOfRecord } from '../../../../src/consumer/recovery/in-progress.js';
import { createRingWriter, writeRecord } from '../../../../src/producer/push/ring-writer.js';
import {
  allocateRing,
  END_CAUSE,
  ENDED_AS_STUCK,
  ENDED_BY_US,
  EVENT,
  SIDE,
  STUCK_AT,
  TAKING,
  TAKING_NOW,
} from '../../../../src/shared/ring/ring-layout.js';
import { abandonPending, readCounts } from '../../../../src/shared/ring/totals.js';

const BYTES = new Uint8Array(8);

/** A ring with two records, of which a consumer was at the first. */
function takenRing(type = EVENT) {
  const ring = allocateRing(4096);
  const { words } = createRingReader(ring);
  const writer = createRingWriter(ring);
  for (let i = 0; i < 2; i++) writeRecord(writer, type, BYTES, 0, BYTES.length);
  const die = () => {
    const reader = createRingReader(ring);
    reader.words[TAKING] = takeRecord(reader)?.position as number;
    reader.words[TAKING_NOW] = 1;
  };
  return { words, die, successor: () => takeRecord(createRingReader(ring)) };
}

describe('the record that a consumer was at', () => {
  it('is poison once two have died of it', () => {
    const { die, successor } = takenRing();
    die();
    die();
    expect(successor()).toMatchObject({ poison: true, stuck: false });
  });

  it('is not blamed for the end of a consumer that we ended, however often', () => {
    const { words, die, successor } = takenRing();
    for (let i = 0; i < 5; i++) {
      die();
      words[END_CAUSE] = ENDED_BY_US;
    }
    expect(successor()).toMatchObject({ poison: false });
  });

  it.each([EVENT, SIDE])('is blamed at once where it was stuck there (type %d)', (type) => {
    const { words, die, successor } = takenRing(type);
    die();
    words[STUCK_AT] = 0;
    words[END_CAUSE] = ENDED_AS_STUCK;
    expect(successor()).toMatchObject({ poison: true, stuck: true, hopeless: false, type });
  });

  it('is given up where it is to blame once more', () => {
    const { words, die, successor } = takenRing();
    die();
    words[END_CAUSE] = ENDED_AS_STUCK;
    die();
    words[END_CAUSE] = ENDED_AS_STUCK;
    expect(successor()).toMatchObject({ poison: true, stuck: true, hopeless: true });
  });

  it('is not blamed where the consumer has gone on to it since', () => {
    const { words, die, successor } = takenRing();
    die();
    words[STUCK_AT] = 4000;
    words[END_CAUSE] = ENDED_AS_STUCK;
    expect(successor()).toMatchObject({ poison: false });
  });

  it('is not blamed for what is done apart from it', () => {
    const ring = allocateRing(4096);
    createRingReader(ring);
    writeRecord(createRingWriter(ring), EVENT, BYTES, 0, BYTES.length);
    for (let i = 0; i < 2; i++) {
      const reader = createRingReader(ring);
      reader.words[TAKING] = takeRecord(reader)?.position as number;
      reader.words[TAKING_NOW] = 1;
      outsideOfRecord(reader, () => expect(takeRecord(createRingReader(ring))?.poison).toBe(false));
      expect(reader.words[TAKING_NOW]).toBe(1);
    }
    expect(takeRecord(createRingReader(ring))).toMatchObject({ poison: true });
  });

  it('a cause is that of one end only', () => {
    const { words, die, successor } = takenRing();
    die();
    words[END_CAUSE] = ENDED_BY_US;
    successor();
    die();
    die();
    expect(successor()).toMatchObject({ poison: true });
  });
});

it('a consumer that has drawn up the account of a ring and then dies has a successor that counts nothing again', () => {
  const ring = allocateRing(4096);
  const writer = createRingWriter(ring);
  for (let i = 0; i < 3; i++) writeRecord(writer, EVENT, BYTES, 0, BYTES.length);
  const reader = createRingReader(ring);
  const ledger = createLedger(reader);
  const [, second, third] = [1, 2, 3].map(() => enter(ledger, takeRecord(reader) as RingRecord));
  settle(ledger, [second as number, third as number], SETTLED.sent);
  closeLedger(ledger);
  const afterDeath = createRingReader(ring);
  const ledgerAfter = createLedger(afterDeath);
  expect(takeRecord(afterDeath)).toBeUndefined();
  // All ordinals of the ring lie before it.
  expect(ordinalOf(ledgerAfter, 0)).toBe(3);
  closeLedger(ledgerAfter);
  expect(abandonPending(writer)).toBe(1);
  expect(readCounts(writer)).toMatchObject({ accepted: 3, sent: 2, failed: 1, pending: 0 });
});
