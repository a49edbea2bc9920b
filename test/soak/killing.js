/** What the soaks share that kill a worker again and again: the engine, its killer, the stream of events, and the server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { createEngine } from '../../dist/engine.js';

export const EXPORTER = new URL('../support/json-exporter.mjs', import.meta.url);
/** Numbers of json-exporter's forms of death; 0 stands for the end of the thread from outside. */
const FORMS = 4;

/** An engine whose worker can be killed at any moment. `kill` takes one of the forms of death, by chance. */
export function startVictim(url, random, engineOptions = {}) {
  const orders = new Int32Array(new SharedArrayBuffer(4));
  const trouble = new Int32Array(new SharedArrayBuffer(4));
  const engine = createEngine({
    exporter: { url: EXPORTER, options: { url, orders, trouble } },
    ringBytes: 64 * 1024,
    flushAt: 20,
    flushIntervalMs: 10,
    requestTimeoutMs: 1_000,
    flushTimeoutMs: 60_000,
    resourceLimits: { maxOldGenerationSizeMb: 32 },
    ...engineOptions,
  });
  engine.on('warning', () => {});
  let worker;
  const onWorker = (started) => {
    worker = started;
  };
  process.on('worker', onWorker);
  return {
    engine,
    kill() {
      const form = random(FORMS);
      if (form === 0) void worker?.terminate();
      else {
        Atomics.store(orders, 0, form);
        Atomics.notify(orders, 0);
      }
    },
    /** Delivers what is left; the counts. */
    async shutdown() {
      const counts = await engine.shutdown();
      process.off('worker', onWorker);
      return counts;
    },
  };
}

/**
 * Pushes as much as there is room for, while the worker is killed `kills` times. `push` gets the number of the next event and its
 * text, and says whether it was accepted. `untilDue` is awaited before each kill. Returns how many events were accepted.
 */
export async function pushWhileKilling(
  { engine, kill },
  { kills, random, push, untilDue, maxPauseMs, onKill },
) {
  let accepted = 0;
  let isOver = false;
  const stream = async () => {
    while (!isOver) {
      await engine.ready();
      for (let i = 0; i < 20; i++) {
        // Some beside the ring.
        const text = 'x'.repeat(random(100) === 0 ? 10_000 : random(300));
        if (push(accepted, text)) accepted++;
      }
      await setTimeout(random(3));
    }
  };
  const pushing = stream();
  for (let killed = 0; killed < kills; killed++) {
    await untilDue(killed);
    await setTimeout(random(maxPauseMs));
    kill();
    onKill?.(killed);
  }
  isOver = true;
  await pushing;
  return accepted;
}

/** Resolves when a count of the engine's has changed. */
export async function untilChanged(engine, count) {
  const before = count(engine.stats());
  while (count(engine.stats()) === before) await setTimeout(1);
}

/** A server for json-exporter's requests. `answer` gets the events of each that arrives whole. */
export async function startEventServer(answer) {
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
    await answer(JSON.parse(isCompressed ? gunzipSync(body) : body), response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Counts an event that was answered as a success, by its id. */
export function countTaken(taken, { id }) {
  taken.set(id, (taken.get(id) ?? 0) + 1);
}
