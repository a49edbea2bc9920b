/** Waiting for a bounded time. */
import { describe, expect, it } from 'vitest';
import { startTimeout, within } from '../../../../src/shared/runtime/timeout.js';

const never = new Promise<never>(() => {});

describe('within()', () => {
  it('resolves to true once the work has ended in time', async () => {
    expect(await within(60_000, async () => 'done')).toBe(true);
  });

  it('resolves to false once the time is over', async () => {
    expect(await within(1, () => never)).toBe(false);
  });

  it('rejects as the work does', async () => {
    await expect(within(60_000, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});

describe('a timeout', () => {
  it('expires after its time', async () => {
    expect(await startTimeout(1).expired).toBe('expired');
  });

  it('does not expire without a time, nor once it is cancelled', async () => {
    const cancelled = startTimeout(5);
    cancelled.cancel();
    const race = Promise.race([startTimeout(undefined).expired, cancelled.expired, startTimeout(20).expired]);
    const later = startTimeout(10).expired.then(() => 'first');
    expect(await Promise.race([race, later])).toBe('first');
  });
});
