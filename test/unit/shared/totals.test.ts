/** The account of a ring, as whoever sees its memory draws it up. */
import { expect, it } from 'vitest';
import { ACCEPTED, allocateRing, FAILED, ringMemory, SENT } from '../../../src/shared/ring-layout.js';
import { abandonPending, readCounts } from '../../../src/shared/totals.js';

it('what was given up and is delivered after all counts once, as sent', () => {
  const memory = ringMemory(allocateRing(4096));
  memory.totals[ACCEPTED] = 10;
  Atomics.add(memory.counters, FAILED, 1n);
  Atomics.add(memory.counters, SENT, 2n);
  expect(abandonPending(memory)).toBe(7);
  expect(readCounts(memory)).toMatchObject({ accepted: 10, sent: 2, failed: 8, pending: 0 });
  Atomics.add(memory.counters, SENT, 4n);
  expect(readCounts(memory)).toMatchObject({ accepted: 10, sent: 6, failed: 4, pending: 0 });
  expect(abandonPending(memory)).toBe(0);
});
