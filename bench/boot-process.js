/** One process of boot.js: a service that starts the client, or does not, and sends one event. */
import { openSync, readFileSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const [who, loop, url] = process.argv.slice(2);
/** How long the loop is watched, with and without a client; longer only if the event has not arrived by then. */
const WATCH_MS = 500;
const REST_MS = 2_500;
/** The kernel accounts for CPU time this often. */
const TICK_MS = 4;

const figures = { importMs: 0, constructMs: 0, firstEventMs: 0 };
let client;
if (who === 'client') {
  const start = performance.now();
  const { Tailrace } = await import('../dist/esm/index.js');
  if (loop === 'resting') figures.importMs = performance.now() - start;
  await sleep(200);
  begin(Tailrace);
} else {
  await sleep(200);
}
if (loop === 'busy') watch();
else await rest();

function begin(Tailrace) {
  figures.constructedAtMs = Number(process.hrtime.bigint()) / 1e6;
  const start = performance.now();
  client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: url, flushAt: 1 });
  const constructed = performance.now();
  client.trace({ name: 'boot' }).event({ name: 'first', input: [{ role: 'user', content: 'hello' }] });
  figures.constructMs = constructed - start;
  figures.firstEventMs = performance.now() - constructed;
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

function end() {
  process.send(figures, () => process.exit());
}
