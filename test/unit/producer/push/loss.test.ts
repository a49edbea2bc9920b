/** The hysteresis of loss. */
import { expect, it } from 'vitest';
import { beginLoss, endLoss } from '../../../../src/producer/push/loss.js';

it('begins once, and ends once there is room again', () => {
  const state = { losing: false };
  expect(endLoss(state, true)).toBe(false);
  expect(beginLoss(state)).toBe(true);
  expect(beginLoss(state)).toBe(false);
  expect(endLoss(state, false)).toBe(false);
  expect(endLoss(state, true)).toBe(true);
  expect(endLoss(state, true)).toBe(false);
  expect(beginLoss(state)).toBe(true);
});
