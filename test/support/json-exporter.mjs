/**
 * An exporter for tests: events as a JSON array. Options: `url`; `trouble`, a shared Int32Array that tells how to
 * misbehave when an event with a `trouble` field is encoded, and how often still; `orders`, a shared Int32Array that tells
 * to misbehave at once, as the number in it says; `nonsense`: what to give back that no exporter should. An event with a field
 * `in` does so not while it is encoded, but in `request`, `outcome`, `gzip` or `fsync`, of a batch that holds it; `start`: how
 * `createExporter` misbehaves, as often as `trouble` says; `encoded`, a shared Int32Array that counts the events that were encoded;
 * `withholds`: it can encode an event without its payload, as `{ id, withheld: true }`; `recycles`: it overwrites the bytes of records
 * that have come to their end, and counts them in this shared Int32Array.
 */
import fs from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import zlib from 'node:zlib';

export function createExporter(
  { url, trouble, orders, nonsense, start, encoded, withholds, recycles },
  { decode },
) {
  const meet = (event) => {
    if (trouble === undefined || Atomics.sub(trouble, 0, 1) <= 0) return;
    Atomics.notify(trouble, 0);
    misbehave(event.trouble);
  };
  const meetIn = (place, bytes) => {
    const text = Buffer.from(bytes).toString('latin1');
    const how = text.match(new RegExp(`"in":"${place}","trouble":"([a-z ]+)"`))?.[1];
    if (how !== undefined) meet({ trouble: how });
  };
  if (trouble !== undefined && !isMainThread) layTraps(meetIn);
  if (start !== undefined) meet({ trouble: start });
  // A worker's orders: given up for the calling thread, they would end the test.
  if (orders !== undefined && !isMainThread) void obey(orders);
  const exporter = {
    encode(event) {
      if (encoded !== undefined) Atomics.add(encoded, 0, 1);
      if (event?.trouble !== undefined && event.in === undefined) meet(event);
      if (event?.unfit) throw new Error('unfit');
      return {
        lane: event?.lane ?? 'events',
        id: String(event?.id),
        bytes: Buffer.from(JSON.stringify(event)),
      };
    },
    bodyBytes: (_lane, count, recordBytes) => recordBytes + count + 1,
    request(lane, records) {
      for (const { bytes } of records) meetIn('request', bytes);
      return {
        url: `${url}/${lane}`,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(`[${records.map(({ bytes }) => Buffer.from(bytes).toString()).join(',')}]`),
      };
    },
    outcome(_lane, records, { status, headers, body }) {
      for (const { bytes } of records) meetIn('outcome', bytes);
      if (status === 207) return { kind: 'partial', refused: JSON.parse(Buffer.from(body).toString()) };
      if (status < 300) return { kind: 'success' };
      if (status === 413) return { kind: 'too-large', reason: 'HTTP 413' };
      if (status < 500) return { kind: 'failure', reason: `HTTP ${status}` };
      return {
        kind: 'retryable',
        reason: `HTTP ${status}`,
        retryAfterMs: Number(headers['x-retry-ms'] ?? 0),
      };
    },
  };
  if (withholds) {
    exporter.encodeWithheld = (event) => {
      const { id } = decode(event);
      return { lane: 'events', id: String(id), bytes: Buffer.from(JSON.stringify({ id, withheld: true })) };
    };
  }
  if (recycles !== undefined) {
    exporter.recycle = (_lane, records) => {
      for (const { bytes } of records) bytes.fill('#');
      Atomics.add(recycles, 0, records.length);
    };
  }
  if (nonsense !== undefined) giveNonsense(exporter, nonsense);
  return exporter;
}

/** In what the worker calls for a batch. */
function layTraps(meetIn) {
  const { crc32 } = zlib;
  const { writeSync, fdatasyncSync } = fs;
  let written = [];
  // Called for the checksum of a compressed body, while it is compressed.
  zlib.crc32 = (body, ...rest) => {
    meetIn('gzip', body);
    return crc32(body, ...rest);
  };
  fs.writeSync = (fd, bytes, ...rest) => {
    written.push(bytes);
    return writeSync(fd, bytes, ...rest);
  };
  fs.fdatasyncSync = (fd) => {
    for (const bytes of written) meetIn('fsync', bytes);
    written = [];
    return fdatasyncSync(fd);
  };
}

function giveNonsense(exporter, { encode, request, outcome, settlesAfter }) {
  const sensible = { ...exporter };
  if (settlesAfter !== undefined) {
    exporter.encode = (event) => ({ ...sensible.encode(event), settlesAfter: waitFor(settlesAfter) });
  }
  if (encode !== undefined) {
    exporter.encode = (event) => {
      if (event.id !== 2) return sensible.encode(event);
      if (encode === 'unreadable') throw Object.create(null);
      return { lane: 'events', id: '2' };
    };
  }
  if (request !== undefined) exporter.request = (...args) => ({ ...sensible.request(...args), body: 'text' });
  if (outcome !== undefined)
    exporter.outcome = () => (outcome === 'unknown' ? { kind: 'perhaps' } : undefined);
}

function waitFor(settlesAfter) {
  if (settlesAfter === 'a number') return 5;
  if (settlesAfter === 'a rejection')
    return new Promise((_, reject) => setTimeout(reject, 20, new Error('no')));
  // biome-ignore lint/suspicious/noThenProperty: that is what is wrong with it
  return { then: (resolve) => setTimeout(resolve, 20) };
}

/** By number. */
const FORMS = ['none', 'exit', 'throw later', 'out of memory'];

async function obey(orders) {
  await Atomics.waitAsync(orders, 0, 0).value;
  misbehave(FORMS[Atomics.exchange(orders, 0, 0)]);
}

function misbehave(how) {
  // Until its thread is terminated.
  if (how === 'stand still') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (how === 'exit') process.exit(1);
  if (how === 'throw later')
    setImmediate(() => {
      throw new Error('thrown by the exporter');
    });
  if (how === 'out of memory') {
    const hoard = [];
    for (;;) hoard.push(new Array(100_000).fill(Math.random()));
  }
  if (how === 'throw') throw new Error('cannot encode this one');
}
