/** Where an application's tests have fake clocks and timers, and the server is down: nothing waits longer than it may. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { asLangfuse } from '../support/clients.js';
import { startSink } from '../support/sink.js';

const ROOT = join(import.meta.dirname, '../..');

const WAYS = {
  'flush()': { code: 'await client.flush(); process.reallyExit(0);', ends: [0, null] },
  'shutdown()': { code: 'await client.shutdown(); process.reallyExit(0);', ends: [0, null] },
  'flushSync()': { code: 'client.flushSync(); process.reallyExit(0);', ends: [0, null] },
  'process.exit()': { code: 'process.exit(3);', ends: [3, null] },
  'a natural end': { code: '', ends: [0, null] },
  SIGTERM: {
    code: 'realSetTimeout(() => {}, 2 ** 30); process.kill(process.pid, "SIGTERM");',
    ends: [null, 'SIGTERM'],
  },
} as const;

/** The bounds are far below this test's own, and the retry window far above. */
const BOUNDS = { flushTimeoutMs: 1000, exitTimeoutMs: 1000, retryWindowMs: 3_600_000 };

async function run(url: string, options: object, isFirst: boolean, code: string) {
  const source = `import { fakeClocks } from './test/support/fake-clocks.mjs';
    const realSetTimeout = setTimeout;
    const kept = ${JSON.stringify(isFirst ? ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'setImmediate'] : [])};
    if (${isFirst}) fakeClocks(kept);
    const { Tailrace } = await import('tailrace');
    if (!${isFirst}) fakeClocks(kept);
    const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: '${url}', ...${JSON.stringify(options)} });
    client.span({ name: 'made' }).end();
    process.on('exit', () => console.log(JSON.stringify(client.stats())));
    ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { cwd: ROOT });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  return { ends: await once(child, 'close'), stdout };
}

const cases = Object.entries(WAYS).flatMap(([way, { code, ends }]) =>
  [false, true].map((isFirst) => ({ way, code, ends, isFirst })),
);

it.each(cases)('$way ends within its bound, fake clocks first: $isFirst', async ({ code, ends, isFirst }) => {
  const sink = await startSink();
  await sink.close();
  expect((await run(sink.url, BOUNDS, isFirst, code)).ends).toEqual(ends);
});

it('what is traced under fake timers is delivered', async () => {
  const sink = await startSink(asLangfuse);
  onTestFinished(() => sink.close());
  const code = 'await client.shutdown(); console.log(JSON.stringify(client.stats())); process.reallyExit(0);';
  const { stdout } = await run(sink.url, {}, false, code);
  expect(JSON.parse(stdout)).toMatchObject({ accepted: 1, sent: 1, pending: 0 });
});

it('a client that delivers from this thread keeps its bounds', async () => {
  const sink = await startSink();
  await sink.close();
  const code = 'await client.shutdown(); process.reallyExit(0);';
  expect((await run(sink.url, { ...BOUNDS, worker: false }, false, code)).ends).toEqual([0, null]);
});
