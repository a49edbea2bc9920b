/**
 * A stream of events to a server that refuses some of them in each of its ways, and a worker that is killed at any moment: what
 * the application is told has failed, and what is counted, are the same numbers.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { createEngine } from '../../dist/engine.js';
import { chance } from './pattern.js';

const EXPORTER = new URL('../support/json-exporter.mjs', import.meta.url);
/** Numbers of json-exporter's forms of death; 0 stands for the end of the thread from outside. */
const FORMS = 4;

/** @returns The engine's counts; what was told; events that the server has or lacks, against that. */
export async function soakTold({ kills, seed, engineOptions = {} }) {
  const random = chance(seed);
  const server = await startServer(random);
  const orders = new Int32Array(new SharedArrayBuffer(4));
  const trouble = new Int32Array(new SharedArrayBuffer(4));
  const engine = createEngine({
    exporter: { url: EXPORTER, options: { url: server.url, orders, trouble } },
    ringBytes: 64 * 1024,
    flushAt: 20,
    flushIntervalMs: 10,
    requestTimeoutMs: 1_000,
    flushTimeoutMs: 60_000,
    resourceLimits: { maxOldGenerationSizeMb: 32 },
    ...engineOptions,
  });
  let told = 0;
  engine.on('error', (_message, { events }) => {
    told += events;
  });
  engine.on('warning', () => {});
  engine.on('drop', () => {});
  let worker;
  const onWorker = (started) => {
    worker = started;
  };
  process.on('worker', onWorker);
  const stream = { engine, random, next: 0, unfit: new Set(), isOver: false };
  const pushing = pushStream(stream);
  for (let killed = 0; killed < kills; killed++) {
    await settledSince(engine);
    await setTimeout(random(25));
    const form = random(FORMS);
    if (form === 0) void worker?.terminate();
    else {
      Atomics.store(orders, 0, form);
      Atomics.notify(orders, 0);
    }
  }
  stream.isOver = true;
  await pushing;
  const counts = await engine.shutdown();
  process.off('worker', onWorker);
  server.isKind = true;
  const recovered = counts.spooled === 0 ? 0 : await recover(engineOptions, server.url);
  server.close();
  const known = Array.from({ length: stream.next }, (_, id) => id);
  return {
    counts,
    told,
    /** What another process finds on the disk. */
    recovered,
    pushed: stream.next,
    /** The server has neither taken nor refused it. */
    unheard: known.filter((id) => !server.taken.has(id) && !server.refused.has(id) && !stream.unfit.has(id))
      .length,
    repeated: [...server.taken.values()].filter((times) => times > 1).length,
  };
}

async function recover({ spoolDir }, url) {
  const exporter = { url: EXPORTER, options: { url } };
  const engine = createEngine({ exporter, spoolDir, flushTimeoutMs: 60_000 });
  const { recovered } = await engine.shutdown();
  return recovered;
}

async function settledSince(engine) {
  const settled = ({ sent, failed, spooled }) => sent + failed + spooled;
  const before = settled(engine.stats());
  while (settled(engine.stats()) === before) await setTimeout(1);
}

async function pushStream(stream) {
  const { engine, random } = stream;
  while (!stream.isOver) {
    await engine.ready();
    for (let i = 0; i < 20; i++) {
      // Some beside the ring, some that the exporter does not take.
      const text = 'x'.repeat(random(100) === 0 ? 10_000 : random(300));
      const unfit = random(50) === 0;
      if (!engine.push({ id: stream.next, text, unfit })) continue;
      if (unfit) stream.unfit.add(stream.next);
      stream.next++;
    }
    await setTimeout(random(3));
  }
}

async function startServer(random) {
  const taken = new Map();
  const refused = new Set();
  const take = ({ id }) => taken.set(id, (taken.get(id) ?? 0) + 1);
  const state = { url: '', taken, refused, isKind: false, close };
  const server = createServer(async (request, response) => {
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      // Its worker was killed while it sent.
      return;
    }
    const body = Buffer.concat(chunks);
    const isCompressed = request.headers['content-encoding'] === 'gzip';
    const events = JSON.parse(isCompressed ? gunzipSync(body) : body);
    const fate = state.isKind ? 100 : random(100);
    // What stands behind the head while others settle is what a death puts to the test.
    if (random(10) === 0) await setTimeout(random(60));
    if (fate < 2) return;
    if (fate < 15) return void response.writeHead(503).end();
    if (fate < 40) {
      for (const { id } of events) refused.add(id);
      return void response.writeHead(400).end();
    }
    if (fate < 70) {
      const unwanted = [];
      for (const [index, event] of events.entries()) {
        const lot = random(4);
        if (lot > 1) take(event);
        else unwanted.push({ index, reason: 'unwanted', retryable: lot === 1 });
        if (lot === 0) refused.add(event.id);
      }
      return void response.writeHead(207).end(JSON.stringify(unwanted));
    }
    for (const event of events) take(event);
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  state.url = `http://127.0.0.1:${server.address().port}`;
  return state;

  function close() {
    server.close();
    server.closeAllConnections();
  }
}
