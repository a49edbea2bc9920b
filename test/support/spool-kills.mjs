/**
 * Runs a program that spools, against a server that comes and goes, and kills it at a random moment; again and again, each
 * run with what the ones before have left. At the end a process that is not killed sends the rest.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { createEngine } from 'tailrace/engine';

const WRITER = fileURLToPath(new URL('./spool-writer.mjs', import.meta.url));
const EXPORTER = new URL('./json-exporter.mjs', import.meta.url);
/** From the start of the process: it boots, takes over, sends, spools. */
const MAX_LIFE_MS = 1_500;
/** How the server is, at random and for so long. */
const WEATHER = ['takes', 'refuses', 'refuses', 'hangs', 'breaks off'];
const MAX_WEATHER_MS = 400;

/** What came of `runs`: each list is empty if all is well. */
export async function killSpoolers(runs, { log = () => {} } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'tailrace-kills-'));
  const server = await startServer();
  const safe = [];
  const wrong = [];
  for (let run = 0; run < runs; run++) {
    // Now and then two at once, on one folder.
    const lives =
      run % 5 === 4
        ? [live(dir, server, run, wrong), live(dir, server, runs + run, wrong)]
        : [live(dir, server, run, wrong)];
    for (const { number, upTo } of await Promise.all(lives)) safe.push({ run: number, upTo });
    log(`run ${run}: ${safe.at(-1).upTo} events safe, ${server.received.size} received in all`);
  }
  server.weather = 'takes';
  server.isFixed = true;
  const rest = await sendRest(dir, server);
  if (rest.unrecovered > 0) wrong.push(`${rest.unrecovered} events were told as lost`);
  const left = readdirSync(dir, { recursive: true });
  await server.close();
  rmSync(dir, { recursive: true, force: true });
  return {
    events: safe.reduce((sum, { upTo }) => sum + upTo, 0),
    received: server.received.size,
    repeated: server.repeated,
    recovered: rest.recovered,
    missing: safe.flatMap(({ run, upTo }) => missingOf(server.received, run, upTo)),
    twice: [...server.received].filter(([, ids]) => ids.size > 1).map(([event]) => event),
    wrong,
    left,
  };
}

function missingOf(received, run, upTo) {
  const events = Array.from({ length: upTo }, (_, n) => `${run}/${n}`);
  return events.filter((event) => !received.has(event));
}

async function live(dir, server, number, wrong) {
  const mode = number % 2 === 0 ? 'failed' : 'always';
  const child = spawn(process.execPath, [WRITER, dir, server.url, mode, String(number)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let upTo = 0;
  createInterface(child.stdout).on('line', (line) => {
    const [word, count] = line.split(' ');
    if (word === 'safe') upTo = Number(count);
    else wrong.push(`run ${number}: ${line}`);
  });
  const exit = once(child, 'close');
  setTimeout(() => child.kill('SIGKILL'), Math.random() * MAX_LIFE_MS);
  const [code, signal] = await exit;
  if (signal !== 'SIGKILL') wrong.push(`run ${number} ended by itself: ${code}`);
  return { number, upTo };
}

async function sendRest(dir, { url }) {
  const engine = createEngine({
    exporter: { url: EXPORTER, options: { url } },
    compression: 'gzip',
    spoolDir: dir,
    flushTimeoutMs: 60_000,
  });
  return engine.shutdown();
}

async function startServer() {
  const received = new Map();
  const state = { url: '', received, repeated: 0, weather: 'takes', isFixed: false, close };
  const server = createServer((request, response) => {
    const { weather } = state;
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      if (weather === 'refuses') return response.writeHead(503).end();
      if (weather === 'hangs') return;
      for (const { id, run, n } of JSON.parse(gunzipSync(Buffer.concat(chunks)).toString())) {
        const ids = received.get(`${run}/${n}`) ?? new Set();
        if (ids.size > 0) state.repeated++;
        received.set(`${run}/${n}`, ids.add(id));
      }
      // Taken, and nobody is told.
      if (weather === 'breaks off') return response.destroy();
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  state.url = `http://127.0.0.1:${server.address().port}`;
  let timer;
  (function change() {
    if (!state.isFixed) state.weather = WEATHER[Math.floor(Math.random() * WEATHER.length)];
    timer = setTimeout(change, Math.random() * MAX_WEATHER_MS);
  })();
  async function close() {
    clearTimeout(timer);
    server.closeAllConnections();
    server.close();
  }
  return state;
}
