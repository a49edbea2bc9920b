/** One process of warm-up.js: sends microseconds for a span, by the number of traces before. */
import { setTimeout as sleep } from 'node:timers/promises';
import { textsOf } from '../harness/payloads.js';
import { mainThreadCpuNanos } from '../harness/thread-cpu.js';
import { loadTailrace } from '../subjects/tailrace-client.js';

const SPANS = 6;
const TRACES_PER_TURN = 50;
const ENDS = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000];

// Room for all of them: a full ring would refuse events.
const client = (await loadTailrace({ ringBytes: 512 * 1024 * 1024 }))({ url: process.argv[2] });
const texts = textsOf(1_000, 'english');
await sleep(300);
const figures = {};
let traces = 0;
let next = 0;
for (const end of ENDS) {
  const before = traces;
  let nanos = 0;
  while (traces < end) {
    const start = mainThreadCpuNanos();
    for (let i = 0; i < TRACES_PER_TURN; i++) trace();
    await sleep(1);
    nanos += mainThreadCpuNanos() - start;
  }
  figures[`to ${end} traces`] = nanos / 1000 / (traces - before) / SPANS;
}
await client.shutdown();
process.send(figures, () => process.exit());

function trace() {
  traces++;
  const handle = client.openTrace();
  for (let i = 0; i < SPANS; i++, next++) {
    const text = (offset) => texts[(next * 3 + offset) % texts.length];
    const input = [
      { role: 'system', content: text(0) },
      { role: 'user', content: text(1) },
    ];
    client.record(handle, `#e${next};`, input, { role: 'assistant', id: `#o${next};`, content: text(2) });
  }
}
