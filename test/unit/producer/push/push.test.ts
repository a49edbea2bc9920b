/** Events on the ring and in the side lane, events that do not fit, and events that come while another is written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLedger, enter, SETTLED, settle } from '../../../../src/consumer/intake/ledger.js';
import { createRingReader, takeRecord } from '../../../../src/consumer/intake/ring-reader.js';
import { decodeEvent } from '../../../../src/event/event-decoder.js';
import { writeValue } from '../../../../src/event/value-writer.js';
import { allocateSharedRing } from '../../../../src/producer/attach/ring-pool.js';
import { createNotifier } from '../../../../src/producer/messages/notifier.js';
import { createProducer, freeze, push, sharedRingOf } from '../../../../src/producer/push/push.js';
import { SIDE, SLEEP } from '../../../../src/shared/ring/ring-layout.js';
import { readReferred } from '../../../../src/shared/ring/side-lane-layout.js';
import { readDropped } from '../../../../src/shared/ring/totals.js';
import { dozeLong } from '../../../../src/shared/ring/wake.js';

const CAPACITY = 16 * 1024;

function producerOf(sideLaneBytes = 64 * 1024) {
  const notifier = createNotifier();
  notifier.on('drop', () => {});
  const producer = createProducer(allocateSharedRing(CAPACITY, sideLaneBytes), notifier);
  const { ring: buffer, lane } = sharedRingOf(producer);
  const reader = createRingReader(buffer);
  const ledger = createLedger(reader);
  /** Decodes all records, and releases their space. */
  const drain = (): unknown[] => {
    const events: unknown[] = [];
    for (let record = takeRecord(reader); record !== undefined; record = takeRecord(reader)) {
      const { type, payload } = record;
      const bytes = type === SIDE ? readReferred(lane, payload) : payload;
      events.push(decodeEvent(Buffer.from(new Uint8Array(bytes))));
      settle(ledger, [enter(ledger, record)], SETTLED.sent);
    }
    return events;
  };
  return { producer, drain, push: (event: unknown) => push(producer, writeValue, event) };
}

describe('events', () => {
  it('of any size are read as they were pushed, lap after lap, or are refused', () => {
    const { producer, drain, push } = producerOf();
    const event = fc.record({ id: fc.nat(), text: fc.string({ unit: 'binary', maxLength: 3000 }) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const taken = events.filter((one) => push(one));
        expect(drain()).toEqual(taken);
      }),
      { numRuns: 500 },
    );
    expect(producer.ring.accepted).toBeGreaterThan(500);
  });

  it('fill the ring to its last bytes, and no further', () => {
    const { producer, drain, push } = producerOf();
    const text = 'x'.repeat(100);
    let count = 0;
    while (push(text)) count++;
    // 8 bytes of header and 4 of MessagePack, padded to 8.
    expect(count).toBe(Math.floor(CAPACITY / 112));
    expect(readDropped(producer.ring.totals)).toEqual({ total: 1, 'ring-full': 1 });
    expect(drain()).toEqual(new Array(count).fill(text));
    expect(push(text)).toBe(true);
  });

  it('larger than the side lane are refused as too large', () => {
    const { producer, push } = producerOf();
    expect(push('x'.repeat(64 * 1024))).toBe(false);
    expect(push(['漢'.repeat(40 * 1024)])).toBe(false);
    expect(readDropped(producer.ring.totals)).toEqual({ total: 2, 'too-large': 2 });
    expect(push('x'.repeat(60 * 1024))).toBe(true);
  });

  it('in the side lane end a long doze of the consumer, as the lane fills up sooner than the ring', async () => {
    const { producer, push } = producerOf();
    const slept = dozeLong(producer.ring.words, 600_000, CAPACITY);
    push('x'.repeat(1000));
    expect(Atomics.load(producer.ring.words, SLEEP)).not.toBe(0);
    push('x'.repeat(60 * 1024));
    expect(Atomics.load(producer.ring.words, SLEEP)).toBe(0);
    await slept;
  });
});

describe('an event pushed by a getter in another', () => {
  const withInner = (inner: () => unknown, after: unknown = 'after') => ({
    before: 'b'.repeat(60),
    get inner() {
      return inner();
    },
    after,
  });

  it('comes after it, unchanged', () => {
    const { drain, push } = producerOf();
    expect(push(withInner(() => push({ nested: 'n'.repeat(60) })))).toBe(true);
    expect(drain()).toEqual([
      { before: 'b'.repeat(60), inner: true, after: 'after' },
      { nested: 'n'.repeat(60) },
    ]);
  });

  it('and by a getter in that, and in the side lane, too', () => {
    const { drain, push } = producerOf();
    const large = 'l'.repeat(5000);
    push(withInner(() => push(withInner(() => push({ large })))));
    const whole = { before: 'b'.repeat(60), inner: true, after: 'after' };
    expect(drain()).toEqual([whole, { large }, whole]);
  });

  // The getter is called for each attempt at the other.
  it('is accepted even if the other is refused', () => {
    const { producer, drain, push } = producerOf();
    expect(push(withInner(() => push('nested'), 'x'.repeat(70 * 1024)))).toBe(false);
    expect(readDropped(producer.ring.totals)).toMatchObject({ 'too-large': 1 });
    expect(new Set(drain())).toEqual(new Set(['nested']));
  });

  it('is refused and counted if a listener takes the room that was kept for it', () => {
    const { producer, drain, push } = producerOf(6000);
    let offered = 0;
    producer.notifier.on('highWater', () => {
      do offered++;
      while (push('x'));
    });
    push(
      withInner(() => {
        push('told of the large one');
        push({ large: 'l'.repeat(5000) });
      }),
    );
    const { total } = readDropped(producer.ring.totals);
    expect(total).toBe(2);
    expect(drain()).toHaveLength(offered + 3 - total);
  });

  it('is accepted also if the other is only frozen', () => {
    const { producer, drain, push } = producerOf();
    freeze(
      producer,
      withInner(() => push('nested')),
    );
    expect(drain()).toEqual(['nested']);
    expect(producer.ring.accepted).toBe(1);
  });

  it('is never accepted without room for it, however many there are', () => {
    const { producer, drain, push } = producerOf();
    let accepted = 0;
    push(
      withInner(() => {
        for (let i = 0; i < 5000; i++) if (push(1)) accepted++;
        return 'inner';
      }),
    );
    expect(accepted).toBeGreaterThan(100);
    expect(producer.ring.accepted).toBe(accepted + 1);
    expect(drain()).toHaveLength(accepted + 1);
  });

  it('is refused when there might not be room for both', () => {
    const { producer, drain, push } = producerOf();
    while (push('x'.repeat(100)));
    const accepted = producer.ring.accepted;
    let inner: boolean | undefined;
    push(
      withInner(() => {
        inner = push('nested');
        return inner;
      }),
    );
    expect(inner).toBe(false);
    expect(drain()).toHaveLength(accepted);
  });
});
