/**
 * What it costs an application to start the client: import, constructor, first event, the longest block of its event
 * loop from then until that event is delivered, the time it takes, and the memory added to a service at rest.
 *
 * Each round runs fresh processes with the client and without it, in turn, once with a busy loop (for the blocks) and
 * once with a loop that rests (for the rest); the table gives medians. Linux only. `node bench/boot.js [rounds]`.
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
};

const rounds = Number(process.argv[2] ?? 9);
/** Of the first request: at its end a process sends the rest. */
let deliveredAtMs;
const server = createServer((request, response) => {
  deliveredAtMs ??= Number(process.hrtime.bigint()) / 1e6;
  request.resume().on('end', () => response.end());
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const runs = { client: [], control: [] };
for (let round = 0; round < rounds; round++) {
  for (const who of Object.keys(runs)) {
    runs[who].push({ ...(await run(who, 'busy')), ...(await run(who, 'resting')) });
  }
}
server.close();
server.closeAllConnections();

const result = { node: process.version, rounds };
for (const key of Object.keys(FIGURES)) {
  const [client, control] = [runs.client, runs.control].map((ran) =>
    round2(median(ran.map((one) => one[key]))),
  );
  result[key] = { client, control, added: round2(client - control) };
}
console.table(Object.fromEntries(Object.entries(FIGURES).map(([key, label]) => [label, result[key]])));
console.log(JSON.stringify(result));

async function run(who, loop) {
  deliveredAtMs = undefined;
  const url = `http://127.0.0.1:${server.address().port}`;
  const child = fork(new URL('./boot-process.js', import.meta.url), [who, loop, url]);
  const [{ constructedAtMs, ...figures }] = await once(child, 'message');
  if (child.exitCode === null) await once(child, 'exit');
  // The clock of hrtime is one for all processes.
  if (loop === 'resting') figures.deliveryMs = who === 'client' ? deliveredAtMs - constructedAtMs : 0;
  return figures;
}

function round2(value) {
  return Number(value.toFixed(2));
}
