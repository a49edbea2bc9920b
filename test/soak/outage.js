/**
 * What an outage costs: a server goes away under steady traffic and comes back. Prints how many events were lost before and
 * after its return, how long loss went on, and how often the server was asked meanwhile.
 *
 *   node test/soak/outage.js --away 45 --rate 400 --ring 2097152 --bytes 1024
 *
 * `--how refuse` (the default: nobody listens), `503`, or `silent`; `--spool`. Build first.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createEngine } from 'tailrace/engine';

const { values } = parseArgs({
  options: {
    away: { type: 'string', default: '45' },
    rate: { type: 'string', default: '400' },
    ring: { type: 'string', default: String(2 * 1024 * 1024) },
    bytes: { type: 'string', default: '1024' },
    how: { type: 'string', default: 'refuse' },
    after: { type: 'string', default: '40' },
    spool: { type: 'boolean', default: false },
  },
});
const awayMs = Number(values.away) * 1000;
const afterMs = Number(values.after) * 1000;
const perSecond = Number(values.rate);
const TURN_MS = 10;

let isAway = false;
const requests = { before: 0, away: 0, after: 0 };
let phase = 'before';
const server = createServer((request, response) => {
  requests[phase]++;
  if (isAway && values.how === 'silent') return void request.resume();
  request.on('end', () => response.writeHead(isAway ? 503 : 200).end());
  request.resume();
});
const listen = (port) => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
await listen(0);
const { port } = server.address();

const spoolDir = values.spool ? mkdtempSync(join(tmpdir(), 'tailrace-outage-')) : undefined;
const engine = createEngine({
  spoolDir,
  exporter: {
    url: new URL('../support/json-exporter.mjs', import.meta.url),
    options: { url: `http://127.0.0.1:${port}` },
  },
  ringBytes: Number(values.ring),
});
const said = [];
let returnedAt = Number.POSITIVE_INFINITY;
const since = () => ((performance.now() - returnedAt) / 1000).toFixed(2);
for (const kind of ['warning', 'drop', 'error']) {
  engine.on(kind, (message) => said.push(`${phase === 'after' ? `+${since()} s` : phase}: ${message}`));
}

const text = 'x'.repeat(Number(values.bytes));
let offered = 0;
let lastDropAt = 0;
const startedAt = performance.now();
const timer = setInterval(() => {
  const due = ((performance.now() - startedAt) / 1000) * perSecond;
  for (; offered < due; offered++) {
    if (!engine.push({ id: offered, text })) lastDropAt = performance.now();
  }
}, TURN_MS);

await delay(3_000);
phase = 'away';
isAway = true;
if (values.how === 'refuse') {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
await delay(awayMs);
const lostBefore = engine.stats().dropped.total;
if (values.how === 'refuse') await listen(port);
isAway = false;
phase = 'after';
returnedAt = performance.now();
const spooledAtReturn = engine.stats().spooled;
let unspooledAfterSeconds;
const watch = setInterval(() => {
  if (unspooledAfterSeconds === undefined && engine.stats().spooled === 0)
    unspooledAfterSeconds = Number(since());
}, TURN_MS);
await delay(afterMs);
clearInterval(watch);
clearInterval(timer);
const counts = await engine.shutdown();
const lostAfter = counts.dropped.total - lostBefore;
console.log({
  how: values.how,
  lostWhileAway: lostBefore,
  lostAfterReturn: lostAfter,
  lossWentOnForSeconds: lostAfter === 0 ? 0 : Number(((lastDropAt - returnedAt) / 1000).toFixed(2)),
  requests,
  retried: counts.retried,
  sent: counts.sent,
  failed: counts.failed,
  spooledAtReturn,
  unspooledAfterSeconds,
  megabytes: Math.round(process.memoryUsage().rss / 2 ** 20),
});
console.log(said.join('\n'));
server.closeAllConnections();
server.close();
if (spoolDir !== undefined) rmSync(spoolDir, { recursive: true });
