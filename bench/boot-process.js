/** One process of boot.js: a service that starts the client and sends one event, or starts an empty thread, or neither. */
import { openSync, readFileSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const [who, loop, url, pacedSeconds] = process.argv.slice(2);
/** How long the loop is watched, with and without a client; longer only if the event has not arrived by then. */
const WATCH_MS = 500;
const REST_MS = 2_500;
/** The kernel accounts for CPU time this often. */
const TICK_MS = 4;

/** Of the paced events. */
const PERIOD_MS = 100;
const EMPTY_THREAD =
  "const { parentPort } = require('node:worker_threads'); parentPort.on('message', () => {}).postMessage(0);";

const figures = {};
for (const key of ['importMs', 'constructMs', 'firstEventMs', 'deliveryMs']) figures[key] = 0;
let client;
if (who === 'client') {
  const start = performance.now();
  const { Tailrace } = await import('../dist/esm/index.js');
  if (loop === 'resting') figures.importMs = performance.now() - start;
  await sleep(200);
  begin(Tailrace);
} else if (who === 'thread') {
  const start = performance.now();
  await import('data:text/javascript,');
  if (loop === 'resting') figures.importMs = performance.now() - start;
  await sleep(200);
  beginThread();
} else {
  await sleep(200);
}
if (loop === 'busy') watch();
else await (loop === 'paced' ? pace() : rest());

function begin(Tailrace) {
  figures.constructedAtMs = Number(process.hrtime.bigint()) / 1e6;
  const start = performance.now();
  // Paced events are batched as by default.
  const flushAt = loop === 'paced' ? undefined : 1;
  client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: url, flushAt });
  const constructed = performance.now();
  client.trace({ name: 'boot' }).event({ name: 'first', input: [{ role: 'user', content: 'hello' }] });
  figures.constructMs = constructed - start;
  figures.firstEventMs = performance.now() - constructed;
}

function beginThread() {
  const start = performance.now();
  const thread = new Worker(EMPTY_THREAD, { eval: true });
  figures.constructMs = performance.now() - start;
  thread.once('message', () => {
    figures.deliveryMs = performance.now() - start;
    thread.unref();
  });
}

/**
 * A loop that never waits, from when the constructor and the first event are done: a gap between two of its turns is
 * time in which it was blocked.
 */
function watch() {
  // [ms of CPU time of this thread, ms that it was ready to run without a core to run on]
  const schedstat = openSync(`/proc/self/task/${process.pid}/schedstat`);
  const line = Buffer.alloc(64);
  const schedule = () => {
    const length = readSync(schedstat, line, 0, line.length, 0);
    return line
      .latin1Slice(0, length)
      .split(' ')
      .map((ns) => Number(ns) / 1e6);
  };
  figures.blockMs = 0;
  figures.wallBlockMs = 0;
  const began = performance.now();
  let last = began;
  let [lastRan, lastWaited] = schedule();
  setImmediate(function turn() {
    const now = performance.now();
    const [ran, waited] = schedule();
    // On a shared machine a gap may be somebody else's work: it is ours as far as this thread has used CPU time in it.
    const block = Math.min(now - last - (waited - lastWaited), ran - lastRan + TICK_MS);
    figures.blockMs = Math.max(figures.blockMs, block);
    figures.wallBlockMs = Math.max(figures.wallBlockMs, now - last);
    last = now;
    [lastRan, lastWaited] = [ran, waited];
    const delivered = client === undefined || client.stats().sent > 0;
    if (delivered && now - began > WATCH_MS) end();
    else setImmediate(turn);
  });
}

async function rest() {
  await sleep(REST_MS);
  const memory = readFileSync('/proc/self/smaps_rollup', 'utf8');
  figures.rssMb = Number(/^Rss: +(\d+)/m.exec(memory)[1]) / 1024;
  figures.pssMb = Number(/^Pss: +(\d+)/m.exec(memory)[1]) / 1024;
  end();
}

/** Ten events a second until the code is warm, ten a second that count, and then none. */
async function pace() {
  const trace = client?.trace({ name: 'paced' });
  const input = 'a question of an agent. '.repeat(12);
  await forPaced(() => trace?.generation({ name: 'call', input }).end({ output: 'an answer' }));
  figures.pacedCpu = await forPaced(() =>
    trace?.generation({ name: 'call', input }).end({ output: 'an answer' }),
  );
  await client?.flush();
  figures.idleCpu = await forPaced(() => {});
  for (const key of ['importMs', 'constructMs', 'firstEventMs', 'deliveryMs']) delete figures[key];
  end();
}

/** Calls a function ten times a second, and returns how much of a CPU the process took, in percent. */
async function forPaced(call) {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  for (let at = startMs; at < startMs + pacedSeconds * 1000; ) {
    call();
    at += PERIOD_MS;
    await sleep(Math.max(0, at - performance.now()));
  }
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 10 / (performance.now() - startMs);
}

function end() {
  process.send(figures, () => process.exit());
}
