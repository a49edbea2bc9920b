/** Two copies of the package in one process, as bundlers and dependencies bring them about: what a process has once, it has once. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { observe, Tailrace } from 'tailrace';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runSuppressed } from '../../src/shared/runtime/suppression.js';
import { decodeRequest } from '../support/otlp.js';
import { ended, REPOSITORY, start, startServer } from '../support/processes.js';

const folder = mkdtempSync(join(REPOSITORY, 'test/copy-'));

/** How a program comes by the other copy. */
const OTHERS = {
  'of two folders': `const other = await import(${JSON.stringify(join(folder, 'other.mjs'))});`,
  'of ESM and CommonJS': `import { createRequire } from 'node:module';
    const other = createRequire(process.cwd() + '/')('tailrace');`,
};

beforeAll(() => {
  cpSync(join(REPOSITORY, 'package.json'), join(folder, 'package.json'));
  cpSync(join(REPOSITORY, 'dist'), join(folder, 'dist'), { recursive: true });
  // The package itself, by its own name.
  writeFileSync(join(folder, 'other.mjs'), `export * from 'tailrace';`);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function runWith(importOther: string, program: string, options: object) {
  const sink = await startServer();
  const source = `import * as own from 'tailrace'; ${importOther} ${program}`;
  const result = await ended(start(sink.url, source, { exitTimeoutMs: 50_000, ...options }, [], ''));
  const spans = sink.requests
    .filter(({ url }) => url.endsWith('/traces'))
    .flatMap(({ body }) => decodeRequest(body).spans);
  return { ...result, spans, named: (name: string) => spans.find((span) => span.name === name) };
}

describe.each(Object.entries(OTHERS))('two copies %s', (_, importOther) => {
  const run = (program: string, options: object = {}) => runWith(importOther, program, options);

  it('have one default client: the functions of one work with what the other has made', async () => {
    const { stdout, spans, named } = await run(`
      const inner = other.observe(async (text) => {
        await null;
        other.updateActiveObservation({ metadata: { by: 'other' } });
        console.log(own.getActiveTraceId() === other.getActiveTraceId());
        return text.toUpperCase();
      }, { name: 'inner', asType: 'tool' });
      console.log(other.getClient() === client);
      console.log(await own.startActiveObservation('outer', () => inner('done')));
      console.log(await inner('again'));
      other.startObservation('alone').end();`);
    expect(stdout).toBe('true\ntrue\nDONE\ntrue\nAGAIN\n');
    expect(spans).toHaveLength(4);
    expect(named('inner')).toMatchObject({
      traceId: named('outer')?.traceId,
      parentSpanId: named('outer')?.spanId,
      attributes: {
        'langfuse.observation.type': 'tool',
        'langfuse.observation.input': 'done',
        'langfuse.observation.output': 'DONE',
        'langfuse.observation.metadata.by': 'other',
      },
    });
  });

  it('have one stand-in where the application has made none, until it does', async () => {
    const { stdout } = await run(`
      await client.shutdown();
      console.log(own.getClient() === client, other.getClient() === client);
      const later = new other.Tailrace({ enabled: false });
      console.log(own.getClient() === later);`);
    expect(stdout).toBe('true true\ntrue\n');
  });

  it('make one AsyncLocalStorage between them, and none before it is needed', async () => {
    const { stdout } = await run(`
      const { getBuiltinModule } = process;
      const { AsyncLocalStorage } = getBuiltinModule('node:async_hooks');
      let made = 0;
      class Counted extends AsyncLocalStorage {
        constructor() { super(); made++; }
      }
      process.getBuiltinModule = (id) =>
        id === 'node:async_hooks' ? { AsyncLocalStorage: Counted } : getBuiltinModule(id);
      const clients = [client, open(), new other.Tailrace({ publicKey: 'pk', secretKey: 'sk' })];
      for (const one of clients) { one.span({ name: 'made' }); one.getActiveTraceId(); }
      console.log(made);
      clients.forEach((one, i) => one.propagateAttributes({ userId: 'u' + i }, () => {
        one.startActiveObservation('inside', () => {});
      }));
      console.log(made);
      process.reallyExit(0);`);
    expect(stdout).toBe('0\n1\n');
  });

  it('keep what is active in their clients apart', async () => {
    const { stdout } = await run(`
      const mine = new other.Tailrace({ publicKey: 'pk', secretKey: 'sk', flushAtExit: false });
      client.startActiveObservation('outer', (outer) => {
        mine.startActiveObservation('inner', (inner) => {
          console.log(client.getActiveObservation() === outer, mine.getActiveObservation() === inner);
          client.startActiveObservation('innermost', (innermost) => {
            console.log(client.getActiveObservation() === innermost, mine.getActiveObservation() === inner);
          });
        });
      });
      process.reallyExit(0);`);
    expect(stdout).toBe('true true\ntrue true\n');
  });

  it("take each other's handles as parents", async () => {
    const { stderr, named } = await run(`
      const outer = client.span({ name: 'outer' });
      const theirs = new other.Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: client.baseUrl, exitTimeoutMs: 50000 });
      theirs.startObservation('inner', {}, { parent: outer }).end();
      theirs.startActiveObservation('in trace', () => {}, { parent: client.trace({ name: 'a trace' }) });
      outer.end();`);
    expect(stderr).toBe('');
    expect(named('inner')).toMatchObject({
      traceId: named('outer')?.traceId,
      parentSpanId: named('outer')?.spanId,
    });
    expect(named('in trace')?.parentSpanId).toBe(named('a trace')?.spanId);
  });

  it('know what the other has wrapped as media', async () => {
    const { spans } = await run(
      `for (const copy of [own, other]) {
        client.span({ name: 'scan', input: new copy.TailraceMedia({ contentBytes: Buffer.from('x'), contentType: 'image/png' }) }).end();
      }`,
      { mediaUpload: false },
    );
    const [first, second] = spans.map(({ attributes }) => attributes['langfuse.observation.input']);
    expect(first).toBeTypeOf('string');
    expect(second).toBe(first);
  });

  it('share the engine of a destination, and tell those apart whose exporters get other values later', async () => {
    const { stdout } = await run(`
      const theirs = new other.Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: client.baseUrl, exitTimeoutMs: 50000 });
      client.event({ name: 'made' });
      console.log(theirs.stats().accepted > 0);
      const withExporter = ({ Tailrace }, key) => new Tailrace({
        publicKey: 'pk', secretKey: 'sk', flushAtExit: false,
        exporter: { url: 'file:///none.js', options: { get key() { return key; } } },
      });
      const [one, another] = [withExporter(own, 'one'), withExporter(other, 'another')];
      one.event({ name: 'made' });
      console.log(another.stats().accepted);
      process.reallyExit(0);`);
    expect(stdout).toBe('true\n0\n');
  });

  it('take in the threads that attach to their clients, and leave those of the other alone', async () => {
    const { stdout, stderr, spans } = await run(`
      const { once } = await import('node:events');
      const { Worker } = await import('node:worker_threads');
      const theirs = new other.Tailrace({ publicKey: 'theirs', secretKey: 'sk', baseUrl: client.baseUrl });
      const handles = [client.handle(), theirs.handle()];
      for (const workerData of handles) {
        await once(new Worker(\`import('tailrace').then(async ({ Tailrace }) => {
          const attached = Tailrace.attach(process.getBuiltinModule('node:worker_threads').workerData);
          attached.span({ name: 'in a thread' }).end();
          await attached.shutdown();
        })\`, { eval: true, workerData }), 'exit');
      }
      for (const copy of [own, other]) {
        for (const handle of handles) {
          const attached = copy.Tailrace.attach(handle);
          attached.span({ name: 'in this thread' }).end();
          await attached.shutdown();
        }
      }
      await Promise.all([client.shutdown(), theirs.shutdown()]);
      console.log(process.listenerCount('workerMessage'));`);
    expect(stderr).toBe('');
    expect(stdout).toBe('0\n');
    expect(spans.map(({ name }) => name).sort()).toEqual([
      ...Array(2).fill('in a thread'),
      ...Array(4).fill('in this thread'),
    ]);
  });

  it.each([
    ['a natural end', '', [0, null]],
    ['process.exit()', 'process.exit(3);', [3, null]],
    ['an uncaught error', 'throw new Error("boom");', [1, null]],
    ['SIGTERM', 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000);', [null, 'SIGTERM']],
    ['SIGINT', 'process.kill(process.pid, "SIGINT"); setInterval(() => {}, 1000);', [null, 'SIGINT']],
  ])('deliver what both have traced at %s, by one set of listeners', async (_, code, ends) => {
    const { spans, ...result } = await run(`
      const theirs = new other.Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: client.baseUrl, exitTimeoutMs: 50000 });
      make(5);
      for (let i = 0; i < 5; i++) theirs.span({ name: 'made' }).end();
      console.log(process.listenerCount('SIGTERM'), process.listenerCount('SIGINT'), process.listenerCount('beforeExit'));
      ${code}`);
    expect(result).toMatchObject({ ends, stdout: '1 1 1\n' });
    expect(spans).toHaveLength(10);
  });
});

it('a client that the application has let go of is not kept as a possible default', async () => {
  const sink = await startServer();
  const program = `const { later } = globalThis[Symbol.for('tailrace.clients/1')];
    for (let i = 0; i < 100; i++) new Tailrace({ enabled: false });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    for (let turns = 0; later.size > 0 && turns < 10_000; turns++) { gc(); await turn(); }
    console.log(later.size);`;
  const { stdout } = await ended(start(sink.url, program, {}, ['--expose-gc'], ''));
  expect(stdout).toBe('0\n');
});

it('nothing is traced, by any call of any copy, where that is suppressed', async () => {
  const { url } = await startServer();
  const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: url });
  onTestFinished(async () => void (await client.shutdown()));
  const observed = observe(async () => 'done');
  const traceAll = async (): Promise<void> => {
    await null;
    client.trace({ name: 'a trace' }).span().end();
    client.event({ name: 'an event' });
    client.startObservation('an observation').end();
    client.startActiveObservation('active', (span) => span.score({ name: 'good', value: 1 }));
    client.score({ traceId: '1'.repeat(32), name: 'good', value: 1 });
    expect(await observed()).toBe('done');
  };
  await runSuppressed(traceAll);
  expect(client.stats().accepted).toBe(0);
  await traceAll();
  expect(client.stats().accepted).toBeGreaterThan(5);
});
