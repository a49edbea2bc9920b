/**
 * Two threads over a tiny ring, for as long as is wanted: `push` with events of any size on the ring and beside it, events
 * that getters push in the middle of others, refusals; and `ring-consumer.js`.
 */
import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { writeValue } from '../../dist/event/value-writer.js';
import { allocateSharedRing } from '../../dist/producer/attach/ring-pool.js';
import { createNotifier } from '../../dist/producer/messages/notifier.js';
import { createProducer, push, sharedRingOf } from '../../dist/producer/push/push.js';
import { HEAD, READ, SENT, TAIL } from '../../dist/shared/ring/ring-layout.js';
import { readDropped } from '../../dist/shared/ring/totals.js';
import { addToDigest, chance, textOf } from './pattern.js';

const SIDE_LANE_BYTES = 64 * 1024;
/** With nothing settled for so long, and records waiting, a wake-up has been lost. */
const STALLED_MS = 15_000;
const ONE_BY_ONE = 20;
/** As many loads as the consumer needs from its last release until it sleeps, and more. */
const SPINS = 2000;
const SPUN = new Int32Array(new SharedArrayBuffer(4));

/**
 * @param options `isOver(pushed)`; `startAt`: position of the first record, near a wrap of the 32-bit counters say.
 * @returns What was pushed and what was read: `lost` and `wrong` have to be empty.
 */
export async function soakRing({ ringBytes = 4096, seed, startAt = 0, isOver }) {
  const random = chance(seed);
  const notifier = createNotifier('none');
  const producer = createProducer(allocateSharedRing(ringBytes, SIDE_LANE_BYTES), notifier);
  moveTo(producer.ring, startAt);
  const consumer = new Worker(new URL('./ring-consumer.js', import.meta.url), {
    workerData: { ...sharedRingOf(producer), seed: seed + 1 },
  });
  const stream = { producer, random, next: 0, accepted: 0, refused: 0, nested: 0, waits: 0, digest: 0 };
  try {
    while (!isOver(stream.next)) {
      const burst = 1 + random(ringBytes / 128);
      const { refused } = stream;
      for (let i = 0; i < burst && stream.refused === refused; i++) pushOne(stream);
      const pause = random(20);
      if (pause === 0) await setTimeout(random(2));
      else if (pause > 1) await setImmediate();
      else if (!(await pushOneByOne(stream))) break;
    }
    if (!(await settled(producer.ring))) return { ...account(stream), stalled: true, wrong: [] };
    consumer.postMessage('report');
    const [report] = await once(consumer, 'message');
    return { ...account(stream), stalled: false, ...compare(stream, report) };
  } finally {
    await consumer.terminate();
  }
}

/**
 * Each when the one before has settled, so just when the consumer is about to park. None comes to make good for a
 * wake-up that is lost.
 */
async function pushOneByOne(stream) {
  const { producer, random } = stream;
  for (let i = 0; i < ONE_BY_ONE; i++) {
    if (!(await settled(producer.ring))) return false;
    stream.waits++;
    spin(random(SPINS));
    offer(stream, eventOf(stream));
  }
  return true;
}

function moveTo(ring, position) {
  ring.tail = ring.cachedHead = ring.cachedRead = position | 0;
  for (const word of [TAIL, HEAD, READ]) Atomics.store(ring.words, word, position | 0);
}

function pushOne(stream) {
  const { random } = stream;
  const event = eventOf(stream);
  if (random(10) === 0) {
    const times = 1 + random(3);
    Object.defineProperty(event, 'more', {
      enumerable: true,
      get() {
        for (let i = 0; i < times; i++) offer(stream, eventOf(stream));
        stream.nested += times;
        return times;
      },
    });
  }
  offer(stream, event);
}

function eventOf(stream) {
  const { random } = stream;
  const size = random(200) === 0 ? random(5000) : random(250);
  const n = stream.next++;
  return { n, size, text: textOf(n, size) };
}

function offer(stream, event) {
  if (push(stream.producer, writeValue, event)) {
    stream.accepted++;
    stream.digest = addToDigest(stream.digest, event.n);
  } else stream.refused++;
}

/** Whether the consumer gets to the end, which it does without being called. */
async function settled({ words, tail }) {
  let head = Atomics.load(words, HEAD);
  let movedAt = performance.now();
  while (head !== tail) {
    if (performance.now() - movedAt > STALLED_MS) return false;
    // Not a timer: it would end long after the consumer has parked.
    for (let i = 0; i < SPINS && Atomics.load(words, HEAD) !== tail; i++);
    const now = Atomics.load(words, HEAD);
    if (now !== head) movedAt = performance.now();
    if (now !== tail) await setImmediate();
    head = now;
  }
  return true;
}

function spin(times) {
  for (let i = 0; i < times; i++) Atomics.load(SPUN, 0);
}

function account({ accepted, refused, nested, waits, producer }) {
  const { ring } = producer;
  return { accepted, refused, nested, waits, dropped: readDropped(ring.totals), tail: ring.tail };
}

function compare({ producer, accepted, refused, digest }, report) {
  const wrong = [...report.wrong];
  const equal = (what, is, should) => {
    if (is !== should) wrong.push({ what, is, should });
  };
  equal('read', report.read, accepted);
  equal('digest of what was read', report.digest, digest);
  equal('counted as accepted', producer.ring.accepted, accepted);
  equal('counted as dropped', readDropped(producer.ring.totals).total, refused);
  equal('counted as sent', Number(Atomics.load(producer.ring.counters, SENT)), accepted);
  const { beside, parks, dozes, outOfOrder } = report;
  return { wrong, beside, parks, dozes, outOfOrder };
}
