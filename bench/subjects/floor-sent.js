/**
 * The least that a client with a worker can take: the thread copies the bytes of the record as they were encoded during the warm-up, and the
 * worker sends them as they are. It has no handle, no id, no JSON, no accounting; what it takes is memory, the socket and a second thread.
 */
import { Worker } from 'node:worker_threads';
import { createEncoder, floorClient, recordOf } from './floor.js';

const RING_BYTES = 16 * 1024 * 1024;

export const subject = floorSent('floor: the bytes alone, copied and sent', false);

export function floorSent(label, isCompressed) {
  return {
    label,
    kind: 'floor',
    delivers: false,
    load:
      async () =>
      ({ url, poolSize = 0 }) => {
        const shared = { end: new SharedArrayBuffer(4), ring: new SharedArrayBuffer(RING_BYTES) };
        const script = new URL('./floor-sent-worker.js', import.meta.url);
        new Worker(script, { workerData: { ...shared, url, isCompressed } }).unref();
        return floorClient(createCopy(shared, poolSize));
      },
  };
}

function createCopy({ end, ring }, poolSize) {
  const encode = createEncoder();
  const endWord = new Int32Array(end);
  const target = Buffer.from(ring);
  const encoded = [];
  let position = 0;
  return (_trace, name, input, output, i) => {
    const place = poolSize === 0 ? i % 128 : i % poolSize;
    if (encoded[place] === undefined) {
      const bytes = encode(recordOf(name, input, output));
      encoded[place] = Buffer.from(bytes.subarray(bytes.start, bytes.end));
    }
    const bytes = encoded[place];
    // The rest of a lap stays as it is: its bytes are sent as well.
    if (position + bytes.byteLength > RING_BYTES) position = 0;
    position += bytes.copy(target, position);
    Atomics.store(endWord, 0, position);
  };
}
