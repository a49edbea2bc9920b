/** So many threads with a client each: what an event costs its thread, and the process, as JSON. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { textPayloads } from '../harness/payloads.js';
import { lostBy, openClient } from './client.js';

const FIELD_BYTES = 300;
const WARM_UP = 20_000;
const EVENTS = 20_000;
const ROUND = 1_000;

if (isMainThread) await runThreads(process.argv[2], Number(process.argv[3]));
else await trace(workerData);

async function runThreads(baseUrl, count) {
  const threads = Array.from(
    { length: count },
    () => new Worker(import.meta.filename, { workerData: baseUrl }),
  );
  const all = (message) =>
    Promise.all(
      threads.map(async (thread) => {
        if (message !== undefined) thread.postMessage(message);
        return (await once(thread, 'message'))[0];
      }),
    );
  await all();
  const { user, system } = process.cpuUsage();
  const figures = await all('trace');
  const after = process.cpuUsage();
  await Promise.all(threads.map((thread) => thread.terminate()));
  console.log(
    JSON.stringify({
      threadMicros: figures.reduce((sum, { threadMicros }) => sum + threadMicros, 0) / count,
      processMicros: (after.user + after.system - user - system) / (count * EVENTS),
      lost: figures.reduce((sum, { lost }) => sum + lost, 0),
    }),
  );
}

async function trace(baseUrl) {
  const client = openClient(baseUrl);
  const payloads = textPayloads(FIELD_BYTES, 'english');
  const conversation = client.trace({ name: 'conversation' });
  await hand(WARM_UP);
  parentPort.postMessage('ready');
  await once(parentPort, 'message');
  const before = threadCpuNanos();
  await hand(EVENTS);
  const threadMicros = (threadCpuNanos() - before) / 1_000 / EVENTS;
  parentPort.postMessage({ threadMicros, lost: lostBy(client) });

  async function hand(events) {
    for (let i = 0; i < events; i++) {
      conversation
        .generation({ name: 'answer', input: payloads.input(i) })
        .end({ output: payloads.output(i) });
      if ((i + 1) % ROUND === 0) await client.flush();
    }
  }
}

/** Only Linux tells it. */
function threadCpuNanos() {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]);
  } catch {
    return Number.NaN;
  }
}
