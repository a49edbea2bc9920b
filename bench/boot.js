/**
 * What it costs an application to start the client and to leave it at rest: import, constructor, first event, the longest block of its
 * event loop from then until that event is delivered, the time it takes, the memory added to a service at rest, and the CPU time of a
 * service with ten events a second and with none.
 *
 * Each round runs fresh processes with the client, without it, and with a thread that does nothing instead, in turn: once with a busy
 * loop (for the blocks) and once with a loop that rests (for the rest). The thread is the least that any client with a worker costs,
 * and stands beside an import of an empty module. The table gives medians. CPU time is measured once, after as long to warm up, in
 * processes that run side by side. Linux only. `node bench/boot.js [rounds] [seconds of each measurement of CPU time; 0: none]`.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { median } from './harness/statistics.js';

const FIGURES = {
  importMs: 'import, ms',
  constructMs: 'construct, ms',
  firstEventMs: 'first event, ms',
  blockMs: 'longest block of the loop, ms',
  wallBlockMs: 'the same by the clock alone, ms',
  deliveryMs: 'construct to first delivery, ms',
  rssMb: 'RSS at rest, MB',
  pssMb: 'PSS at rest, MB',
  pacedCpu: 'ten events a second, % of a CPU',
  idleCpu: 'no events, % of a CPU',
};
const SUBJECTS = ['client', 'control', 'thread'];

const rounds = Number(process.argv[2] ?? 9);
const pacedSeconds = Number(process.argv[3] ?? 60);
/** Of the first request: at its end a process sends the rest. */
let deliveredAtMs;
const server = createServer((request, response) => {
  deliveredAtMs ??= Number(process.hrtime.bigint()) / 1e6;
  request.resume().on('end', () => response.end());
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const runs = Object.fromEntries(SUBJECTS.map((who) => [who, []]));
for (let round = 0; round < rounds; round++) {
  for (const who of SUBJECTS) {
    runs[who].push({ ...(await run(who, 'busy')), ...(await run(who, 'resting')) });
  }
}
if (pacedSeconds > 0) {
  const paced = await Promise.all(SUBJECTS.map((who) => run(who, 'paced')));
  for (const [index, who] of SUBJECTS.entries()) runs[who].push(paced[index]);
}
server.close();
server.closeAllConnections();

const result = { node: process.version, rounds, pacedSeconds };
for (const key of Object.keys(FIGURES)) {
  const [client, control, thread] = SUBJECTS.map((who) => medianOf(runs[who], key));
  if (client !== undefined) result[key] = { client, control, thread, added: round2(client - control) };
}
console.table(
  Object.fromEntries(
    Object.entries(FIGURES).flatMap(([key, label]) => (key in result ? [[label, result[key]]] : [])),
  ),
);
console.log(JSON.stringify(result));

async function run(who, loop) {
  deliveredAtMs = undefined;
  const url = `http://127.0.0.1:${server.address().port}`;
  const child = fork(new URL('./boot-process.js', import.meta.url), [who, loop, url, String(pacedSeconds)]);
  const [{ constructedAtMs, ...figures }] = await once(child, 'message');
  if (child.exitCode === null) await once(child, 'exit');
  // The clock of hrtime is one for all processes.
  if (loop === 'resting' && who === 'client') figures.deliveryMs = deliveredAtMs - constructedAtMs;
  return figures;
}

function medianOf(ran, key) {
  const values = ran.map((one) => one[key]).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : round2(median(values));
}

function round2(value) {
  return Number(value.toFixed(2));
}
