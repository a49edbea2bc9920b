/**
 * What an event costs with `exporter: 'clickhouse'` beside the Langfuse exporter: `npm run bench:clickhouse`. The same generations (recorded
 * text of 2 KB in two fields each, 2,000 a second) in a fresh process for each exporter and round; the rounds are interleaved, what is printed is
 * the median. The server takes inserts and counts their rows, without an engine: what an insert costs there is not measured.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { startSink } from './harness/sink-client.js';
import { medians } from './harness/statistics.js';
import { printTable } from './report/terminal.js';

const ROUNDS = 3;
const CHILD = fileURLToPath(new URL('./exporters/child.js', import.meta.url));
const CASES = ['nothing', 'langfuse none', 'clickhouse none', 'langfuse gzip', 'clickhouse gzip'];
const NEWLINE = 10;

const sink = await startSink();
let rows = 0;
const server = createServer(async (request, response) => {
  const bytes = Buffer.concat(await request.toArray());
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
  for (let at = body.indexOf(NEWLINE); at !== -1; at = body.indexOf(NEWLINE, at + 1)) rows++;
  response.end();
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}`;

const results = new Map(CASES.map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const name of round % 2 === 0 ? CASES : CASES.toReversed()) {
    await sink.reset();
    rows = 0;
    const child = fork(CHILD, [name, sink.url, url], { execArgv: ['--expose-gc'] });
    const [{ events, ...figures }] = await once(child, 'message');
    const arrived = name.startsWith('clickhouse') ? rows : (await sink.counts()).delivered;
    results.get(name).push({ ...figures, lost: name === 'nothing' ? 0 : events - arrived });
  }
}
sink.stop();
server.close();
server.closeAllConnections();

const nothing = medians(results.get('nothing'));
printTable([
  ['', 'main thread CPU, µs/event', 'process CPU, µs/event', 'share of langfuse', 'lost'],
  ...CASES.map((name) => {
    const { mainMicros, processMicros } = medians(results.get(name));
    const langfuse = medians(results.get(name.replace('clickhouse', 'langfuse')));
    const share = (processMicros - nothing.processMicros) / (langfuse.processMicros - nothing.processMicros);
    return [
      name,
      (mainMicros - nothing.mainMicros).toFixed(1),
      (processMicros - nothing.processMicros).toFixed(1),
      name.startsWith('clickhouse') ? share.toFixed(2) : '',
      String(Math.max(...results.get(name).map(({ lost }) => lost))),
    ];
  }),
]);
