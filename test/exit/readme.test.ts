/** The program of the guide to delivery that handles a signal, run as printed: it ends, with all of its events sent. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { askThreeTimes, ended, REPOSITORY, spanIds, startServer } from '../support/processes.js';

const BLOCKS = readFileSync(join(REPOSITORY, 'src/consumer/README.md'), 'utf8').matchAll(
  /^```js\n(.*?)^```$/gms,
);
const PROGRAMS = Array.from(BLOCKS, ([, code]) => code as string).filter((code) => code.includes('SIG'));

it('there is one', () => {
  expect(PROGRAMS).toHaveLength(1);
});

it.each(PROGRAMS)('a server that gets SIGTERM answers, sends its events and ends', async (program) => {
  const sink = await startServer();
  const keys = { LANGFUSE_PUBLIC_KEY: 'pk', LANGFUSE_SECRET_KEY: 'sk', LANGFUSE_BASE_URL: sink.url };
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: REPOSITORY,
    env: { ...process.env, ...keys, PORT: '0' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const result = ended(child);
  const [address] = await once(child.stdout, 'data');
  const port = /port: (\d+)/.exec(String(address))?.[1];
  await askThreeTimes(Number(port));
  child.kill('SIGTERM');
  const { ends, stdout } = await result;
  expect(ends).toEqual([0, null]);
  expect(stdout).toMatch(/accepted: 3,\s+sent: 3,/);
  expect(spanIds(sink)).toHaveLength(3);
});
