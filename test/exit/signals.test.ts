/** A signal ends a process as it would without us, whoever else listens; and what is pending is delivered first. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Ended, ended, REPOSITORY, spanIds, start, startServer } from '../support/processes.js';
import type { Sink } from '../support/sink.js';

const IDLE = 'setInterval(() => {}, 1000);';
const RAISE = `process.kill(process.pid, 'SIGTERM');`;

/** The same program without tailrace. */
async function withoutUs(program: string): Promise<Ended> {
  const source = `const make = () => {}; ${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { cwd: REPOSITORY });
  onTestFinished(() => void child.kill('SIGKILL'));
  return ended(child);
}

/** Those who listen for a signal as well, in a program that traces 5 spans, gets it and would live on. */
const others = (signal: NodeJS.Signals, raise: string): Record<string, string> => ({
  'a handler that ends the process with a code': `
    process.on('${signal}', () => process.exit(7));`,
  'a handler that ends it later': `
    process.on('${signal}', () => setTimeout(() => process.exit(8), 50));`,
  'a handler that raises the signal again when it has done its work': `
    process.once('${signal}', async () => { await null; console.log('closed'); ${raise} });`,
  'one that raises it by its number': `
    process.once('${signal}', () => process.kill(process.pid, ${constants.signals[signal]}));`,
  'one that raises it by default': `
    process.once('${signal}', () => process.kill(process.pid));`,
  'one that raises another': `
    process.once('${signal}', () => process.kill(process.pid, 'SIGKILL'));`,
  'one that ends the process where nobody else listens, as it is called': `
    const listener = () => {
      if (process.listenerCount('${signal}') > 1) return;
      process.off('${signal}', listener);
      ${raise}
    };
    process.on('${signal}', listener);`,
  'one that ends the process where nobody else listens, when it has sent its own': `
    process.on('${signal}', async function listener() {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (process.listeners('${signal}').some((one) => one !== listener)) return;
      console.log('exiting');
      process.exit();
    });`,
  'one that is called once and counts later': `
    process.once('${signal}', async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      console.log(process.listenerCount('${signal}'));
      process.exit(3);
    });`,
  'two that know each other by a count, and raise it again when there are no more': `
    const emitter = { count: 0 };
    for (let i = 0; i < 2; i++) {
      const listener = () => {
        if (process.listenerCount('${signal}') !== emitter.count) return;
        process.off('${signal}', listener);
        emitter.count--;
        ${raise}
      };
      process.on('${signal}', listener);
      emitter.count++;
    }`,
  'a handler that gets it twice': `
    let times = 0;
    process.on('${signal}', () => {
      console.log('got it');
      if (++times === 2) process.exit(5);
      setTimeout(() => ${raise.slice(0, -1)}, 20);
    });`,
  'a handler for the first, and nobody for the second': `
    process.once('${signal}', () => { console.log('closing'); process._kill(process.pid, ${constants.signals[signal]}); });`,
  'a handler that is registered first of all': `
    process.prependListener('${signal}', () => { console.log('first'); process.exit(4); });`,
});

/** What comes from outside finds no `process.kill` of ours on its way. */
const SECOND_FROM_OUTSIDE = 'a handler for the first, and nobody for the second';

describe.each(['SIGTERM', 'SIGHUP'] as const)('%s, where others listen:', (signal) => {
  const raise = `process.kill(process.pid, '${signal}');`;

  it.each(Object.entries(others(signal, raise)))('%s', async (name, listen) => {
    const sink = await startServer();
    const program = `make(5); ${listen} ${raise} ${IDLE}`;
    const [expected, result] = await Promise.all([
      withoutUs(program),
      ended(start(sink.url, program, { exitTimeoutMs: 50_000 }, [], '')),
    ]);
    expect(result).toEqual(expected);
    if (name !== SECOND_FROM_OUTSIDE) expect(spanIds(sink)).toHaveLength(5);
  });
});

it('a signal that the application has handled once is not listened to any more', async () => {
  const sink = await startServer();
  const program = `const { promise, resolve } = Promise.withResolvers?.() ?? (() => {
      let resolve; const promise = new Promise((done) => (resolve = done)); return { promise, resolve };
    })();
    process.once('SIGTERM', resolve);
    ${RAISE}
    const alive = setInterval(() => {}, 1000);
    await promise;
    const another = open();
    console.log(...['SIGTERM', 'SIGINT', 'SIGHUP'].map((signal) => process.listenerCount(signal)));
    await Promise.all([another.shutdown(), client.shutdown()]);
    console.log(Object.hasOwn(process, 'emit'), process.kill.toString().includes('listenerCount'));
    clearInterval(alive);`;
  const { stdout } = await ended(start(sink.url, program, {}, [], ''));
  expect(stdout).toBe('0 1 1\nfalse false\n');
});

describe('a signal that comes from outside ends the process by that signal, once all is delivered:', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s', async (signal) => {
    const sink = await startServer();
    const program = `make(5); console.log('ready'); ${IDLE}`;
    const child = start(sink.url, program, { exitTimeoutMs: 50_000 }, [], '');
    child.stdout?.once('data', () => child.kill(signal));
    expect((await ended(child)).ends).toEqual([null, signal]);
    expect(spanIds(sink)).toHaveLength(5);
  });
});

it('a process that was started with SIGHUP ignored ends by it with us as without: Node.js listens to it from its start', async () => {
  const sink = await startServer();
  const ignoring = (program: string): ReturnType<typeof spawn> => {
    const child = spawn(
      'sh',
      ['-c', `trap '' HUP; exec "$0" --input-type=module --eval "$1"`, process.execPath, program],
      {
        cwd: REPOSITORY,
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  const raise = `process.kill(process.pid, 'SIGHUP'); ${IDLE}`;
  const [expected, result] = await Promise.all([
    ended(ignoring(raise)),
    ended(
      ignoring(`import { Tailrace } from 'tailrace';
        new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: '${sink.url}', exitTimeoutMs: 50_000 }).span({ name: 'made' }).end();
        ${raise}`),
    ),
  ]);
  expect(result).toEqual(expected);
  expect(result.ends).toEqual([null, 'SIGHUP']);
  expect(spanIds(sink)).toHaveLength(1);
});

it('where the system cannot raise the signal, as Windows with SIGHUP, it ends the process at once all the same', async () => {
  const sink = await startServer();
  const program = `const { kill } = process;
    process.kill = function (pid, signal) {
      if (signal === 'SIGHUP') throw Object.assign(new Error('kill ENOSYS'), { code: 'ENOSYS' });
      return Reflect.apply(kill, this, [pid, signal]);
    };
    process.on('exit', () => console.log('an exit that would not come without us'));
    make(5);
    process.emit('SIGHUP', 'SIGHUP', 1);
    ${IDLE}`;
  const { ends, stdout, stderr } = await ended(start(sink.url, program, { exitTimeoutMs: 50_000 }, [], ''));
  expect({ ends, stdout, stderr }).toEqual({ ends: [null, 'SIGKILL'], stdout: '', stderr: '' });
  expect(spanIds(sink)).toHaveLength(5);
});

it('on Windows SIGBREAK is such a signal, and elsewhere it is not', async () => {
  const onWindows = `data:text/javascript,Object.defineProperty(process, 'platform', { value: 'win32' })`;
  const program = `make(5); console.log(process.listenerCount('SIGBREAK')); process.emit('SIGBREAK', 'SIGBREAK', 21);`;
  for (const [flags, ends, stdout] of [
    [['--import', onWindows], [null, 'SIGKILL'], '1\n'],
    [[], [0, null], '0\n'],
  ] as const) {
    const sink = await startServer();
    const result = await ended(start(sink.url, program, { exitTimeoutMs: 50_000 }, [...flags], ''));
    expect(result).toEqual({ ends, stdout, stderr: '' });
    expect(spanIds(sink)).toHaveLength(5);
  }
});

describe('a cluster', () => {
  async function run(sink: Sink, primary: string): Promise<Ended> {
    const file = join(mkdtempSync(join(REPOSITORY, 'test/cluster-')), 'program.mjs');
    onTestFinished(() => rmSync(dirname(file), { recursive: true }));
    writeFileSync(
      file,
      `import cluster from 'node:cluster';
       import { createServer } from 'node:http';
       import { Tailrace } from 'tailrace';
       const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: '${sink.url}', exitTimeoutMs: 50000 });
       for (let i = 0; i < 5; i++) client.span({ name: 'made' }).end();
       if (cluster.isPrimary) {
         const worker = cluster.fork();
         worker.on('exit', (code, signal) => console.log(code, signal));
         cluster.on('listening', () => { ${primary} });
       } else createServer(() => {}).listen(0);`,
    );
    const child = spawn(process.execPath, [file], { cwd: REPOSITORY });
    onTestFinished(() => void child.kill('SIGKILL'));
    return ended(child);
  }

  it.each([
    ['whose worker is disconnected', 'worker.disconnect();', '0 null\n', [0, null]],
    ['whose worker gets SIGTERM', `worker.process.kill('SIGTERM');`, 'null SIGTERM\n', [0, null]],
    [
      'whose primary hands SIGTERM on to its worker',
      `process.once('SIGTERM', () => {
         worker.process.kill('SIGTERM');
         worker.once('exit', () => process.kill(process.pid, 'SIGTERM'));
       });
       process.kill(process.pid, 'SIGTERM');`,
      'null SIGTERM\n',
      [null, 'SIGTERM'],
    ],
  ])('%s loses nothing', async (_, primary, stdout, ends) => {
    const sink = await startServer();
    expect(await run(sink, primary)).toEqual({ ends, stdout, stderr: '' });
    expect(new Set(spanIds(sink)).size).toBe(10);
  });
});
