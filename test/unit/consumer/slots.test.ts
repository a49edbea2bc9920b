/** Places for requests, shared by the rings of a consumer. */
import { expect, it } from 'vitest';
import { createSlots, freeSlot, takeSlot } from '../../../src/consumer/slots.js';

it('one who is called and wants none leaves the slot to the next', () => {
  const slots = createSlots(1);
  expect(takeSlot(slots, 'first', () => {})).toBe(true);
  const called: string[] = [];
  takeSlot(slots, 'let go', () => called.push('let go'));
  takeSlot(slots, 'second', () => {
    called.push('second');
    takeSlot(slots, 'second', () => {});
  });
  takeSlot(slots, 'third', () => called.push('third'));
  freeSlot(slots);
  expect(called).toEqual(['let go', 'second']);
  freeSlot(slots);
  expect(called).toEqual(['let go', 'second', 'third']);
  expect(slots).toMatchObject({ free: 1, waiting: new Map() });
});
