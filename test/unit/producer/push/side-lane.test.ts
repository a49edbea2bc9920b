/** Large events in the side lane: none overlaps another, and the space of settled events is used again. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSideLane, freeSettled, type Held, hold } from '../../../../src/producer/push/side-lane.js';
import { allocateLane, readReferred, writeReference } from '../../../../src/shared/ring/side-lane-layout.js';

const MAX_BYTES = 1000;

function referred(memory: SharedArrayBuffer, { start, bytes }: Held): Buffer {
  const reference = new Uint8Array(8);
  writeReference(new DataView(reference.buffer), start, bytes);
  return readReferred(memory, reference);
}

it('each event stays unchanged until it has settled', () => {
  const size = fc.integer({ min: 1, max: 600 });
  fc.assert(
    fc.property(fc.array(fc.tuple(size, fc.nat(3)), { maxLength: 40 }), (steps) => {
      const lane = createSideLane(allocateLane(MAX_BYTES));
      const standing: { held: Held; fill: number }[] = [];
      let position = 0;
      for (const [index, [bytes, settle]] of steps.entries()) {
        const fill = index + 1;
        const held = hold(lane, new Uint8Array(bytes).fill(fill), 0, bytes);
        if (held === undefined) {
          // Alone there is always room.
          expect(standing.length).toBeGreaterThan(0);
        } else {
          held.end = ++position;
          standing.push({ held, fill });
        }
        const settled = standing.splice(0, settle).at(-1);
        if (settled !== undefined) freeSettled(lane, settled.held.end as number);
        for (const one of standing) {
          expect(referred(lane.memory, one.held)).toEqual(Buffer.alloc(one.held.bytes, one.fill));
        }
        expect(lane.usedBytes).toBe(standing.reduce((sum, one) => sum + one.held.bytes, 0));
        expect(lane.memory.byteLength).toBeLessThanOrEqual(MAX_BYTES);
      }
    }),
  );
});

it('an event without a reference on the ring is not freed', () => {
  const lane = createSideLane(allocateLane(MAX_BYTES));
  const held = hold(lane, new Uint8Array(10), 0, 10) as Held;
  freeSettled(lane, 2 ** 30);
  expect(lane.held).toEqual([held]);
});
