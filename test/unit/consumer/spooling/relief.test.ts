/** Which batches go to disk while the ring fills up or a flush waits, and what becomes of their records and their requests. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Batch } from '../../../../src/consumer/delivery/batch.js';
import {
  createDelivery,
  isSaturated,
  markFailedAttempt,
} from '../../../../src/consumer/delivery/delivery.js';
import { deliver } from '../../../../src/consumer/delivery/send.js';
import { createLedger, enter } from '../../../../src/consumer/intake/ledger.js';
import {
  createRingReader,
  type RingRecord,
  takeRecord,
} from '../../../../src/consumer/intake/ring-reader.js';
import { relieve, spoolAll } from '../../../../src/consumer/spooling/spooling.js';
import { createRequestQueue } from '../../../../src/consumer/transport/pending-request.js';
import { createRequestScheduler } from '../../../../src/consumer/transport/request-scheduler.js';
import { createRetryingTransport } from '../../../../src/consumer/transport/retrying-transport.js';
import type { Message } from '../../../../src/messages/message.js';
import { createRingWriter, writeRecord } from '../../../../src/producer/push/ring-writer.js';
import type { ExportOutcome } from '../../../../src/shared/contract/exporter.js';
import {
  allocateRing,
  EVENT,
  SENT,
  SENT_FROM_SPOOL,
  SPOOLED,
} from '../../../../src/shared/ring/ring-layout.js';
import * as disk from '../../../../src/spool/spool.js';
import { newDir, open } from '../../../support/spools.js';

vi.mock(
  import('../../../../src/shared/runtime/real-time.js'),
  () => import('../../../support/mocked-time.js') as never,
);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const exporter = {
  request: () => ({ url: 'http://server', headers: {}, body: new Uint8Array(1) }),
  outcome: (): ExportOutcome => ({ kind: 'success' }),
};

/** A delivery with two slots and a spool; the server answers when `answer` is called. */
function deliveryTo(slots = 2) {
  const ring = allocateRing(64 * 1024);
  const writer = createRingWriter(ring);
  const reader = createRingReader(ring);
  const ledger = createLedger(reader);
  const { spool } = open(newDir());
  const scheduler = createRequestScheduler(slots);
  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  const requestQueue = createRequestQueue(() => false);
  const answers: ((outcome: ExportOutcome) => void)[] = [];
  const transport = createRetryingTransport(
    {
      send: () => new Promise((resolve) => answers.push(resolve)),
      async close() {},
    },
    {
      scheduler,
      queue: requestQueue,
      closing: closing.signal,
      retryWindowMs: 600_000,
      onRetry: (request) => markFailedAttempt(delivery, request),
      onTaken() {},
    },
  );
  const warnings: string[] = [];
  const kept: number[] = [];
  const delivery = createDelivery({
    exporter: exporter as never,
    transport,
    ledger,
    notices: {
      warning: ({ code }: Message) => warnings.push(code),
      export() {},
      debug() {},
      error() {},
    } as never,
    isCompressed: () => false,
    scheduler,
    requestQueue,
    closing: closing.signal,
    spooling: { spool, mode: 'failed', disk },
    onSent() {},
    onKept: (retryAfterMs) => kept.push(retryAfterMs),
  });
  return {
    delivery,
    spool,
    warnings,
    kept,
    /** The n-th attempt gets this answer. */
    async answer(index: number, outcome: ExportOutcome) {
      answers[index]?.(outcome);
      await vi.advanceTimersByTimeAsync(0);
    },
    attempts: () => answers.length,
    send(id: string): Batch {
      writeRecord(writer, EVENT, Uint8Array.of(1), 0, 1);
      const number = enter(ledger, takeRecord(reader) as RingRecord);
      const record = { lane: 'spans', id, bytes: Uint8Array.of(1) };
      const batch: Batch = { lane: 'spans', records: [record], numbers: [number], suspicion: 0 };
      deliver(delivery, batch);
      return batch;
    },
    counted: (counter: number) => Number(reader.counters[counter]),
  };
}

const busy: ExportOutcome = { kind: 'retryable', reason: 'busy' };
const PRESSED = { pressed: true, flushing: false };
const FLUSHING = { pressed: false, flushing: true };

describe('while the ring fills up', () => {
  it('a batch without an answer for 250 ms is spooled, and those queued behind it', async () => {
    const { delivery, send, counted } = deliveryTo();
    for (const id of ['a', 'b', 'c']) send(id);
    await vi.advanceTimersByTimeAsync(200);
    relieve(delivery, PRESSED);
    expect(counted(SPOOLED)).toBe(0);
    await vi.advanceTimersByTimeAsync(100);
    relieve(delivery, PRESSED);
    expect(counted(SPOOLED)).toBe(3);
    expect(delivery.queue).toEqual([]);
    expect(isSaturated(delivery)).toBe(false);
  });

  it('a spooled batch whose answer comes after all counts as sent from the spool, once', async () => {
    const { delivery, send, answer, counted, spool } = deliveryTo();
    send('a');
    await vi.advanceTimersByTimeAsync(300);
    relieve(delivery, PRESSED);
    await answer(0, { kind: 'success' });
    expect([counted(SPOOLED), counted(SENT_FROM_SPOOL), counted(SENT)]).toEqual([1, 1, 0]);
    expect(disk.isEmpty(spool)).toBe(true);
  });
});

describe('while a flush waits', () => {
  it('a batch whose attempt has failed is spooled, and is no longer retried from memory', async () => {
    const { delivery, send, answer, counted, attempts, kept, spool } = deliveryTo();
    send('a');
    await answer(0, busy);
    relieve(delivery, FLUSHING);
    await vi.advanceTimersByTimeAsync(120_000);
    expect([counted(SPOOLED), attempts()]).toEqual([1, 1]);
    expect(kept).toHaveLength(1);
    expect(disk.isWaiting(spool)).toBe(true);
  });

  it('a batch that waits for its first answer is not', async () => {
    const { delivery, send, counted } = deliveryTo();
    send('a');
    await vi.advanceTimersByTimeAsync(1_000);
    relieve(delivery, FLUSHING);
    expect(counted(SPOOLED)).toBe(0);
  });

  it('batches that wait for a destination that refuses are', async () => {
    const { delivery, send, answer, counted, warnings } = deliveryTo(1);
    send('a');
    await answer(0, busy);
    // One other request probes at once: the first may itself have been at fault.
    send('b');
    await answer(1, busy);
    send('c');
    relieve(delivery, FLUSHING);
    expect(counted(SPOOLED)).toBe(3);
    expect(warnings).toEqual(['TAILRACE_SPOOLED']);
  });
});

it('nothing is spooled while neither is the case', async () => {
  const { delivery, send, answer, counted } = deliveryTo(1);
  send('a');
  await answer(0, busy);
  relieve(delivery, { pressed: false, flushing: false });
  expect(counted(SPOOLED)).toBe(0);
});

it('at shutdown everything undelivered is spooled', () => {
  const { delivery, send, counted } = deliveryTo(1);
  for (const id of ['a', 'b', 'c']) send(id);
  spoolAll(delivery);
  expect([counted(SPOOLED), delivery.queue.length]).toEqual([3, 0]);
});
