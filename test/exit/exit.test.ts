/** However a process ends, what was accepted is delivered, or counted and named; and it ends as it would have without us. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { counted } from '../../src/messages/quantities.js';
import { asLangfuse } from '../support/clients.js';
import { decodeRequest } from '../support/otlp.js';
import { deadUrl, ended, spanIds, start, startServer } from '../support/processes.js';
import type { Answer } from '../support/sink.js';

const ROOT = join(import.meta.dirname, '../..');
/** The whole matrix takes minutes: `TAILRACE_EXIT_MATRIX=full`. */
const IS_FULL = process.env.TAILRACE_EXIT_MATRIX === 'full';

/** How a process may end: what it does last, and what comes of it. */
const WAYS = {
  'by itself': { code: '', ends: [0, null] },
  'by process.exit()': { code: 'process.exit(3);', ends: [3, null] },
  'by an uncaught exception': { code: 'throw new Error("boom");', ends: [1, null] },
  'by an unhandled rejection': { code: 'void Promise.reject(new Error("boom"));', ends: [1, null] },
  'by SIGTERM': {
    code: 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000);',
    ends: [null, 'SIGTERM'],
  },
  'by SIGINT': {
    code: 'process.kill(process.pid, "SIGINT"); setInterval(() => {}, 1000);',
    ends: [null, 'SIGINT'],
  },
  'after flushSync()': { code: 'client.flushSync(); process.reallyExit(0);', ends: [0, null] },
} as const;

const SERVERS: Record<string, number | 'dead'> = {
  'is fast': 0,
  'takes 30 ms': 30,
  'takes 500 ms': 500,
  'is dead': 'dead',
};
const EVENTS = [1, 100, 10_000];

type Way = keyof typeof WAYS;
type Case = readonly [way: Way, server: string, isBooted: boolean, events: number];

function cases(): Case[] {
  const ways = Object.keys(WAYS) as Way[];
  const all = ways.flatMap((way) =>
    Object.keys(SERVERS).flatMap((server) =>
      [true, false].flatMap((isBooted) => EVENTS.map((events) => [way, server, isBooted, events] as const)),
    ),
  );
  // Each way with each server, and the rest of the matrix in turns.
  return IS_FULL ? all : all.filter((_, i) => i % 6 === Math.floor(i / 6) % 6);
}

function answerAfter(ms: number): Answer {
  return async (request, response, index) => {
    await delay(ms);
    asLangfuse(request, response, index);
  };
}

describe('a process that ends', () => {
  it.each(cases())('%s, where the server %s, the worker is there: %s, %d events', async (...chosen) => {
    const [way, server, isBooted, events] = chosen;
    const { code, ends } = WAYS[way];
    const pace = SERVERS[server] as number | 'dead';
    const boot = isBooted ? `client.span({ name: 'first' }).end(); await client.flush();` : '';
    const program = `${pace === 'dead' ? '' : boot} make(${events}); ${code}`;
    if (pace === 'dead') {
      const result = await ended(start(await deadUrl(), program, { exitTimeoutMs: 300 }));
      expect(result.ends).toEqual(ends);
      if (way !== 'after flushSync()') {
        expect(result.stderr).toContain(`the process ended with ${counted(events, 'event')} undelivered`);
      }
      return;
    }
    const sink = await startServer(answerAfter(pace));
    // Longer than any machine takes: what is asked is whether it arrives, not how fast.
    const result = await ended(start(sink.url, program, { exitTimeoutMs: 50_000 }));
    expect(result.ends).toEqual(ends);
    const ids = spanIds(sink);
    expect(ids).toHaveLength(events + (isBooted ? 1 : 0));
    expect(new Set(ids).size).toBe(ids.length);
    expect(result.stderr).not.toContain('[tailrace]');
    if (way === 'by itself' || way === 'by process.exit()') {
      expect(JSON.parse(result.stdout)).toMatchObject({ sent: ids.length, failed: 0, pending: 0 });
    }
  });

  it('writes what is still open, marked as such', async () => {
    const sink = await startServer();
    const program = `client.span({ name: 'unfinished' }); client.trace({ name: 'a trace' }); process.exit(0);`;
    await ended(start(sink.url, program, { exitTimeoutMs: 50_000 }));
    const spans = sink.requests.flatMap(({ body }) => decodeRequest(body).spans);
    expect(spans.map(({ name }) => name).sort()).toEqual(['a trace', 'unfinished']);
    expect(spans.find(({ name }) => name === 'unfinished')?.attributes).toMatchObject({
      'langfuse.observation.level': 'WARNING',
      'langfuse.observation.status_message': 'not ended: the process ended',
    });
  });

  it('by itself ends though something is traced whenever it is about to', async () => {
    const sink = await startServer();
    const program = `make(5); process.on('beforeExit', () => make(1));`;
    const { ends, stdout } = await ended(start(sink.url, program, { exitTimeoutMs: 50_000 }));
    expect(ends).toEqual([0, null]);
    expect(JSON.parse(stdout)).toMatchObject({ pending: 0, failed: 0 });
    expect(spanIds(sink).length).toBeGreaterThanOrEqual(6);
  });

  it('does so at once where it was told to flush nothing', async () => {
    const sink = await startServer();
    const result = await ended(start(sink.url, 'make(5); process.exit(4);', { flushAtExit: false }));
    expect(result.ends).toEqual([4, null]);
    expect(sink.requests).toEqual([]);
    expect(JSON.parse(result.stdout)).toMatchObject({ pending: 5 });
  });

  it('delivers where the client works on the thread that blocks', async () => {
    const sink = await startServer();
    const program = `client.span({ name: 'first' }).end(); await client.flush(); make(5); process.exit(0);`;
    await ended(start(sink.url, program, { worker: false, exitTimeoutMs: 50_000 }));
    expect(spanIds(sink)).toHaveLength(6);
  });

  it('delivers what a thread of the application has made, when that ends', async () => {
    const sink = await startServer();
    const program = `import { Worker } from 'node:worker_threads';
      const source = \`import('tailrace').then(({ Tailrace }) => {
        const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: '${sink.url}', exitTimeoutMs: 50000 });
        for (let i = 0; i < 5; i++) client.span({ name: 'made' }).end();
        process.exit(0);
      })\`;
      new Worker(source, { eval: true });`;
    await ended(start(sink.url, program));
    expect(spanIds(sink)).toHaveLength(5);
  });

  it.each(['process.exit(0);', 'process.kill(process.pid, "SIGTERM");', 'throw new Error("boom");'])(
    'delivers what threads have traced that are attached to the client (%s)',
    async (code) => {
      const sink = await startServer();
      const program = `import { Worker } from 'node:worker_threads';
        const source = \`import('tailrace').then(async ({ Tailrace }) => {
          const { workerData, parentPort } = await import('node:worker_threads');
          const client = Tailrace.attach(workerData);
          for (let i = 0; i < 50; i++) client.span({ name: 'made there' }).end();
          parentPort.postMessage('made');
          setInterval(() => {}, 1000);
        })\`;
        const worker = new Worker(source, { eval: true, workerData: client.handle() });
        worker.on('message', () => { make(5); ${code} });`;
      const { stderr } = await ended(start(sink.url, program, { exitTimeoutMs: 50_000 }));
      expect(new Set(spanIds(sink)).size).toBe(55);
      expect(stderr).not.toContain('[tailrace]');
    },
  );

  it('delivers what a thread has traced in this moment, though it ends before it was heard of', async () => {
    const sink = await startServer();
    const program = `import { Worker } from 'node:worker_threads';
      const traced = new Int32Array(new SharedArrayBuffer(4));
      const source = \`import('tailrace').then(async ({ Tailrace }) => {
        const { handle, traced } = (await import('node:worker_threads')).workerData;
        Tailrace.attach(handle).span({ name: 'made there' }).end();
        Atomics.store(traced, 0, 1);
        Atomics.notify(traced, 0);
      })\`;
      new Worker(source, { eval: true, workerData: { handle: client.handle(), traced } });
      // Its loop gets no turn.
      Atomics.wait(traced, 0, 0);
      process.exit(0);`;
    const { stdout } = await ended(start(sink.url, program, { exitTimeoutMs: 50_000 }));
    expect(JSON.parse(stdout)).toMatchObject({ accepted: 1, sent: 1 });
    expect(spanIds(sink)).toHaveLength(1);
  });

  it('writes what is open in a client that attached in the same thread', async () => {
    const sink = await startServer();
    const program = `const attached = Tailrace.attach(client.handle());
      make(1);
      attached.span({ name: 'open' });
      process.exit(0);`;
    const { stderr } = await ended(start(sink.url, program, { exitTimeoutMs: 50_000 }));
    expect(spanIds(sink)).toHaveLength(2);
    expect(stderr).toBe('');
  });

  it('lives until a shutdown has come to its end, whatever else there is to live for', async () => {
    const sink = await startServer();
    const program = `import { Worker } from 'node:worker_threads';
      const source = \`import('tailrace').then(async ({ Tailrace }) => {
        const { workerData, parentPort } = await import('node:worker_threads');
        globalThis.open = Tailrace.attach(workerData).span({ name: 'open' });
        parentPort.postMessage('attached');
        // Too busy to answer for a while.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
        setInterval(() => {}, 1000);
      })\`;
      make(1);
      await client.flush();
      const worker = new Worker(source, { eval: true, workerData: client.handle() });
      await new Promise((resolve) => worker.once('message', resolve));
      worker.unref();
      await client.shutdown();
      console.error('shut down');`;
    const { ends, stderr } = await ended(start(sink.url, program));
    expect({ ends, stderr }).toEqual({ ends: [0, null], stderr: 'shut down\n' });
    expect(spanIds(sink)).toHaveLength(2);
  });

  it('counts once what it delivers from its own thread, and then by flushSync() from another', async () => {
    // The first is never answered: what the others settle is not released.
    const sink = await startServer((request, response, index) => {
      if (index > 0) asLangfuse(request, response, index);
    });
    const program = `make(10);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      client.flushSync();
      await new Promise((resolve) => setImmediate(resolve));`;
    const { stdout } = await ended(
      start(sink.url, program, { worker: false, flushAt: 1, exitTimeoutMs: 50_000 }),
    );
    expect(JSON.parse(stdout)).toMatchObject({ accepted: 10, sent: 10, failed: 0, pending: 0 });
  });

  it('names what threads have traced that no server takes in time', async () => {
    const program = `import { Tailrace as Other } from 'tailrace';
      const attached = Other.attach(client.handle());
      attached.span({ name: 'made there' }).end();
      make(2);
      process.exit(0);`;
    const { stderr } = await ended(start(await deadUrl(), program, { exitTimeoutMs: 300 }));
    expect(stderr).toContain('the process ended with 3 events undelivered');
  });

  it.each([
    ['cluster', `cluster.fork(); cluster.fork();`, 'cluster.isPrimary'],
    [
      'child_process.fork',
      `fork(process.argv[1], ['child']); fork(process.argv[1], ['child']);`,
      `process.argv[2] !== 'child'`,
    ],
  ])('is one of several by %s: each delivers what it has traced', async (_, forks, isFirst) => {
    const sink = await startServer();
    const file = join(mkdtempSync(join(ROOT, 'test/forked-')), 'program.mjs');
    onTestFinished(() => rmSync(dirname(file), { recursive: true }));
    writeFileSync(
      file,
      `import cluster from 'node:cluster';
       import { fork } from 'node:child_process';
       import { Tailrace } from 'tailrace';
       const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: '${sink.url}', exitTimeoutMs: 50000 });
       for (let i = 0; i < 20; i++) client.span({ name: 'made' }).end();
       if (${isFirst}) { ${forks} } else process.exit(0);`,
    );
    const { stderr } = await ended(spawn(process.execPath, [file], { cwd: ROOT }));
    expect(new Set(spanIds(sink)).size).toBe(60);
    expect(stderr).toBe('');
  });

  it('has a successor for a worker that dies in the middle of it', async () => {
    const sink = await startServer();
    const exporter = {
      url: new URL('../support/dying-at-exit.mjs', import.meta.url).href,
      options: { langfuse: { baseUrl: sink.url, publicKey: 'pk', secretKey: 'sk', sdkVersion: '1' } },
    };
    const program = `make(50); process.exit(0);`;
    const result = await ended(start(sink.url, program, { exporter, exitTimeoutMs: 50_000 }));
    expect(new Set(spanIds(sink)).size).toBe(50);
    expect(JSON.parse(result.stdout)).toMatchObject({ sent: 50, pending: 0 });
  });

  it('starts the worker that the application names, where none runs yet', async () => {
    const sink = await startServer();
    const worker = createRequire(import.meta.url).resolve('tailrace/worker');
    const result = await ended(
      start(sink.url, `make(5); process.exit(0);`, { worker, exitTimeoutMs: 50_000 }),
    );
    expect(new Set(spanIds(sink)).size).toBe(5);
    expect(result.stderr).toBe('');
  });

  it('is not held for ever by a worker that is stuck', async () => {
    const sink = await startServer();
    const exporter = { url: new URL('../support/stuck-exporter.mjs', import.meta.url).href };
    const result = await ended(
      start(sink.url, 'make(5); process.exit(6);', { exporter, exitTimeoutMs: 1_000 }),
    );
    expect(result.ends).toEqual([6, null]);
    // A successor may skip an event that its predecessor hung on. Each of the five is reported once, skipped or undelivered.
    const skipped = result.stderr.match(/\[TAILRACE_NOT_ENCODED\]/g) ?? [];
    const undelivered = /the process ended with (\d) events? undelivered/.exec(result.stderr)?.[1];
    expect(Number(undelivered) + skipped.length).toBe(5);
    expect(JSON.parse(result.stdout)).toMatchObject({ accepted: 5, failed: 5 });
  });

  it('serves all clients by one hook, and takes it away with the last', async () => {
    const sink = await startServer();
    const program = `const events = ['exit', 'beforeExit', 'SIGTERM', 'SIGINT'];
      const others = events.map((event) => process.listenerCount(event) - 1);
      const clients = Array.from({ length: 20 }, open);
      for (const one of clients) one.span({ name: 'made' }).end();
      const counts = () => events.map((event, i) => process.listenerCount(event) - others[i]);
      console.log(JSON.stringify(counts()));
      await Promise.all(clients.slice(10).map((one) => one.shutdown()));
      console.log(JSON.stringify(counts()));
      process.once('exit', () => console.log(JSON.stringify(clients.map((one) => one.stats().pending))));
      await Promise.all(clients.slice(5, 10).map((one) => one.shutdown()));
      process.exit(0);`;
    const { stdout, stderr } = await ended(start(sink.url, program, { exitTimeoutMs: 50_000 }));
    const [all, half, , pending] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([all, half]).toEqual([
      [1, 1, 1, 1],
      [1, 1, 1, 1],
    ]);
    expect(pending).toEqual(new Array(20).fill(0));
    expect(spanIds(sink)).toHaveLength(20);
    expect(stderr).not.toContain('MaxListeners');
  });

  it('leaves no listener behind', async () => {
    const sink = await startServer();
    // Others listen for 'exit' as well, once the worker's libraries are there.
    const program = `const events = ['beforeExit', 'SIGTERM', 'SIGINT'];
      await client.shutdown();
      console.log(JSON.stringify(events.map((event) => process.listenerCount(event))));`;
    const { stdout } = await ended(start(sink.url, program));
    expect(JSON.parse(stdout.split('\n')[0] as string)).toEqual([0, 0, 0]);
  });
});

describe('a signal', () => {
  it('that the application handles is left to it', async () => {
    const sink = await startServer();
    const program = `process.on('SIGTERM', async () => {
        console.log('closing');
        await client.shutdown();
        process.exit(7);
      });
      make(5);
      process.kill(process.pid, 'SIGTERM');
      setInterval(() => {}, 1000);`;
    const { ends, stdout } = await ended(start(sink.url, program));
    expect(ends).toEqual([7, null]);
    expect(stdout).toContain('closing');
    expect(spanIds(sink)).toHaveLength(5);
  });

  it('that the application ignores on purpose ends nothing', async () => {
    const sink = await startServer();
    const program = `process.on('SIGTERM', () => setTimeout(() => process.exit(8), 50));
      make(5);
      process.kill(process.pid, 'SIGTERM');
      setInterval(() => {}, 1000);`;
    expect((await ended(start(sink.url, program, { exitTimeoutMs: 50_000 }))).ends).toEqual([8, null]);
    expect(spanIds(sink)).toHaveLength(5);
  });

  it('ends a process in which signal-exit listens as well: neither waits for the other', async () => {
    const sink = await startServer();
    // As signal-exit 4 does it: it ends the process where nobody but its own copies listens.
    const program = `const emitter = { count: 1 };
      Object.defineProperty(globalThis, Symbol.for('signal-exit emitter'), { value: emitter });
      const listener = () => {
        if (process.listenerCount('SIGTERM') !== emitter.count) return;
        process.off('SIGTERM', listener);
        process.kill(process.pid, 'SIGTERM');
      };
      process.on('SIGTERM', listener);
      make(5);
      process.kill(process.pid, 'SIGTERM');
      setInterval(() => {}, 1000);`;
    const { ends } = await ended(start(sink.url, program, { exitTimeoutMs: 50_000 }));
    expect(ends).toEqual([null, 'SIGTERM']);
    expect(spanIds(sink)).toHaveLength(5);
  });

  it('is not listened to where that is switched off', async () => {
    const sink = await startServer();
    const program = `make(5); process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);`;
    expect((await ended(start(sink.url, program, { handleSignals: false }))).ends).toEqual([null, 'SIGTERM']);
    expect(sink.requests).toEqual([]);
  });
});

describe('flushSync', () => {
  it('asks all workers before it waits for any: each has all of the time', async () => {
    // Answers nobody before both have asked.
    const held: (() => void)[] = [];
    const sink = await startServer((request, response) => {
      held.push(() => asLangfuse(request, response, 0));
      if (held.length >= 2) for (const answer of held.splice(0)) answer();
    });
    const options = { workers: 2, flushInterval: 3600, exitTimeoutMs: 0 };
    // One trace for each worker.
    const program = `for (const digit of '12') client.span({ traceId: digit.repeat(32), name: 'made', endTime: new Date() });
      console.log(JSON.stringify(client.flushSync(20000)));
      process.reallyExit(0);`;
    const { stdout } = await ended(start(sink.url, program, options, [], ''));
    expect(JSON.parse(stdout)).toMatchObject({ accepted: 2, sent: 2, pending: 0 });
  });

  it('blocks until all has settled, again and again, and the client goes on', async () => {
    const sink = await startServer();
    const program = `for (let round = 0; round < 3; round++) {
        make(5);
        console.log(JSON.stringify(client.flushSync(50000)));
      }
      client.span({ name: 'later' }).end();
      console.log(JSON.stringify(await client.flush()));
      await client.shutdown();`;
    const { stdout } = await ended(start(sink.url, program));
    const sent = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).sent);
    expect(sent).toEqual([5, 10, 15, 16, 16]);
    expect(spanIds(sink)).toHaveLength(16);
  });

  it('that cannot work where threads are not allowed, does not stop the delivery from this thread', async () => {
    const sink = await startServer();
    const program = `client.span({ name: 'first' }).end();
      await client.flush();
      make(5);
      client.flushSync(50);
      console.log(JSON.stringify(await client.flush()));`;
    const allowed = process.allowedNodeEnvironmentFlags.has('--permission')
      ? '--permission'
      : '--experimental-permission';
    // Since Node.js 25 the network has to be allowed as well.
    const network = process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : [];
    const permissions = [allowed, '--allow-fs-read=*', ...network];
    const { stdout } = await ended(
      start(sink.url, program, { worker: false, flushAtExit: false }, permissions),
    );
    expect(JSON.parse(stdout.split('\n')[0] as string)).toMatchObject({ sent: 6, pending: 0 });
    expect(new Set(spanIds(sink)).size).toBe(6);
  });

  it('gives up at its deadline, and says what is pending', async () => {
    const program = `make(5); console.log(JSON.stringify(client.flushSync(200))); process.reallyExit(0);`;
    const { stdout } = await ended(start(await deadUrl(), program));
    expect(JSON.parse(stdout)).toMatchObject({ accepted: 5, sent: 0, failed: 0, pending: 5 });
  });
});
