/**
 * Whether the cost of each call is flat, `npm run bench:flat`: in handles that are open, in clients and in listeners. Each load is
 * measured in a process of its own; the figures are ratios to the cost without a load. Ratios near 1 are flat; what has to
 * write all that is open (`shutdown`, the exit) has its cost for each of them in a line of its own.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LOADS } from './flat/loads.js';
import { startSink } from './harness/sink-client.js';
import { median } from './harness/statistics.js';
import { printTable } from './report/terminal.js';

const ROUNDS = Number(process.argv[2] ?? 3);
const child = new URL('./flat/child.js', import.meta.url).pathname;
const run = promisify(execFile);

const sink = await startSink();
const measured = Object.fromEntries(Object.keys(LOADS).map((load) => [load, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const load of Object.keys(LOADS)) {
    const { stdout } = await run(process.execPath, [child, sink.url, load], { maxBuffer: 2 ** 24 });
    measured[load].push(JSON.parse(stdout));
  }
}
sink.stop();

const of = (load, call) => median(measured[load].map((figures) => figures[call]));
const calls = Object.keys(measured.none[0]);
const loads = Object.keys(LOADS).filter((load) => load !== 'none');
printTable([
  ['', 'none, µs', ...loads],
  ...calls.map((call) => [
    call,
    of('none', call).toFixed(2),
    ...loads.map((load) => (of(load, call) / of('none', call)).toFixed(1)),
  ]),
]);
