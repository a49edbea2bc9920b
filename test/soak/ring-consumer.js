/**
 * The consumer of a ring soak, in a thread of its own: takes, settles out of order in batches of any size, dozes, parks.
 *
 * A record is looked at when it is taken, and again just before it settles: until then it must stand as it was written.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createLedger, enter, SETTLED, settle } from '../../dist/consumer/intake/ledger.js';
import { createRingReader, seenTail, takeRecord } from '../../dist/consumer/intake/ring-reader.js';
import { decodeEvent } from '../../dist/event/event-decoder.js';
import { READ, SIDE } from '../../dist/shared/ring/ring-layout.js';
import { readReferred } from '../../dist/shared/ring/side-lane-layout.js';
import { doze, park } from '../../dist/shared/ring/wake.js';
import { addToDigest, chance, textOf } from './pattern.js';

// Without the net of ten seconds a lost wake-up hangs this thread, and shows.
const NO_NET_MS = 2 ** 31 - 1;

const { ring, lane, seed } = workerData;
const random = chance(seed);
const reader = createRingReader(ring);
const ledger = createLedger(reader);
/** Taken, and not settled. */
const open = [];
const report = { read: 0, digest: 0, wrong: [], beside: 0, parks: 0, dozes: 0, outOfOrder: 0 };
let last = -1;

parentPort.on('message', () => parentPort.postMessage(report));
void consume();

async function consume() {
  for (;;) {
    const tail = seenTail(reader);
    const taken = take();
    if (taken > 0) {
      settleSome(1 + random(open.length));
      if (random(8) === 0) await doze(reader.words, random(2));
    } else {
      // Nothing may come before space is released.
      settleSome(open.length);
      await sleep(tail);
    }
  }
}

function take() {
  const most = 1 + random(200);
  let taken = 0;
  for (; taken < most; taken++) {
    const record = takeRecord(reader);
    if (record === undefined) break;
    const isBeside = record.type === SIDE;
    if (isBeside) report.beside++;
    const payload = isBeside ? readReferred(lane, record.payload) : record.payload;
    // In the order in which they were pushed, each once.
    last = check(payload, (n) => n > last);
    open.push({ number: enter(ledger, record), payload, n: last });
    report.read++;
    report.digest = addToDigest(report.digest, last);
  }
  Atomics.store(reader.words, READ, reader.position);
  return taken;
}

async function sleep(tail) {
  if (random(4) === 0) {
    report.dozes++;
    return doze(reader.words, random(3));
  }
  report.parks++;
  return park(reader.words, tail, NO_NET_MS);
}

/** Most of them in the order of the ring, some before their turn. */
function settleSome(count) {
  const numbers = [];
  for (let i = 0; i < count; i++) {
    const index = random(4) === 0 ? random(open.length) : 0;
    if (index > 0) report.outOfOrder++;
    const [{ number, payload, n }] = open.splice(index, 1);
    check(payload, (now) => now === n);
    numbers.push(number);
  }
  settle(ledger, numbers, SETTLED.sent);
}

/** Whether it is the record that was pushed. Returns its number. */
function check(payload, isExpected) {
  const { n, size, text } = decodeEvent(Buffer.from(payload));
  if ((text !== textOf(n, size) || !isExpected(n)) && report.wrong.length < 10) {
    report.wrong.push({ n, last, size, text });
  }
  return n;
}
