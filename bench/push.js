/**
 * What push() costs the application's thread, against JSON.stringify of the same event in the same run.
 *
 * Every event is delivered to a server in another process while the benchmark runs. Between rounds the ring drains,
 * outside the measured time, so that a refused event, which would be cheaper, is never measured: the run fails if
 * one was. Ratios below 1 mean that handing an event over costs less than turning it into JSON would.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createEngine } from 'tailrace/engine';
import { Bench } from 'tinybench';

const SIZES = { '300 B': 300, '2 KB': 2_000, '20 KB': 20_000 };
/** Events between two drains: well within the default ring at every size. */
const ROUND = 200;
const TIME_MS = 1_000;

const sink = spawn(process.execPath, [new URL('./sink.js', import.meta.url).pathname], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const url = String((await once(sink.stdout, 'data'))[0]).trim();
const engine = createEngine({
  exporter: { url: new URL('./push-exporter.js', import.meta.url), options: { url } },
  compression: 'none',
});

const rows = [];
for (const [size, bytes] of Object.entries(SIZES)) {
  for (const [script, character] of [
    ['ASCII', 'a'],
    ['CJK', '漢'],
  ]) {
    rows.push(await measure(`${size} ${script}`, eventOf(bytes, character)));
  }
}
console.table(rows);
const { accepted, sent, dropped } = await engine.shutdown();
console.log(`events: ${accepted} accepted, ${sent} delivered, ${dropped.total} dropped`);
sink.kill();
if (dropped.total > 0 || sent !== accepted) process.exitCode = 1;

/** A generation as an application has it, with two payload fields that make up most of `bytes`. */
function eventOf(bytes, character) {
  const half = Math.floor(bytes / 2 / Buffer.byteLength(character));
  return {
    id: 'f00dfeedf00dfeed',
    name: 'answer',
    model: 'gpt-4o',
    startTime: 1_700_000_000_000.5,
    input: [{ role: 'user', content: character.repeat(half) }],
    output: { role: 'assistant', content: character.repeat(half) },
  };
}

async function measure(name, event) {
  const bench = new Bench({ time: TIME_MS, warmupTime: TIME_MS / 4 });
  let sum = 0;
  bench.add(
    'push',
    () => {
      for (let i = 0; i < ROUND; i++) engine.push(event);
    },
    { async: false, beforeEach: () => engine.flush() },
  );
  bench.add('JSON.stringify', () => {
    for (let i = 0; i < ROUND; i++) sum += JSON.stringify(event).length;
  });
  await bench.run();
  if (sum === 0) throw new Error('JSON.stringify was optimised away');
  const [push, json] = bench.tasks.map(({ result }) => (result.latency.p50 * 1e6) / ROUND);
  return {
    event: name,
    'push, ns': Math.round(push),
    'JSON.stringify, ns': Math.round(json),
    'push / JSON.stringify': Number((push / json).toFixed(2)),
  };
}
