/** An exporter's module that does not come back: how long it is waited for. The clock is a fake. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createExporterLoader } from '../../../../src/consumer/exporter/load-exporter.js';
import type { ExporterContext } from '../../../../src/shared/contract/exporter.js';
import { allocateRing, ringMemory } from '../../../../src/shared/ring/ring-layout.js';

vi.mock(
  import('../../../../src/shared/runtime/real-time.js'),
  () => import('../../../support/mocked-time.js') as never,
);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('an exporter whose createExporter does not come back within 20 s is named once, and not waited for', async () => {
  const url = 'data:text/javascript,export const createExporter = () => new Promise(() => {})';
  const told: string[] = [];
  const notices = { fault: ({ text }: { text: string }) => told.push(text) };
  const words = ringMemory(allocateRing(4096)).words;
  const loader = createExporterLoader({ url }, words, notices as never);
  for (let time = 0; time < 2; time++) {
    let loaded: unknown;
    void loader.load({} as ExporterContext, false).then((outcome) => {
      loaded = outcome;
    });
    await vi.advanceTimersByTimeAsync(19_999);
    expect(loaded).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(loaded).toMatchObject({ fault: expect.stringContaining('it has not returned within 20 s') });
  }
  expect(told).toEqual([expect.stringMatching(/^exporter data:.* could not be loaded: it has not returned/)]);
});
