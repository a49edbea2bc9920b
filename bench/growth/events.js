/** One client, up to so many events: what each costs, by decade, as JSON. */
import { textPayloads } from '../harness/payloads.js';
import { mainThreadCpuNanos } from '../harness/thread-cpu.js';
import { lostBy, openClient } from './client.js';

const [, , baseUrl, events] = process.argv;
const FIELD_BYTES = 300;
/** Events between two drains, which the ring holds. */
const ROUND = 1_000;

const client = openClient(baseUrl);
const payloads = textPayloads(FIELD_BYTES, 'english');
const trace = client.trace({ name: 'conversation' });
await client.flush();

const figures = [];
let done = 0;
for (let end = 1_000; end <= Number(events); end *= 10) {
  const [from, before] = [done, measured()];
  while (done < end) {
    for (const roundEnd = Math.min(done + ROUND, end); done < roundEnd; done++) {
      trace
        .generation({ name: 'answer', input: payloads.input(done) })
        .end({ output: payloads.output(done) });
    }
    await client.flush();
  }
  const after = measured();
  const perEvent = (figure) => (after[figure] - before[figure]) / (end - from);
  figures.push({
    name: `${from + 1} to ${end}`,
    threadMicros: perEvent('threadMicros'),
    processMicros: perEvent('processMicros'),
    lost: lostBy(client),
  });
}
await client.shutdown();
console.log(JSON.stringify(figures));

function measured() {
  const { user, system } = process.cpuUsage();
  return { threadMicros: mainThreadCpuNanos() / 1_000, processMicros: user + system };
}
