/** Clients that nobody keeps, nor shuts down (needs --expose-gc). Writes how many of them are gone in the end, and the threads. */
import { setTimeout } from 'node:timers/promises';
import { Tailrace } from 'tailrace';

const [baseUrl, count, mode] = process.argv.slice(2);
let gone = 0;
const collected = new FinalizationRegistry(() => gone++);

async function trace(number) {
  const client = new Tailrace({
    publicKey: 'pk',
    secretKey: 'sk',
    baseUrl,
    flushInterval: 0.02,
    logLevel: 'none',
    workerIdleMs: 20,
  });
  collected.register(client);
  // Listeners that hold what they listen to.
  client.on('error', () => client.stats());
  const observation = client.trace({ name: `trace-${number}` }).span({ name: `span-${number}` });
  if (mode !== 'open') observation.end();
  if (mode === 'flushed') await client.flush();
  if (mode === 'shut down') await client.shutdown();
}

for (let number = 0; number < Number(count); number++) await trace(number);
const threads = () => process.report.getReport().workers.length;
// The first is the application's default client, which is kept; what is open keeps its client.
const expected = mode === 'open' ? 0 : Number(count) - 1;
for (let tries = 0; tries < 1_500 && (gone < expected || threads() > 0 || tries < 5); tries++) {
  globalThis.gc();
  await setTimeout(20);
}
console.log(
  JSON.stringify({ gone, threads: threads(), rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20) }),
);
if (mode === 'open') process.exit(0);
