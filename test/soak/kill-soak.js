/**
 * A stream of events, and a worker that is killed again and again at any moment: while it starts, takes, sends, waits. A
 * server counts by id what it has answered as a success.
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
/** Unanswered, refused for now, or taken: a killed worker leaves some of each. */
const UNANSWERED_OF_100 = 2;
const REFUSED_OF_100 = 10;

/** @returns The engine's counts, the ids that the server lacks, and the errors that name what was given up. */
export async function soakKills({ kills, seed, onKill = () => {} }) {
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
  });
  const errors = [];
  engine.on('error', (message) => errors.push(message));
  engine.on('warning', () => {});
  let worker;
  const onWorker = (started) => {
    worker = started;
  };
  process.on('worker', onWorker);
  const stream = { engine, random, next: 0, isOver: false };
  const pushing = pushStream(stream);
  for (let killed = 0; killed < kills; killed++) {
    // One in ten at once, which hits the start of a worker; the others when something has settled since: a life that
    // brings nothing forward is followed by a pause, and further ones by longer pauses.
    if (killed % 10 !== 9) await sentSince(engine);
    await setTimeout(random(30));
    const form = random(FORMS);
    if (form === 0) void worker?.terminate();
    else {
      Atomics.store(orders, 0, form);
      Atomics.notify(orders, 0);
    }
    onKill(killed);
  }
  stream.isOver = true;
  await pushing;
  const counts = await engine.shutdown();
  process.off('worker', onWorker);
  server.close();
  return { counts, errors, ...missingAndRepeated(stream.next, server.taken) };
}

async function sentSince(engine) {
  const { sent } = engine.stats();
  while (engine.stats().sent === sent) await setTimeout(1);
}

/** As much as there is room for, without losing any. */
async function pushStream(stream) {
  const { engine, random } = stream;
  while (!stream.isOver) {
    await engine.ready();
    for (let i = 0; i < 20; i++) {
      // Some beside the ring.
      const size = random(100) === 0 ? 10_000 : random(300);
      if (engine.push({ id: stream.next, text: 'x'.repeat(size) })) stream.next++;
    }
    await setTimeout(random(3));
  }
}

async function startServer(random) {
  const taken = new Map();
  const server = createServer(async (request, response) => {
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      // Its worker was killed while it sent.
      return;
    }
    const body = Buffer.concat(chunks);
    const fate = random(100);
    if (fate < UNANSWERED_OF_100) return;
    if (fate < UNANSWERED_OF_100 + REFUSED_OF_100) return void response.writeHead(503).end();
    const compressed = request.headers['content-encoding'] === 'gzip';
    for (const { id } of JSON.parse(compressed ? gunzipSync(body) : body)) {
      taken.set(id, (taken.get(id) ?? 0) + 1);
    }
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    taken,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function missingAndRepeated(pushed, taken) {
  const missing = [];
  for (let id = 0; id < pushed; id++) if (!taken.has(id)) missing.push(id);
  const unknown = [...taken.keys()].filter((id) => id >= pushed);
  const repeated = [...taken.values()].filter((times) => times > 1).length;
  return { pushed, missing, unknown, repeated };
}
