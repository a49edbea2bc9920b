/** The spool in the built package: what cannot be delivered is on disk, and arrives once the server answers. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asLangfuse, startClient } from '../support/clients.js';
import { type Bench, eventsOf, idsOf, startBench } from '../support/engines.js';
import { decodeRequest } from '../support/otlp.js';
import { ok, startSink, status } from '../support/sink.js';
import { killSpoolers } from '../support/spool-kills.mjs';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const down = status(503);

function newDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tailrace-spool-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function filesIn(dir: string): string[] {
  const names = readdirSync(dir, { recursive: true }) as string[];
  return names.map((name) => join(dir, name)).filter((path) => statSync(path).isFile());
}

/** Resolves once the engine's spool is empty. */
async function delivered({ engine }: Bench): Promise<void> {
  while (engine.stats().spooled > 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a server that does not answer', () => {
  it('does not hold up a flush: the events are on disk, and sent when it does', async () => {
    const bench = await startBench({ spoolDir: newDir(), flushAt: 10, answer: down });
    const { engine, sink, messages } = bench;
    for (const id of range(100)) engine.push({ id });
    expect(await engine.flush()).toMatchObject({
      accepted: 100,
      sent: 0,
      failed: 0,
      spooled: 100,
      pending: 0,
    });
    expect(messages.warning.join()).toContain('are kept in');
    const refused = sink.requests.length;
    sink.answer = ok;
    await delivered(bench);
    expect(engine.stats()).toMatchObject({ accepted: 100, sent: 100, failed: 0, spooled: 0, pending: 0 });
    expect(new Set(idsOf(sink.requests.slice(refused)))).toEqual(new Set(range(100)));
    expect(messages.error).toEqual([]);
  });

  it('does not fill the ring: what is stuck in it goes to disk', async () => {
    const bench = await startBench({
      spoolDir: newDir(),
      ringBytes: 65_536,
      flushAt: 50,
      requestTimeoutMs: 500,
      answer: () => {},
    });
    const { engine, sink } = bench;
    for (const id of range(3000)) {
      await engine.ready();
      expect(engine.push({ id, text: 'x'.repeat(200) })).toBe(true);
    }
    const { spooled, dropped, sent } = engine.stats();
    expect(dropped.total).toBe(0);
    expect(sent).toBe(0);
    expect(spooled).toBeGreaterThan(2000);
    sink.answer = ok;
    const result = await engine.shutdown();
    expect(result).toMatchObject({ accepted: 3000, failed: 0, pending: 0 });
    expect(result.sent + result.spooled).toBe(3000);
  });

  it('for longer than a batch is tried does not cost the batch', async () => {
    const bench = await startBench({ spoolDir: newDir(), retryWindowMs: 1, answer: down });
    bench.engine.push({ id: 1 });
    expect(await bench.engine.flush()).toMatchObject({ failed: 0, spooled: 1, pending: 0 });
    bench.sink.answer = ok;
    await delivered(bench);
    expect(bench.engine.stats()).toMatchObject({ sent: 1, spooled: 0 });
  });

  it('at shutdown leaves the events to the next client, and waits no longer than it may', async () => {
    const spoolDir = newDir();
    const first = await startBench({ spoolDir, flushTimeoutMs: 300, flushAt: 10, answer: () => {} });
    for (const id of range(95)) first.engine.push({ id });
    expect(await first.engine.shutdown()).toMatchObject({ accepted: 95, failed: 0, spooled: 95, pending: 0 });
    expect(first.messages.error).toEqual([]);
    const second = await startBench({ spoolDir });
    expect(await second.engine.shutdown()).toMatchObject({ accepted: 0, sent: 0, recovered: 95 });
    expect(idsOf(second.sink.requests).sort((a, b) => Number(a) - Number(b))).toEqual(range(95));
    expect(filesIn(spoolDir)).toEqual([]);
  });
});

describe('an event in the spool', () => {
  it('that the server refuses for good is counted as failed, and named', async () => {
    const bench = await startBench({ spoolDir: newDir(), answer: down });
    bench.engine.push({ id: 'bad' });
    await bench.engine.flush();
    bench.sink.answer = status(400);
    await delivered(bench);
    expect(bench.engine.stats()).toMatchObject({ sent: 0, failed: 1, spooled: 0, pending: 0 });
    // Counts are in shared memory, messages come by a port.
    await bench.engine.shutdown();
    expect(bench.messages.error).toEqual([expect.stringContaining('(bad): HTTP 400')]);
  });

  it('that the server takes later than the others of its request is sent with its own', async () => {
    const bench = await startBench({ spoolDir: newDir(), spool: 'always', answer: down });
    for (const id of range(4)) bench.engine.push({ id });
    await bench.engine.flush();
    const refused = bench.sink.requests.length;
    bench.sink.answer = (_, response, index) =>
      index > refused
        ? response.end()
        : response.writeHead(207).end(
            JSON.stringify([
              { index: 1, reason: 'busy', retryable: true },
              { index: 2, reason: 'never', retryable: false },
            ]),
          );
    await delivered(bench);
    expect(bench.engine.stats()).toMatchObject({ accepted: 4, sent: 3, failed: 1, spooled: 0, pending: 0 });
    expect(idsOf(bench.sink.requests.slice(refused + 1))).toEqual([1]);
  });

  it('in a request that is too large is sent in halves', async () => {
    const bench = await startBench({ spoolDir: newDir(), answer: down });
    for (const id of range(8)) bench.engine.push({ id });
    await bench.engine.flush();
    bench.sink.answer = ({ body }, response) =>
      response.writeHead(JSON.parse(body.toString()).length > 2 ? 413 : 200).end();
    await delivered(bench);
    expect(bench.engine.stats()).toMatchObject({ sent: 8, failed: 0, spooled: 0 });
  });

  it('holds no key', async () => {
    const spoolDir = newDir();
    const { client, sink } = await startClient({ spoolDir, publicKey: 'pk-1234', secretKey: 'sk-5678' });
    sink.answer = down;
    client.trace({ name: 'kept' }).score({ name: 'quality', value: 1 });
    expect(await client.flush()).toMatchObject({ spooled: 2, pending: 0 });
    const content = Buffer.concat(filesIn(spoolDir).map((path) => readFileSync(path)));
    expect(content.includes('kept')).toBe(true);
    for (const secret of ['sk-5678', 'pk-1234', btoa('pk-1234:sk-5678'), sink.url]) {
      expect(content.includes(secret), secret).toBe(false);
    }
    sink.answer = asLangfuse;
  });
});

describe("spool: 'always'", () => {
  it('writes a batch before it is sent, and it is gone when the server has it', async () => {
    const spoolDir = newDir();
    const onDisk: boolean[] = [];
    const { engine } = await startBench({
      spoolDir,
      spool: 'always',
      answer({ body }, response) {
        const [{ id }] = JSON.parse(body.toString());
        onDisk.push(filesIn(spoolDir).some((path) => readFileSync(path).includes(id)));
        response.end();
      },
    });
    engine.push({ id: 'an-id-to-look-for' });
    expect(await engine.flush()).toMatchObject({ sent: 1, spooled: 0 });
    expect(onDisk).toEqual([true]);
    await engine.shutdown();
    expect(readdirSync(spoolDir)).toEqual([]);
  });
});

describe('a worker that dies', () => {
  it.each(['failed', 'always'] as const)(
    'leaves its spool to its successor (%s), and the counts add up',
    async (spool) => {
      const bench = await startBench({ spoolDir: newDir(), spool, trouble: 1, flushAt: 10, answer: down });
      const { engine, sink, messages } = bench;
      for (const id of range(50)) engine.push({ id });
      expect(await engine.flush()).toMatchObject({ spooled: 50 });
      for (const id of range(50)) engine.push({ id: 50 + id, ...(id === 45 && { trouble: 'exit' }) });
      const { accepted, spooled, pending, failed } = await engine.flush();
      expect({ accepted, spooled, pending, failed }).toEqual({
        accepted: 100,
        spooled: 100,
        pending: 0,
        failed: 0,
      });
      expect(messages.warning.join()).toContain('starting another');
      const refused = sink.requests.length;
      sink.answer = ok;
      await delivered(bench);
      expect(engine.stats()).toMatchObject({ sent: 100, failed: 0, spooled: 0, pending: 0, recovered: 0 });
      expect(new Set(idsOf(sink.requests.slice(refused)))).toEqual(new Set(range(100)));
    },
  );

  it('had spooled what is still on the ring behind something else: it is neither sent nor counted twice', async () => {
    // The first batch has no end, the others are refused and spooled: none of them has left the ring.
    const bench = await startBench({
      spoolDir: newDir(),
      trouble: 1,
      flushAt: 5,
      answer: ({ body }, response) => {
        if (!body.toString().includes('"id":0,')) response.writeHead(503).end();
      },
      flushTimeoutMs: 600,
    });
    const { engine, sink } = bench;
    for (const id of range(20)) engine.push({ id, text: '' });
    expect(await engine.flush()).toMatchObject({ pending: 20 });
    sink.answer = ok;
    const before = sink.requests.length;
    engine.push({ id: 20, trouble: 'exit' });
    while (engine.stats().sent < 21) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(engine.stats()).toMatchObject({ accepted: 21, sent: 21, failed: 0, spooled: 0, pending: 0 });
    expect(new Set(idsOf(sink.requests.slice(before)))).toEqual(new Set(range(21)));
  });
});

describe('on the calling thread', () => {
  it('the spool works as well', async () => {
    const bench = await startBench({ spoolDir: newDir(), worker: false, answer: down });
    for (const id of range(10)) bench.engine.push({ id });
    expect(await bench.engine.flush()).toMatchObject({ spooled: 10 });
    bench.sink.answer = ok;
    await delivered(bench);
    expect(bench.engine.stats()).toMatchObject({ sent: 10 });
  });
});

describe('two clients of a process with one folder', () => {
  it('each send what is theirs', async () => {
    const spoolDir = newDir();
    const benches = [
      await startBench({ spoolDir, answer: down }),
      await startBench({ spoolDir, answer: down }),
    ];
    for (const [index, { engine }] of benches.entries()) {
      for (const id of range(20)) engine.push({ id: `${index}/${id}` });
      expect(await engine.flush()).toMatchObject({ spooled: 20 });
    }
    for (const bench of benches) {
      const refused = bench.sink.requests.length;
      bench.sink.answer = ok;
      await delivered(bench);
      expect(bench.engine.stats()).toMatchObject({ sent: 20, recovered: 0 });
      expect(idsOf(bench.sink.requests.slice(refused))).toHaveLength(20);
    }
  });
});

describe('the next process', () => {
  const program = (spoolDir: string, url: string, source: string) =>
    run(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { Tailrace } from 'tailrace';
         const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: '${url}', spoolDir: '${spoolDir}', logLevel: 'none' });
         ${source}`,
      ],
      { cwd: ROOT, timeout: 50_000 },
    ).then(({ stdout }) => JSON.parse(stdout));
  const namesIn = (bodies: readonly Buffer[]) =>
    bodies.flatMap((body) => decodeRequest(body).spans.map(({ name }) => name)).sort();

  it('sends what the one before could not, once', async () => {
    const spoolDir = newDir();
    const sink = await startSink(down);
    onTestFinished(() => sink.close());
    const write = `for (let i = 0; i < 30; i++) client.trace({ name: 'from ' + process.pid + ' ' + i });
      const { spooled } = await client.flush();
      console.log(JSON.stringify({ spooled, pid: process.pid }));
      process.exit();`;
    const { spooled, pid } = await program(spoolDir, sink.url, write);
    expect(spooled).toBe(30);
    const refused = sink.requests.length;
    sink.answer = asLangfuse;
    const read = 'console.log(JSON.stringify(await client.shutdown()));';
    // Two at once: each event is taken by one of them.
    const results = await Promise.all([program(spoolDir, sink.url, read), program(spoolDir, sink.url, read)]);
    expect(results[0].recovered + results[1].recovered).toBe(30);
    const taken = sink.requests.slice(refused).map(({ body }) => body);
    expect(namesIn(taken)).toEqual(
      range(30)
        .map((i) => `from ${pid} ${i}`)
        .sort(),
    );
    expect(filesIn(spoolDir)).toEqual([]);
  });

  it('is not taken down by a segment that was damaged: it is set aside and named', async () => {
    const spoolDir = newDir();
    const first = await startBench({ spoolDir, flushAt: 5, flushTimeoutMs: 1000, answer: down });
    for (const id of range(20)) first.engine.push({ id });
    await first.engine.shutdown();
    const [path = ''] = filesIn(spoolDir).filter((name) => name.endsWith('.segment'));
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.byteLength - 3) ^ 1, bytes.byteLength - 3);
    writeFileSync(path, bytes);
    const { engine, messages } = await startBench({ spoolDir });
    expect(await engine.shutdown()).toMatchObject({ recovered: 15, failed: 0 });
    const [aside = ''] = filesIn(spoolDir);
    expect(aside).toMatch(/\.corrupt$/);
    expect(messages.warning.join()).toContain(aside);
  });
});

describe('a spool that is full', () => {
  it('gives up its oldest events, counted and named', async () => {
    const bench = await startBench({
      spoolDir: newDir(),
      maxSpoolBytes: 1024 * 1024,
      maxInFlight: 2,
      flushAt: 10,
      answer: down,
    });
    const { engine, sink, messages } = bench;
    for (const round of range(6)) {
      for (const id of range(20)) engine.push({ id: round * 20 + id, text: 'x'.repeat(20_000) });
      await engine.flush();
    }
    const { accepted, spooled, failed, pending } = engine.stats();
    expect({ accepted, pending }).toEqual({ accepted: 120, pending: 0 });
    expect(failed).toBeGreaterThanOrEqual(40);
    expect(spooled).toBe(120 - failed);
    expect(messages.error.join()).toContain('the spool is full');
    const refused = sink.requests.length;
    sink.answer = ok;
    await delivered(bench);
    const sent = new Set(idsOf(sink.requests.slice(refused)));
    expect(sent.has(119)).toBe(true);
    expect(engine.stats()).toMatchObject({ accepted: 120, spooled: 0, pending: 0 });
  });
});

describe('a disk that cannot be written to', () => {
  it.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')(
    'because it is full: delivery goes on without a spool',
    async () => {
      const spoolDir = join(newDir(), 'small');
      mkdirSync(spoolDir);
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', spoolDir], { stdio: 'ignore' });
      } catch {
        return; // Not every container may.
      }
      onTestFinished(() => void execFileSync('umount', ['-l', spoolDir]));
      const { engine, sink, messages } = await startBench({ spoolDir, spool: 'always', compression: 'none' });
      for (const id of range(100)) engine.push({ id, text: 'x'.repeat(5_000) });
      expect(await engine.flush()).toMatchObject({ sent: 100, failed: 0, spooled: 0, pending: 0 });
      expect(eventsOf(sink.requests)).toHaveLength(100);
      expect(messages.warning).toEqual([expect.stringContaining('ENOSPC')]);
    },
  );

  it('because it is none: the events are tried as without a spool', async () => {
    const spoolDir = join(newDir(), 'file');
    writeFileSync(spoolDir, '');
    const { engine, messages, sink } = await startBench({ spoolDir, answer: down, flushTimeoutMs: 500 });
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ pending: 1, spooled: 0 });
    sink.answer = ok;
    while (engine.stats().sent < 1) await engine.flush();
    expect(messages.warning.join()).toContain('delivery goes on without it');
  });
});

it('kill -9 at random moments loses nothing that was safe', async () => {
  const { events, missing, twice, wrong, left } = await killSpoolers(12);
  expect({ missing, twice, wrong, left }).toEqual({ missing: [], twice: [], wrong: [], left: [] });
  expect(events).toBeGreaterThan(0);
});
