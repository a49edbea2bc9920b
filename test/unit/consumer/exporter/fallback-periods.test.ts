/** How often a stand-in tells of what it gives up, and tries to load the exporter again. The clock is a fake. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFallback } from '../../../../src/consumer/exporter/fallback.js';
import { createLedger } from '../../../../src/consumer/intake/ledger.js';
import { createRingReader } from '../../../../src/consumer/intake/ring-reader.js';
import { createRingWriter, writeRecord } from '../../../../src/producer/push/ring-writer.js';
import { allocateRing, EVENT } from '../../../../src/shared/ring/ring-layout.js';

vi.mock(
  import('../../../../src/shared/runtime/real-time.js'),
  () => import('../../../support/mocked-time.js') as never,
);
/** A consumer that waits by the same clock. */
vi.mock(import('../../../../src/shared/ring/wake.js'), async (original) => ({
  ...(await original()),
  doze: (_words: Int32Array, ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  park: () => new Promise<void>((resolve) => setTimeout(resolve, 100)),
}));

const FAULT = { fault: 'exporter x could not be loaded', later: undefined };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('events that cannot be sent are told of every 30 s, and loading is tried again once a minute', async () => {
  const startedAt = performance.now();
  const seconds = () => Math.floor((performance.now() - startedAt) / 1000);
  const ring = allocateRing(65_536);
  const writer = createRingWriter(ring);
  const reader = createRingReader(ring);
  const [told, loads]: [number[], number[]] = [[], []];
  const notices = { error: () => void told.push(seconds()) } as never;
  const fallback = createFallback({ reader, ledger: createLedger(reader), notices }, FAULT, async () => {
    loads.push(seconds());
    return FAULT;
  });
  const ran = fallback.run();
  while (seconds() < 125) {
    writeRecord(writer, EVENT, Uint8Array.of(1), 0, 1);
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(told.slice(1).map((at, i) => at - (told[i] as number))).toEqual([30, 30, 30, 30]);
  expect(loads.length).toBe(2);
  expect(loads[0]).toBeGreaterThanOrEqual(60);
  expect((loads[1] as number) - (loads[0] as number)).toBeGreaterThanOrEqual(60);
  fallback.end();
  await vi.advanceTimersByTimeAsync(30_000);
  await ran;
});
