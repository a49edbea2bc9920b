/**
 * The server that every subject delivers to, in a process of its own: `node sink.js` prints its URL.
 *
 * It shares two cores with what it measures, so it has to be cheap. It decodes nothing: an event carries `#e<n>;` in
 * its name and `#o<n>;` in its output, whatever the wire format, and the sink looks for the two in the bytes. An event
 * counts as delivered when both have come, so that a client which sends start and end apart has to deliver both.
 * `node sink.js --spans` also counts the spans in OTLP's bodies.
 *
 * Control, by GET: /_counts · /_reset · /_delay?ms= · /_wait?delivered=&stallMs= (answers once that many have come, or
 * nothing has come for stallMs).
 */
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { countSpans } from './span-count.js';

const HASH = 0x23;
const SEMICOLON = 0x3b;
const NAME_SEEN = 1;
const OUTPUT_SEEN = 2;
const BIT_OF_LETTER = { 101: NAME_SEEN, 111: OUTPUT_SEEN };

let counts;
let seen = new Uint8Array(1 << 20);
let delayMs = 0;
let lastArrivalMs = 0;
const waiting = new Set();
const countsSpans = process.argv.includes('--spans');
reset();

const server = createServer((request, response) => {
  if (request.url.startsWith('/_')) return control(new URL(request.url, 'http://sink'), response);
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const wire = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    if (delayMs > 0) setTimeout(() => answer(request, response), delayMs);
    else answer(request, response);
    counts.requests++;
    counts.wireBytes += wire.byteLength;
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire;
    counts.bodyBytes += body.byteLength;
    count(body);
    if (countsSpans && request.url.endsWith('/traces')) counts.spans += countSpans(body);
    lastArrivalMs = epochMs();
    for (const waiter of waiting) waiter();
  });
});
// A client's idle connection must not be closed under it: that would be the sink's fault, not a loss.
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
// Ends with the benchmark that started it.
process.stdin.on('end', () => process.exit()).resume();

/** What each protocol's client expects to hear of a success. */
function answer({ url, headers }, response) {
  if (url.endsWith('/ingestion')) return json(response, 207, '{"successes":[],"errors":[]}');
  if (url.endsWith('/info')) return json(response, 200, LANGSMITH_INFO);
  if (url.endsWith('/multipart')) return json(response, 202, '{}');
  if (url.endsWith('/batch/') || url.endsWith('/batch')) return json(response, 200, '{"status":1}');
  if (headers['content-type'] === 'application/x-protobuf') {
    return response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  }
  return json(response, 200, '{}');
}

/** The hosted server's limits; no compression, as for every other subject. */
const LANGSMITH_INFO = JSON.stringify({
  version: '0.12.0',
  instance_flags: { gzip_body_enabled: false },
  batch_ingest_config: { use_multipart_endpoint: true, size_limit: 100, size_limit_bytes: 20_971_520 },
});

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

function count(body) {
  for (let at = body.indexOf(HASH); at !== -1; at = body.indexOf(HASH, at + 1)) {
    const bit = BIT_OF_LETTER[body[at + 1]];
    if (bit === undefined) continue;
    let number = 0;
    let digitAt = at + 2;
    while (body[digitAt] >= 0x30 && body[digitAt] <= 0x39) number = number * 10 + body[digitAt++] - 0x30;
    if (digitAt > at + 2 && body[digitAt] === SEMICOLON) mark(number, bit);
  }
}

function mark(number, bit) {
  if (number >= seen.length) {
    const larger = new Uint8Array(2 ** Math.ceil(Math.log2(number + 1)));
    larger.set(seen);
    seen = larger;
  }
  const before = seen[number];
  if ((before & bit) !== 0) return counts.repeated++;
  seen[number] = before | bit;
  if (seen[number] === (NAME_SEEN | OUTPUT_SEEN)) {
    counts.delivered++;
    counts.lastDeliveryMs = epochMs();
  }
}

function control({ pathname, searchParams }, response) {
  const number = (name) => Number(searchParams.get(name));
  if (pathname === '/_reset') reset();
  if (pathname === '/_delay') delayMs = number('ms');
  if (pathname === '/_wait') return wait(number('delivered'), number('stallMs'), response);
  return json(response, 200, report());
}

function wait(delivered, stallMs, response) {
  lastArrivalMs = epochMs();
  const look = () => {
    if (counts.delivered < delivered && epochMs() - lastArrivalMs < stallMs) return;
    waiting.delete(look);
    clearInterval(timer);
    json(response, 200, report());
  };
  const timer = setInterval(look, 20);
  waiting.add(look);
  look();
}

function report() {
  let firstMissing = 0;
  while (seen[firstMissing] === (NAME_SEEN | OUTPUT_SEEN)) firstMissing++;
  return JSON.stringify({ ...counts, firstMissing });
}

function reset() {
  counts = {
    delivered: 0,
    spans: 0,
    repeated: 0,
    requests: 0,
    wireBytes: 0,
    bodyBytes: 0,
    lastDeliveryMs: 0,
  };
  seen.fill(0);
}

function epochMs() {
  return performance.timeOrigin + performance.now();
}
