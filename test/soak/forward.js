/**
 * `npm run soak:forward`: events of several processes through Redis or NATS and two forwarders into the local server, or into ClickHouse,
 * while a forwarder is killed again and again and connections to Redis or NATS are cut. Ends with an exit code of 1 unless each event is
 * there once.
 *
 *   npm run soak:forward -- --events 1000000 --kills 5
 *   npm run soak:forward -- --through nats --to clickhouse
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect as openSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { startNats } from './forward/nats.js';
import { startRedis } from './forward/redis.js';
import { clickhouseTarget, receiverTarget } from './forward-targets.js';

const { values } = parseArgs({
  options: {
    through: { type: 'string', default: 'redis' },
    events: { type: 'string', default: '1000000' },
    to: { type: 'string', default: 'langfuse' },
    processes: { type: 'string', default: '4' },
    shards: { type: 'string', default: '4' },
    kills: { type: 'string', default: '5' },
    cuts: { type: 'string', default: '10' },
    'chaos-seconds': { type: 'string', default: '8' },
  },
});
const [events, processes, shards, kills, cuts] = [
  values.events,
  values.processes,
  values.shards,
  values.kills,
  values.cuts,
].map(Number);
const chaosMs = 1000 * Number(values['chaos-seconds']);
const perProcess = Math.floor(events / processes);
const total = perProcess * processes;

const CLI = new URL('../../dist/bin/cli.js', import.meta.url).pathname;
const LOOK_MS = 1_000;
const CLAIM_AFTER_S = 3;

const folder = mkdtempSync(join(tmpdir(), 'tailrace-soak-forward-'));
const children = new Set();
const startedAt = performance.now();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(0).padStart(4);
const say = (text) => console.log(`${seconds()} s  ${text}`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function start(command, args, options = {}) {
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

/** Resolves with the first line for which `pick` returns something. */
function lineOf(child, pick) {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = pick(line);
      if (found) resolve(found);
    });
    child.on('exit', (code) => reject(new Error(`a process has ended with ${code}`)));
  });
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** In front of the server with the streams, for the forwarders. */
async function startRelay(target) {
  const sockets = new Set();
  const server = createServer((socket) => {
    const upstream = openSocket(target, '127.0.0.1');
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(one);
          socket.destroy();
          upstream.destroy();
        });
    }
    socket.pipe(upstream).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    close: () => server.close(),
  };
}

const PROGRAM = `
import { Tailrace } from '${new URL('../../dist/esm/index.js', import.meta.url).href}';
const [from, to] = process.argv.slice(2).map(Number);
const client = new Tailrace({
  ...JSON.parse(process.argv[1]),
  flushAt: 100,
  spoolDir: 'spool-' + from,
  retryWindowMs: 3_600_000,
  logLevel: 'none',
});
for (let i = from; i < to; i++) {
  client.generation({ name: 'event ' + i, model: 'm', input: 'question ' + i }).end({ output: 'answer ' + i });
  // Not faster than the ring is emptied: a service has other things to do, too.
  if (i % 500 === 0) while (client.stats().pending > 20_000) await new Promise((r) => setTimeout(r, 5));
}
await client.flush();
// While the streams are full, batches wait on the disk.
while (client.stats().pending + client.stats().spooled > 0) {
  await client.flush();
  await new Promise((r) => setTimeout(r, 100));
}
console.log(JSON.stringify(await client.shutdown()));
`;

function startProducer(exporter, index) {
  const [from, to] = [index * perProcess, (index + 1) * perProcess];
  const args = ['--input-type=module', '-e', PROGRAM, JSON.stringify(exporter), String(from), String(to)];
  const child = start(process.execPath, args);
  child.stderr.pipe(process.stderr);
  return lineOf(child, (line) => JSON.parse(line));
}

/** Counts of forwarders that were killed are lost with them; they are only for the eye. */
async function startForwarder(port) {
  const child = start(process.execPath, [
    ...[CLI, 'forward', '--from', broker.urlAt(port), ...broker.forwarderOptions],
    ...target.words,
    ...['--claim-after', String(CLAIM_AFTER_S), '--metrics-port', '0'],
  ]);
  child.stderr.resume();
  const { metrics } = await lineOf(child, (line) => {
    const parsed = JSON.parse(line);
    return parsed.kind === 'started' && parsed;
  });
  return { child, metrics };
}

async function metricsOf({ metrics }) {
  try {
    const text = await (await fetch(metrics)).text();
    const sum = (name) =>
      text
        .split('\n')
        .filter((line) => line.startsWith(`tailrace_forward_${name}`))
        .reduce((all, line) => all + Number(line.split(' ').at(-1)), 0);
    return {
      delivered: sum('events_total'),
      claimed: sum('claimed_total'),
      duplicates: sum('duplicates_total'),
      retries: sum('retries_total'),
      dead: sum('dead_letters_total'),
    };
  } catch {
    return undefined;
  }
}

const startBroker = { redis: startRedis, nats: startNats }[values.through];
if (startBroker === undefined) throw new Error('--through must be redis or nats');
const broker = await startBroker({ start, lineOf, freePort, shards, folder });
const openTarget = values.to === 'clickhouse' ? clickhouseTarget : receiverTarget;
const target = await openTarget({ folder, cli: CLI, start, lineOf });
const relay = await startRelay(broker.port);
const { lag } = broker;

say(
  `node ${process.version}: ${total} events of ${processes} processes, ${shards} shards of ${values.through}, 2 forwarders to ${values.to}`,
);
const forwarders = [await startForwarder(relay.port), await startForwarder(relay.port)];
const lost = { delivered: 0, claimed: 0, duplicates: 0, retries: 0, dead: 0 };
const producersStartedAt = performance.now();
let producedMs;
const producers = Promise.all(
  Array.from({ length: processes }, (_, index) => startProducer(broker.exporter, index)),
);
producers.then(() => {
  producedMs = performance.now() - producersStartedAt;
});

let isOver = false;
let highestLag = 0;
async function chaos() {
  const faults = [...Array(kills).fill('kill'), ...Array(cuts).fill('cut')];
  for (let i = faults.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [faults[i], faults[j]] = [faults[j], faults[i]];
  }
  let done = 0;
  for (const fault of faults) {
    await sleep(chaosMs * (0.5 + Math.random()));
    if (isOver) return done;
    done++;
    if (fault === 'cut') {
      relay.cut();
      continue;
    }
    const index = Math.floor(Math.random() * forwarders.length);
    const last = await metricsOf(forwarders[index]);
    for (const name of Object.keys(lost)) lost[name] += last?.[name] ?? 0;
    forwarders[index].child.kill('SIGKILL');
    forwarders[index] = await startForwarder(relay.port);
  }
  return done;
}
const faults = chaos();

let looks = 0;
const look = setInterval(async () => {
  const [waiting, ...metrics] = await Promise.all([lag(), ...forwarders.map(metricsOf)]);
  highestLag = Math.max(highestLag, waiting);
  const delivered = metrics.reduce((all, one) => all + (one?.delivered ?? 0), lost.delivered);
  if (looks++ % 10 === 0) say(`about ${delivered} events delivered, ${waiting} entries waiting`);
}, LOOK_MS);

const produced = await producers;
say(
  `the producers have ended: ${produced.map(({ sent, failed, spooled, dropped }) => `${sent} sent, ${failed} failed, ${spooled} spooled, ${dropped.total} dropped`).join('; ')}`,
);
while ((await lag()) > 0) await sleep(100);
const deliveredMs = performance.now() - producersStartedAt;
isOver = true;
clearInterval(look);
const done = await faults;

const last = await Promise.all(forwarders.map(metricsOf));
const sumOf = (name) => last.reduce((all, one) => all + (one?.[name] ?? 0), lost[name]);
for (const { child } of forwarders) {
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
}
const { stored, repeats } = await target.count();
const dead = await broker.dead();
const pending = await broker.pending();
await broker.close();
relay.close();

const rate = (ms) => Math.round((1000 * total) / ms);
say(
  `produced at ${rate(producedMs)} events/s, forwarded at ${rate(deliveredMs)} events/s (${(deliveredMs / 1000).toFixed(1)} s)`,
);
say(
  `highest lag: ${highestLag} entries; ${done} kills and cuts; ${sumOf('claimed')} entries claimed, ${sumOf('duplicates')} duplicates dropped, ${sumOf('retries')} retries`,
);
say(
  `stored: ${stored} of ${total}, ${repeats} of them again under their ids; dead letters: ${dead}; pending: ${pending}`,
);
const isRight = stored === total && dead === 0 && pending === 0;
say(isRight ? 'each event is there once' : 'FAULT: the counts differ');
process.exit(isRight ? 0 : 1);
