/** The examples of how to end well, run as they are: no event is missing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asLangfuse } from '../support/clients.js';
import { decodeRequest } from '../support/otlp.js';
import { askThreeTimes } from '../support/processes.js';
import { type Sink, startSink } from '../support/sink.js';

const EXAMPLES = join(import.meta.dirname, '../examples');

interface Running {
  readonly child: ChildProcess;
  readonly sink: Sink;
  /** The next line that it prints. */
  line(): Promise<string>;
  readonly ended: Promise<unknown[]>;
}

async function start(nodeArguments: readonly string[]): Promise<Running> {
  const sink = await startSink(asLangfuse);
  const env = {
    ...process.env,
    LANGFUSE_PUBLIC_KEY: 'pk',
    LANGFUSE_SECRET_KEY: 'sk',
    LANGFUSE_BASE_URL: sink.url,
  };
  const child = spawn(process.execPath, nodeArguments, {
    cwd: EXAMPLES,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await sink.close();
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return { child, sink, line: async () => (await lines.next()).value, ended: once(child, 'exit') };
}

const names = ({ requests }: Sink) =>
  requests.flatMap(({ body }) => decodeRequest(body).spans.map(({ name }) => name));

describe('threads', () => {
  it('threads.mjs: what each has traced arrives, though it has ended', async () => {
    const { sink, ended } = await start(['threads.mjs']);
    expect(await ended).toEqual([0, null]);
    expect(names(sink).sort()).toEqual(['embed', 'index', 'resize']);
  });
});

describe('a server', () => {
  it.each([
    ['http-server.mjs', [0, null]],
    ['fastify.mjs', [0, null]],
    ['express.mjs', [null, 'SIGTERM']],
  ])('%s sends what its last requests made, and ends', async (example, ends) => {
    const { child, sink, line, ended } = await start([example]);
    const port = await line();
    await askThreeTimes(Number(port));
    child.kill('SIGTERM');
    expect(await ended).toEqual(ends);
    expect(names(sink)).toEqual(['request', 'request', 'request']);
  });
});

it('a job ends by itself, with all of its events sent', async () => {
  const { sink, ended } = await start(['job.mjs']);
  expect(await ended).toEqual([0, null]);
  expect(names(sink)).toEqual(['summarize', 'summarize', 'summarize']);
});

describe('a serverless function', () => {
  const PLATFORM = (context: string) => `import { handler } from './serverless.mjs';
    import { createInterface } from 'node:readline';
    for await (const name of createInterface({ input: process.stdin })) {
      const waiting = [];
      console.log(await handler({ name }, ${context}));
      await Promise.all(waiting);
      console.log('frozen');
    }`;

  it.each([
    ['with waitUntil', '{ waitUntil: (promise) => waiting.push(promise) }'],
    ['without', 'undefined'],
  ])('has sent everything before it is frozen, and goes on when it is thawed: %s', async (_, context) => {
    const { child, sink, line } = await start(['--input-type=module', '--eval', PLATFORM(context)]);
    for (const [index, name] of ['ada', 'bob', 'cy'].entries()) {
      child.stdin?.write(`${name}\n`);
      expect([await line(), await line()]).toEqual([`hello ${name}`, 'frozen']);
      child.kill('SIGSTOP');
      expect(names(sink)).toHaveLength(index + 1);
      child.kill('SIGCONT');
    }
  });
});
