/** The library in a process of its own: it neither holds the process up nor runs the application's preloads. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { asLangfuse } from '../support/clients.js';
import { startSink } from '../support/sink.js';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Runs a program against a sink, to its natural end. */
async function runProgram(
  source: string,
  nodeArguments: string[] = [],
  env: Record<string, string> = {},
  answer = asLangfuse,
) {
  const sink = await startSink(answer);
  const program = `import { Tailrace } from 'tailrace';
    const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: '${sink.url}' });
    ${source}`;
  const { stdout, stderr } = await run(
    process.execPath,
    [...nodeArguments, '--input-type=module', '--eval', program, sink.url],
    { cwd: ROOT, env: { ...process.env, ...env }, timeout: 50_000 },
  );
  await sink.close();
  return { stdout: stdout.trim(), stderr: stderr.trim(), requests: sink.requests.length };
}

describe('a process', () => {
  it('ends by itself though the client is idle and was never shut down', async () => {
    const { requests, stderr } = await runProgram(`client.trace({ name: 't' }); await client.flush();`);
    expect({ requests, stderr }).toEqual({ requests: 1, stderr: '' });
  });

  it('is kept alive by a flush that is under way, and by nothing else', async () => {
    const { stdout, requests } = await runProgram(
      `client.trace({ name: 't' }); client.flush().then(({ sent }) => console.log(sent));`,
    );
    expect({ stdout, requests }).toEqual({ stdout: '1', requests: 1 });
  });

  it('ends by itself where the client works on its thread', async () => {
    const source = `const inline = new Tailrace({ publicKey: 'pk', secretKey: 'sk', worker: false, baseUrl: process.argv[1] });
      inline.trace({ name: 't' });
      console.log((await inline.flush()).sent);`;
    expect(await runProgram(source)).toMatchObject({ stdout: '1', stderr: '', requests: 1 });
  });

  it('ends by itself when the client was made and not used', async () => {
    expect(await runProgram('')).toMatchObject({ stdout: '', stderr: '', requests: 0 });
  });

  it('is served though nothing else wakes its loop', async () => {
    const sink = await startSink(asLangfuse);
    const program = `import { Tailrace } from 'tailrace';
      setTimeout(() => console.log('woken'), 4_000);
      setTimeout(() => {
        const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', flushAt: 1, baseUrl: '${sink.url}' });
        client.trace({ name: 't' }).event({ name: 'e' });
      }, 100);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd: ROOT });
    const woken = once(child.stdout, 'data').then(() => 'woken by something else');
    expect(await Promise.race([sink.received(1).then(() => 'served'), woken])).toBe('served');
    child.kill('SIGKILL');
    await sink.close();
  });

  it('is told of a failing server in one line and of its recovery in another, by us, and nothing by Node', async () => {
    const { stdout, stderr } = await runProgram(
      `for (let i = 0; i < 16; i++) client.trace({ name: 't' });
       console.log((await client.flush()).sent);`,
      [],
      { LANGFUSE_FLUSH_AT: '1' },
      (request, response, index) =>
        index < 16 ? response.writeHead(503).end() : asLangfuse(request, response, index),
    );
    expect(stdout).toBe('16');
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(
        /^\[tailrace\] request failed, retrying in \d+ ms: HTTP 503 \[TAILRACE_RETRYING\]$/,
      ),
      expect.stringMatching(
        /^\[tailrace\] delivery of spans works again after [\d.]+ s; \d+ events? waited \[TAILRACE_DELIVERY_RESUMED\]$/,
      ),
    ]);
  });

  it("runs the application's preloads once, not again in the worker", async () => {
    const preload = join(mkdtempSync(join(tmpdir(), 'tailrace-')), 'preload.mjs');
    writeFileSync(preload, `process.stdout.write('preload ');`);
    const work = `client.trace({ name: 't' }); console.log((await client.shutdown()).sent);`;
    const byFlag = await runProgram(work, ['--import', preload]);
    const byEnvironment = await runProgram(work, [], { NODE_OPTIONS: `--import ${preload}` });
    expect([byFlag.stdout, byEnvironment.stdout]).toEqual(['preload 1', 'preload 1']);
  });

  it('can require() the package', async () => {
    const { stdout } = await run(
      process.execPath,
      ['--eval', `console.log(typeof require('tailrace').Tailrace)`],
      {
        cwd: ROOT,
        env: { ...process.env, NODE_NO_WARNINGS: '1' },
      },
    );
    expect(stdout.trim()).toBe('function');
  });
});
