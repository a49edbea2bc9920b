/**
 * Replays a file twice, the second time much longer, and tells what the main thread's heap holds after each:
 * `node --expose-gc replay-memory.mjs URL FILE SHORT LONG`.
 */
import { replayFile } from '../../dist/cli/replay/replay.js';
import { Tailrace } from '../../dist/index.js';

const [baseUrl, file, short, long] = process.argv.slice(2);
const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl });

const heapBytes = [];
const traces = [];
for (const repeat of [Number(short), Number(long)]) {
  const { tally } = await replayFile(client, file, { name: 'memory', repeat });
  traces.push(tally.traces);
  await client.flush();
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  heapBytes.push(heapUsed + arrayBuffers);
}
const { accepted, sent, failed, dropped } = await client.shutdown();
process.stdout.write(JSON.stringify({ traces, heapBytes, accepted, sent, failed, dropped: dropped.total }));
