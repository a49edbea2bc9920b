/**
 * Whether the cost of an event is flat, `npm run bench:growth`: in the events that came before it (up to a million), and in the threads
 * that trace beside it. Each case is a process of its own, and every event is delivered; what is printed are medians of the rounds.
 * `npm run bench:flat` asks the same of open handles, clients and listeners.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startSink } from './harness/sink-client.js';
import { medians } from './harness/statistics.js';
import { printTable } from './report/terminal.js';

const ROUNDS = Number(process.argv[2] ?? 3);
const EVENTS = Number(process.argv[3] ?? 1_000_000);
const THREADS = [1, 2, 4, 8];

const run = promisify(execFile);
const sink = await startSink();

async function child(name, ...rest) {
  const script = new URL(`./growth/${name}.js`, import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [script, sink.url, ...rest.map(String)]);
  return JSON.parse(stdout);
}

/** @param {Record<string, object[]>} cases case → figures of its rounds */
function print(title, cases) {
  const rows = Object.entries(cases).map(([name, rounds]) => [name, medians(rounds)]);
  const micros = (value) => (Number.isFinite(value) ? value.toFixed(2) : '');
  printTable([
    [title, 'thread CPU, µs/event', 'process CPU, µs/event', 'lost'],
    ...rows.map(([name, { threadMicros, processMicros, lost }]) => [
      name,
      micros(threadMicros),
      micros(processMicros),
      String(lost),
    ]),
  ]);
  console.log();
}

const decades = {};
const threads = {};
for (let round = 0; round < ROUNDS; round++) {
  for (const { name, ...figures } of await child('events', EVENTS)) (decades[name] ??= []).push(figures);
  for (const count of THREADS) (threads[count] ??= []).push(await child('threads', count));
}
sink.stop();
print('events of one process', decades);
print('threads that trace', threads);
