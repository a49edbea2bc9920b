/**
 * The local receiver at size: `npm run bench:receiver`. How many observations it stores a second over HTTP, how long the page's list takes
 * meanwhile, what the page's requests take at a million observations, and what a kill leaves.
 *
 *   npm run bench:receiver -- --observations 100000 --stored 1000000 --wide 50000 --folder DIR
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { percentiles } from './harness/statistics.js';
import { insertBare } from './receiver/floor.js';
import { QUESTIONS } from './receiver/questions.js';
import { call, sendAll, startServer } from './receiver/server.js';
import { bodies, SHAPES, wideTrace } from './receiver/traces.js';
import { printTable } from './report/terminal.js';

const READER = fileURLToPath(new URL('./receiver/reader.js', import.meta.url));
const LIST = '/api/tailrace/traces?limit=100';
/** Between two reads of the list: the page reads it more rarely. */
const READ_EVERY_MS = 50;
const ASKED = 7;

const { values } = parseArgs({
  options: {
    observations: { type: 'string', default: '100000' },
    stored: { type: 'string', default: '1000000' },
    wide: { type: 'string', default: '50000' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const [observations, stored, wide] = [values.observations, values.stored, values.wide].map(Number);
const fixed = (value, digits = 1) => (Number.isFinite(value) ? value.toFixed(digits) : '');

console.log(`${cpus()[0]?.model.trim()}, ${cpus().length} processors, Node.js ${process.versions.node}\n`);
await measureIngest();
await measureQuestions();

/** Each shape into a new database, once alone and once while the list is read; and the same rows by SQLite alone. */
async function measureIngest() {
  const rows = [];
  for (const shape of SHAPES) {
    const made = take(bodies(shape), observations);
    const spans = made.reduce((sum, body) => sum + body.spans, 0);
    const bytes = made.reduce((sum, { body }) => sum + body.length, 0) / spans;
    for (const isRead of [false, true]) {
      rows.push([
        `${shape}${isRead ? ', list read meanwhile' : ''}`,
        fixed(bytes, 0),
        ...(await withFolder((folder) => ingest(folder, made, isRead))),
      ]);
    }
    const floor = await withFolder((folder) => insertBare(folder, made));
    rows.push([
      `${shape}, floor: bare SQLite`,
      fixed(bytes, 0),
      fixed(floor.perSecond, 0),
      '',
      '',
      '',
      '',
      '',
    ]);
  }
  const titles = ['observations/s', 'CPU, µs each', 'list p50, ms', 'p99, ms', 'max, ms', 'MB on disk'];
  printTable([['observations over HTTP', 'bytes each', ...titles], ...rows]);
}

async function ingest(folder, made, isRead) {
  const server = await startServer(folder);
  const reader = isRead ? fork(READER, [server.url + LIST, String(READ_EVERY_MS)]) : undefined;
  if (reader !== undefined) await once(reader, 'message');
  const [startMs, startCpuMs] = [performance.now(), server.cpuMs()];
  const count = await sendAll(server.url, made);
  const seconds = (performance.now() - startMs) / 1000;
  const cpuMicros = ((server.cpuMs() - startCpuMs) * 1000) / count;
  reader?.send('end');
  const [times] = reader === undefined ? [[]] : await once(reader, 'message');
  const [p50, p99, max] = percentiles(times, 50, 99, 100);
  await server.stop();
  const megabytes = statSync(join(folder, 'tailrace.db')).size / 1e6;
  return [
    fixed(count / seconds, 0),
    fixed(cpuMicros),
    fixed(p50),
    fixed(p99),
    fixed(max),
    fixed(megabytes, 0),
  ];
}

async function measureQuestions() {
  await withFolder(async (folder) => {
    const server = await startServer(folder);
    await sendAll(server.url, generate(bodies('message'), stored));
    const [first] = wideTrace(1);
    await sendAll(server.url, [first]);
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await sendAll(server.url, wideTrace(wide, traceId), 1);
    const rows = [];
    const ask = async (name, path, headers) => {
      const times = [];
      let answer;
      for (let at = 0; at < ASKED; at += 1) {
        answer = await call(server.url + path.replace('{again}', String(at)), { headers });
        times.push(answer.ms);
      }
      const { total, searchedFromUs } = answer.status === 200 ? JSON.parse(answer.text) : {};
      const found =
        total === undefined
          ? String(answer.status)
          : `${total}${(searchedFromUs ?? null) === null ? '' : '+'}`;
      rows.push([name, fixed(times[0]), fixed(percentiles(times, 50)[0]), fixed(Math.max(...times)), found]);
    };
    await ask('search before it is indexed', '/api/tailrace/traces?q=certificate');
    const startMs = performance.now();
    await indexed(server);
    const minutes = (performance.now() - startMs) / 60_000;
    for (const [name, path] of QUESTIONS) await ask(name, path);
    await ask(`trace of ${wide} observations`, `/api/tailrace/trace/${traceId}`);
    console.log(`\nindexed in idle time: ${fixed(minutes)} min after the last write`);
    printTable([[`at ${stored} observations`, 'first, ms', 'median, ms', 'max, ms', 'traces'], ...rows]);
    await server.stop();
    console.log(`${fixed(statSync(join(folder, 'tailrace.db')).size / 1e6, 0)} MB on disk`);
  });
}

/** Until no trace is due: a search that nothing has says so by its time alone, so the CPU of the process is watched. */
async function indexed(server) {
  for (let [before, quiet] = [server.cpuMs(), 0]; quiet < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const now = server.cpuMs();
    quiet = now - before < 50 || Number.isNaN(now) ? quiet + 1 : 0;
    before = now;
  }
}

function* generate(iterator, count) {
  let spans = 0;
  for (const body of iterator) {
    yield body;
    spans += body.spans;
    if (spans >= count) return;
  }
}

function take(iterator, count) {
  return [...generate(iterator, count)];
}

async function withFolder(use) {
  const folder = mkdtempSync(join(values.folder, 'tailrace-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
