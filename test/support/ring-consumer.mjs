/** A consumer of the built package in a real thread: reads, checks, releases, parks when the ring is empty. */
import { parentPort, workerData } from 'node:worker_threads';
import { createLedger, enter, SETTLED, settle } from '../../dist/consumer/intake/ledger.js';
import { createRingReader, seenTail, takeRecord } from '../../dist/consumer/intake/ring-reader.js';
import { park } from '../../dist/shared/ring/wake.js';

const { buffer, records } = workerData;
const reader = createRingReader(buffer);
const ledger = createLedger(reader);
let read = 0;
let wrong = 0;
// Without its net of ten seconds a lost wake-up would hang this thread, and the test.
const NO_NET_MS = 2 ** 31 - 1;
// waitAsync does not keep a thread alive.
parentPort.on('message', () => {});

while (read < records) {
  const tail = seenTail(reader);
  for (let record = takeRecord(reader); record !== undefined; record = takeRecord(reader)) {
    const { payload } = record;
    const intact =
      payload.readUInt32LE() === read && payload.subarray(4).every((byte) => byte === read % 256);
    if (!intact) wrong++;
    read++;
    settle(ledger, [enter(ledger, record)], SETTLED.sent);
  }
  if (read < records) await park(reader.words, tail, NO_NET_MS);
}
parentPort.postMessage({ read, wrong });
