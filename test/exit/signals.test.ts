/** A signal ends a process as it would without us, whoever else listens; and what is pending is delivered first. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

/** Those who listen for signals as well, in a program that traces 5 spans, gets SIGTERM and would live on. */
const OTHERS: Record<string, string> = {
  'a handler that ends the process with a code': `
    process.on('SIGTERM', () => process.exit(7));`,
  'a handler that ends it later': `
    process.on('SIGTERM', () => setTimeout(() => process.exit(8), 50));`,
  'a handler that raises the signal again when it has done its work': `
    process.once('SIGTERM', async () => { await null; console.log('closed'); ${RAISE} });`,
  'one that raises it by its number': `
    process.once('SIGTERM', () => process.kill(process.pid, 15));`,
  'one that raises it by default': `
    process.once('SIGTERM', () => process.kill(process.pid));`,
  'one that raises another': `
    process.once('SIGTERM', () => process.kill(process.pid, 'SIGKILL'));`,
  'one that ends the process where nobody else listens, as it is called': `
    const listener = () => {
      if (process.listenerCount('SIGTERM') > 1) return;
      process.off('SIGTERM', listener);
      ${RAISE}
    };
    process.on('SIGTERM', listener);`,
  'one that ends the process where nobody else listens, when it has sent its own': `
    process.on('SIGTERM', async function listener() {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (process.listeners('SIGTERM').some((one) => one !== listener)) return;
      console.log('exiting');
      process.exit();
    });`,
  'one that is called once and counts later': `
    process.once('SIGTERM', async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      console.log(process.listenerCount('SIGTERM'));
      process.exit(3);
    });`,
  'two that know each other by a count, and raise it again when there are no more': `
    const emitter = { count: 0 };
    for (let i = 0; i < 2; i++) {
      const listener = () => {
        if (process.listenerCount('SIGTERM') !== emitter.count) return;
        process.off('SIGTERM', listener);
        emitter.count--;
        ${RAISE}
      };
      process.on('SIGTERM', listener);
      emitter.count++;
    }`,
  'a handler that gets it twice': `
    let times = 0;
    process.on('SIGTERM', () => {
      console.log('got it');
      if (++times === 2) process.exit(5);
      setTimeout(() => ${RAISE.slice(0, -1)}, 20);
    });`,
  'a handler for the first, and nobody for the second': `
    process.once('SIGTERM', () => { console.log('closing'); process._kill(process.pid, 15); });`,
  'a handler that is registered first of all': `
    process.prependListener('SIGTERM', () => { console.log('first'); process.exit(4); });`,
};

/** What comes from outside finds no `process.kill` of ours on its way. */
const SECOND_FROM_OUTSIDE = 'a handler for the first, and nobody for the second';

describe('SIGTERM, where others listen:', () => {
  it.each(Object.entries(OTHERS))('%s', async (name, listen) => {
    const sink = await startServer();
    const program = `make(5); ${listen} ${RAISE} ${IDLE}`;
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
    console.log(process.listenerCount('SIGTERM'), process.listenerCount('SIGINT'));
    await Promise.all([another.shutdown(), client.shutdown()]);
    console.log(Object.hasOwn(process, 'emit'), process.kill.toString().includes('listenerCount'));
    clearInterval(alive);`;
  const { stdout } = await ended(start(sink.url, program, {}, [], ''));
  expect(stdout).toBe('0 1\nfalse false\n');
});

it('SIGINT that a process manager sends ends the process by that signal, once all is delivered', async () => {
  const sink = await startServer();
  const child = start(sink.url, `make(5); console.log('ready'); ${IDLE}`, { exitTimeoutMs: 50_000 }, [], '');
  child.stdout?.once('data', () => child.kill('SIGINT'));
  expect((await ended(child)).ends).toEqual([null, 'SIGINT']);
  expect(spanIds(sink)).toHaveLength(5);
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
