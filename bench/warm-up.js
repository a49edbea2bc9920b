/**
 * What a span costs the main thread by how many traces the process has had: V8 optimizes a function after so many calls, and each version of
 * Node.js has other numbers. A trace of six generations, texts of 1,000 characters; fresh processes in turn, medians. Linux only.
 * `node bench/warm-up.js [rounds] [version, version with flags of Node.js, …]`, such as `5 20.19 22 22,--maglev 24`.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { installNode } from '../test/support/node-versions.js';
import { startSink } from './harness/sink-client.js';
import { median } from './harness/statistics.js';

const CHILD = fileURLToPath(new URL('./own/warm-up-child.js', import.meta.url));

const [rounds = '5', ...given] = process.argv.slice(2);
const cases = given.length > 0 ? given : ['20.19', '22', '24'];
const sink = await startSink();
const runs = Object.fromEntries(cases.map((name) => [name, []]));
for (let round = 0; round < Number(rounds); round++) {
  for (const name of round % 2 === 0 ? cases : cases.toReversed()) runs[name].push(await run(name));
}
sink.stop();
console.log('Main thread, µs of CPU time for a span');
console.table(Object.fromEntries(cases.map((name) => [`Node.js ${name}`, medians(runs[name])])));

async function run(name) {
  const [version, ...execArgv] = name.split(',');
  await sink.reset();
  const child = fork(CHILD, [sink.url], { execPath: installNode(version), execArgv });
  const [figures] = await once(child, 'message');
  if (child.exitCode === null) await once(child, 'exit');
  return figures;
}

function medians(ran) {
  const keys = Object.keys(ran[0]);
  return Object.fromEntries(keys.map((key) => [key, Number(median(ran.map((one) => one[key])).toFixed(1))]));
}
