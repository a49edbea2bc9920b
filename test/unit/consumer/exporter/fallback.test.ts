/** What stands in for a pipeline whose exporter cannot be loaded. */
import { expect, it, onTestFinished } from 'vitest';
import { createFallback } from '../../../../src/consumer/exporter/fallback.js';
import type { Loaded } from '../../../../src/consumer/exporter/load-exporter.js';
import { createLedger } from '../../../../src/consumer/intake/ledger.js';
import { createRingReader } from '../../../../src/consumer/intake/ring-reader.js';
import { createRingWriter, writeRecord } from '../../../../src/producer/push/ring-writer.js';
import type { Exporter } from '../../../../src/shared/contract/exporter.js';
import { allocateRing, EVENT, FAILED } from '../../../../src/shared/ring/ring-layout.js';
import { wake } from '../../../../src/shared/ring/wake.js';

const EXPORTER = {} as Exporter;
const FAULT = { fault: 'exporter x could not be loaded', later: undefined };

function fallbackFor(
  first: typeof FAULT | { fault: string; later: Promise<Exporter> },
  loads: Loaded[] = [],
) {
  const ring = allocateRing(4096);
  const writer = createRingWriter(ring);
  const reader = createRingReader(ring);
  const ledger = createLedger(reader);
  const told: string[] = [];
  let onTold = () => {};
  const error = ({ text }: { text: string }) => {
    told.push(text);
    onTold();
  };
  const load = async () => loads.shift() ?? FAULT;
  const parts = { reader, ledger, notices: { error } as never };
  const fallback = createFallback(parts, first, load, { reportAgainMs: 5, loadAgainMs: 0 });
  onTestFinished(() => fallback.end());
  return {
    fallback,
    told,
    failed: () => Number(reader.counters[FAILED]),
    push() {
      writeRecord(writer, EVENT, Uint8Array.of(1), 0, 1);
      wake(reader.words);
    },
    nextMessage: () =>
      new Promise<void>((resolve) => {
        onTold = resolve;
      }),
  };
}

it('tries again when something has come, and goes on with the exporter', async () => {
  const { fallback, told, push } = fallbackFor(FAULT, [FAULT, { exporter: EXPORTER }]);
  const ran = fallback.run();
  push();
  expect(await ran).toBe(EXPORTER);
  // It is on the ring, for the exporter.
  expect(told).toEqual([]);
});

it('goes on with an exporter that comes late, and asks for no other meanwhile', async () => {
  let come: (exporter: Exporter) => void = () => {};
  const later = new Promise<Exporter>((resolve) => {
    come = resolve;
  });
  const never = { exporter: {} as Exporter };
  const { fallback, told, failed, push, nextMessage } = fallbackFor({ ...FAULT, later }, [never]);
  const ran = fallback.run();
  push();
  await nextMessage();
  expect(told).toEqual(['1 event not delivered: exporter x could not be loaded']);
  expect(failed()).toBe(1);
  come(EXPORTER);
  expect(await ran).toBe(EXPORTER);
});

it('ends without one', async () => {
  const { fallback, failed, push } = fallbackFor(FAULT);
  const ran = fallback.run();
  push();
  fallback.failAll();
  fallback.end();
  expect(await ran).toBeUndefined();
  expect(failed()).toBe(1);
});
