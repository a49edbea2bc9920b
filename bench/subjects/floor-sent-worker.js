/** The worker of floor-sent.js: every 20 ms it sends what has come, in bodies of some 60 records. */
import { Agent, request } from 'node:http';
import { workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';

const EVERY_MS = 20;
const MAX_BODY_BYTES = 256 * 1024;
const { end, ring, url, isCompressed } = workerData;
const endWord = new Int32Array(end);
const bytes = Buffer.from(ring);
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
let position = 0;

setInterval(() => {
  const until = Atomics.load(endWord, 0);
  // The next lap: what the last one left unsent is less than a body.
  if (until < position) position = 0;
  while (position < until) {
    const stop = Math.min(until, position + MAX_BODY_BYTES);
    // A copy, as a socket and zlib take no shared memory.
    send(Buffer.from(bytes.subarray(position, stop)));
    position = stop;
  }
}, EVERY_MS);

function send(body) {
  const content = isCompressed ? gzipSync(body, { level: 1 }) : body;
  const post = request(`${url}/floor`, { method: 'POST', agent }, (response) => response.resume());
  // The measurement ends while bytes are on their way.
  post.on('error', () => {});
  post.end(content);
}
