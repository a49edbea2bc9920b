/**
 * What a generation costs the application's thread in this build and in another one, say before a change, taken in turns
 * in one process: `node bench/compare.js <folder of the other checkout>`, both built.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startSink } from './harness/sink-client.js';
import { payloadsOf } from './harness/workloads.js';
import { measureInTurns } from './own/measure.js';
import { printTable } from './report/terminal.js';

/** Workload: calls between two drains, no more than the ring holds. */
const ROUNDS = { '300B-english': 200, '2KB-english': 200, '20KB-english': 100 };

const other = process.argv[2];
if (other === undefined) {
  console.error('usage: node bench/compare.js <folder of the other checkout, built>');
  process.exit(2);
}

const sink = await startSink();
const clients = {
  this: await openClient(new URL('..', import.meta.url)),
  other: await openClient(pathToFileURL(`${resolve(other)}/`)),
};
const rows = [];
for (const [workload, round] of Object.entries(ROUNDS)) {
  const payloads = payloadsOf(workload);
  const [mine, theirs] = [taskOf(clients.this, payloads), taskOf(clients.other, payloads)];
  // In both orders: the first of two is at a disadvantage of some per cent.
  const first = await measureInTurns({ this: mine, other: theirs }, round);
  const second = await measureInTurns({ other: theirs, this: mine }, round);
  const ratio = Math.sqrt(first.ratio('this', 'other') * second.ratio('this', 'other'));
  const nanosOf = (name) => Math.round((first.nanos[name] + second.nanos[name]) / 2);
  rows.push([workload, nanosOf('this'), nanosOf('other'), ratio.toFixed(2)]);
}
printTable([['start + end', 'this, ns', 'other, ns', 'this / other'], ...rows.map((row) => row.map(String))]);
for (const client of Object.values(clients)) await client.shutdown();
sink.stop();

async function openClient(folder) {
  const { exports } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
  const { default: entry } = exports['.'].import ?? exports['.'];
  const { Tailrace } = await import(new URL(entry, folder).href);
  return new Tailrace({
    publicKey: 'pk-lf-bench',
    secretKey: 'sk-lf-bench',
    baseUrl: sink.url,
    compression: 'none',
  });
}

function taskOf(client, payloads) {
  const trace = client.trace({ name: 'conversation' });
  return {
    once: (i) =>
      trace
        .generation({ name: 'answer', model: 'gpt-4o', input: payloads.input(i) })
        .end({ output: payloads.output(i) }),
    drain: () => client.flush(),
  };
}
