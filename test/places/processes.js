/** How a process is kept short: of permissions, memory, threads, a place to write; and what ends it. */
import { chmodSync, cpSync } from 'node:fs';
import { CJS, ESM } from './harness/program.js';

const KEYS = {
  LANGFUSE_PUBLIC_KEY: 'pk-lf-1',
  LANGFUSE_SECRET_KEY: 'sk-lf-1',
  LANGFUSE_BASE_URL: 'http://127.0.0.1:9',
};

const node = process.execPath;
const NOBODY = 65_534;

/** Root may do what nobody else may, so that it is no test. */
const unprivileged = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** A process that exits at once has no thread that could go on, so what it traced is counted and told. */
async function tracesWithoutThreads(place, command, args, options) {
  await place.traces(command, args, { ...options, endings: ['shutdown', 'natural'] });
  const { stderr } = await place.attempt(command, args, {
    ...options,
    env: { ...KEYS, ...options.env, ENDING: 'exit' },
  });
  if (!/the process ended with \d+ events? undelivered/.test(stderr))
    throw new place.Failure(`says only: ${stderr}`);
}

const permission = (version, flags, todo, warning) => ({
  name: `node --permission, Node.js ${[version, ...flags].join(' ')}`,
  fast: true,
  todo,
  async run(place) {
    const allowed = ['--permission', '--allow-fs-read=*', ...flags];
    // What Node.js itself says of these flags.
    const quiet = /SecurityWarning|ExperimentalWarning|--trace-warnings/;
    const binary = await place.otherNode(version);
    const args = [...allowed, 'program.mjs'];
    if (warning === undefined) await place.traces(binary, args, { quiet });
    else await tracesWithoutThreads(place, binary, args, { quiet, warning });
  },
});

const readOnly = {
  name: 'no place to write to',
  fast: true,
  async run(place) {
    const env = { HOME: '/nonexistent', TMPDIR: place.folder, TMP: place.folder };
    chmodSync(place.folder, 0o555);
    try {
      await place.traces(node, ['program.mjs'], { env, ...unprivileged });
    } finally {
      chmodSync(place.folder, 0o755);
    }
  },
};

const smallHeap = {
  name: 'a heap of 32 MB',
  fast: true,
  async run(place) {
    await place.traces(node, ['--max-old-space-size=32', 'program.mjs']);
    await place.traces(node, ['program.mjs'], { env: { NODE_OPTIONS: '--max-old-space-size=32' } });
  },
};

/** The thread pool is there already; from then on no thread can be had. */
const NO_MORE_THREADS = `
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
await readFile(import.meta.filename);
execFileSync('prlimit', ['--pid', String(process.pid), '--nproc=1:1']);
`;

const threadLimit = {
  name: 'a limit of threads',
  fast: true,
  todo: 'nothing: it delivers from your thread, with one warning, and `process.exit()` leaves it no time',
  async run(place) {
    if (process.platform !== 'linux') throw new place.NotHere('prlimit is of Linux');
    chmodSync(place.folder, 0o755);
    place.write({ 'limit.mjs': NO_MORE_THREADS });
    const env = { UV_THREADPOOL_SIZE: '1' };
    const args = ['--import', './limit.mjs', 'program.mjs'];
    // What Node.js 24 and later says of itself.
    const quiet = /Failed to load CA certificates off thread/;
    await tracesWithoutThreads(place, node, args, { env, quiet, warning: INLINE, ...unprivileged });
  },
};

/** The one warning of a process that has no worker: each of the two clients of the program has its own. */
const INLINE = /^\[tailrace\].*(worker|thread)/;

const signals = {
  name: 'SIGTERM and SIGINT',
  fast: true,
  async run(place) {
    for (const signal of ['SIGTERM', 'SIGINT']) await place.endsBy(signal, node, ['program.mjs']);
  },
};

const CLUSTER = `
const cluster = require('node:cluster');
if (cluster.isPrimary) {
  const worker = cluster.fork();
  worker.on('message', () => worker.process.kill('SIGTERM'));
  worker.on('exit', (code, signal) => {
    console.log('worker', code, signal);
    process.exitCode = signal === 'SIGTERM' ? 0 : 1;
  });
} else {
  require('./program.cjs');
  process.send('ready');
}
`;

const clusterPlace = {
  name: 'cluster, SIGTERM for a worker',
  fast: true,
  async run(place) {
    place.write({ 'cluster.cjs': CLUSTER });
    await place.traces(node, ['cluster.cjs'], { endings: ['signal'] });
  },
};

/** The package a second time, under another name; the program with both of them. */
const twoCopies = (name, source, renamed, file) => ({
  name,
  fast: true,
  async run(place) {
    cpSync(`${place.folder}/node_modules/tailrace`, `${place.folder}/node_modules/other`, {
      recursive: true,
    });
    place.write({ [file]: `${renamed}\n${source}` });
    const also = ['other'];
    for (const signal of ['SIGTERM', 'SIGINT']) await place.endsBy(signal, node, [file], { also });
    await place.traces(node, [file], { also });
  },
});

const OTHER_ESM = `
import { Tailrace as Other } from 'other';
new Other().span({ name: 'other' }).end();
`;
const OTHER_CJS = `
{
  const { Tailrace: Other } = require('other');
  new Other().span({ name: 'other' }).end();
}
`;

/** The client is made by one copy, and found as the default one by the other. */
const sharedDefault = {
  name: 'two copies of the package, one default client',
  fast: true,
  async run(place) {
    cpSync(`${place.folder}/node_modules/tailrace`, `${place.folder}/node_modules/other`, {
      recursive: true,
    });
    const header = "import { getClient } from 'other';\nimport { createRequire } from 'node:module';\n";
    const check = `
if (getClient() !== client) console.error('the other copy does not find the client');
const fromCommonJS = createRequire(import.meta.url)('tailrace').getClient();
if (fromCommonJS !== client) console.error('CommonJS does not find the client');
`;
    place.write({
      'program.mjs': `${header}${ESM.replace('\nconst processor', `${check}\nconst processor`)}`,
    });
    await place.traces(node, ['program.mjs']);
  },
};

const HONEYBADGER = `
const Honeybadger = require('@honeybadger-io/js');
Honeybadger.configure({ apiKey: 'none', reportData: false, developmentEnvironments: [] });
`;

const honeybadger = {
  name: '@honeybadger-io/js beside it, SIGTERM and SIGINT',
  tools: { '@honeybadger-io/js': '6.16.5' },
  fast: true,
  async run(place) {
    place.bringTools();
    const idle = "\nsetInterval(() => {}, 1000);\nconsole.log('ready');\n";
    place.write({ 'alone.cjs': `${HONEYBADGER}${idle}`, 'both.cjs': `${HONEYBADGER}${CJS}` });
    for (const signal of ['SIGTERM', 'SIGINT']) {
      const alone = await place.ended(signal, node, ['alone.cjs']);
      if (alone.timedOut) throw new place.Failure('it does not end without us either');
      await place.endsBy(signal, node, ['both.cjs'], { as: alone });
    }
  },
};

export default [
  permission('22', ['--allow-worker'], ''),
  permission(
    '22',
    [],
    '`--allow-worker`; without it, it delivers from your thread, with one warning, and `process.exit()` leaves it no time',
    INLINE,
  ),
  permission('26', ['--allow-worker', '--allow-net'], ''),
  readOnly,
  smallHeap,
  threadLimit,
  signals,
  clusterPlace,
  twoCopies('two copies of the package, ESM', ESM, OTHER_ESM, 'two.mjs'),
  twoCopies('two copies of the package, CommonJS', CJS, OTHER_CJS, 'two.cjs'),
  sharedDefault,
  honeybadger,
];
