/** The folder of a spool that something happened to between two processes, or that is no folder, as an application sees it. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Bench, idsOf, startBench } from '../support/engines.js';
import { ok, status } from '../support/sink.js';
import { startThread } from '../support/threads.js';

const down = status(503);
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function newDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tailrace-spool-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function filesIn(dir: string): string[] {
  const names = readdirSync(dir, { recursive: true }) as string[];
  return names.map((name) => join(dir, name)).filter((path) => statSync(path).isFile());
}

/** How many events errors were told of. */
function countErrors({ engine }: Bench): { events: number } {
  const told = { events: 0 };
  engine.on('error', (_, detail) => {
    told.events += detail?.events ?? 0;
  });
  return told;
}

/** A folder with 60 events, which a client was told are spooled. Returns its segment. */
async function spoolSixty(spoolDir: string): Promise<string> {
  const { engine } = await startBench({ spoolDir, flushAt: 20, retryWindowMs: 0, answer: down });
  for (const id of range(60)) engine.push({ id });
  expect(await engine.shutdown()).toMatchObject({ accepted: 60, spooled: 60, pending: 0 });
  return filesIn(spoolDir).find((path) => path.endsWith('.segment')) ?? '';
}

describe('a spool that was closed, and cut since', () => {
  it.each([
    ['to nothing', 0],
    ['to a half', 0.5],
    ['by its last byte', 0.9999],
  ])('%s: what is left is sent, the rest is told and counted', async (_, part) => {
    const spoolDir = newDir();
    const segment = await spoolSixty(spoolDir);
    truncateSync(segment, Math.floor(statSync(segment).size * part));
    const bench = await startBench({ spoolDir });
    const told = countErrors(bench);
    const { recovered, unrecovered, accepted, failed } = await bench.engine.shutdown();
    expect(recovered + unrecovered).toBe(60);
    expect(unrecovered).toBeGreaterThanOrEqual(20);
    expect({ accepted, failed, told: told.events }).toEqual({ accepted: 0, failed: 0, told: unrecovered });
    expect(idsOf(bench.sink.requests)).toHaveLength(recovered);
    expect(bench.messages.error.join()).toContain('events of an earlier process not delivered: the segment');
    const [aside = ''] = filesIn(spoolDir);
    expect(aside).toMatch(/\.corrupt$/);
    expect(bench.messages.warning.join()).toContain(aside);
    const third = await startBench({ spoolDir });
    expect(await third.engine.shutdown()).toMatchObject({ recovered: 0, unrecovered: 0 });
    expect([third.messages.error, third.messages.warning]).toEqual([[], []]);
  });

  it('whose segment is gone: its events are told', async () => {
    const spoolDir = newDir();
    rmSync(await spoolSixty(spoolDir));
    const bench = await startBench({ spoolDir });
    const told = countErrors(bench);
    expect(await bench.engine.shutdown()).toMatchObject({ recovered: 0, unrecovered: 60 });
    expect(told.events).toBe(60);
    expect(readdirSync(spoolDir)).toEqual([]);
  });

  it('and refused by the server: what is told is counted', async () => {
    const spoolDir = newDir();
    await spoolSixty(spoolDir);
    const bench = await startBench({ spoolDir, answer: status(400) });
    const told = countErrors(bench);
    expect(await bench.engine.shutdown()).toMatchObject({ recovered: 0, unrecovered: 60, failed: 0 });
    expect(told.events).toBe(60);
  });
});

describe.skipIf(process.platform === 'win32')('what is in the folder and not of the spool', () => {
  it('hangs nobody, and is left', async () => {
    const spoolDir = newDir();
    const segment = await spoolSixty(spoolDir);
    const victim = join(newDir(), 'victim');
    writeFileSync(victim, 'not yours');
    const fifo = join(dirname(segment), '000000000000001-000000000.segment');
    execFileSync('mkfifo', [fifo, join(spoolDir, '0123456789ab.free.0123456789ab')]);
    symlinkSync(victim, segment.replace(/(-\d+)\..*$/, '$1.acks'));
    const { engine, messages } = await startBench({ spoolDir });
    engine.push({ id: 'new' });
    expect(await engine.shutdown()).toMatchObject({ sent: 1, recovered: 60, unrecovered: 0 });
    for (const kind of ['a FIFO', 'a symbolic link']) expect(messages.warning.join()).toContain(`(${kind})`);
    expect(readFileSync(victim, 'utf8')).toBe('not yours');
    expect((readdirSync(spoolDir, { recursive: true }) as string[]).join()).toContain('000000000000001-');
  });

  it('may be put there by all who may write to it: a warning says so, once', async () => {
    const spoolDir = newDir();
    chmodSync(spoolDir, 0o777);
    const { engine, messages } = await startBench({ spoolDir });
    const threads = [1, 2].map(() => startThread({ engineHandle: engine.handle() }));
    for (const thread of threads) {
      await thread.call('push', 0, 1);
      await thread.call('flush');
    }
    await engine.shutdown();
    expect(messages.warning).toEqual([expect.stringContaining('chmod 700')]);
  });
});

describe('a folder that cannot be made', () => {
  it.skipIf(process.platform !== 'linux').each(['/proc/nope', '/proc/self/nope/deeper', '/dev/null/spool'])(
    '%s: one message, and delivery goes on without a spool',
    async (spoolDir) => {
      const { engine, messages, sink } = await startBench({ spoolDir, spool: 'always' });
      for (const id of range(10)) engine.push({ id });
      expect(await engine.flush()).toMatchObject({
        accepted: 10,
        sent: 10,
        spooled: 0,
        failed: 0,
        pending: 0,
      });
      sink.answer = down;
      engine.push({ id: 'late' });
      sink.answer = ok;
      expect(await engine.shutdown()).toMatchObject({ accepted: 11, sent: 11, pending: 0 });
      expect(messages.warning.filter((one) => one.includes('spool'))).toEqual([
        expect.stringContaining(`the spool in ${spoolDir} cannot be used, delivery goes on without it`),
      ]);
    },
  );
});

describe('what a thread has left on disk', () => {
  it.each(['shutdown', 'terminate', 'by itself'] as const)(
    'is counted once, and its client sends it (%s)',
    async (end) => {
      const { engine, sink } = await startBench({
        spoolDir: newDir(),
        answer: down,
        flushAt: 10,
        retryWindowMs: 0,
      });
      const thread = startThread({ engineHandle: engine.handle() });
      await thread.call('push', 0, 60);
      expect(await thread.call('flush')).toMatchObject({ accepted: 60, spooled: 60 });
      if (end === 'shutdown') {
        expect(await thread.call('shutdown')).toMatchObject({ accepted: 60, spooled: 60, pending: 0 });
      } else {
        await thread.end(end);
      }
      expect(engine.stats()).toMatchObject({ accepted: 60, spooled: 60, pending: 0, recovered: 0 });
      const refused = sink.requests.length;
      sink.answer = ok;
      while (engine.stats().spooled > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(engine.stats()).toMatchObject({ accepted: 60, sent: 60, failed: 0, pending: 0, recovered: 0 });
      expect(new Set(idsOf(sink.requests.slice(refused)))).toEqual(new Set(range(60)));
    },
  );

  it('and the server then refuses is counted as failed', async () => {
    const { engine, sink } = await startBench({ spoolDir: newDir(), answer: down, retryWindowMs: 0 });
    const thread = startThread({ engineHandle: engine.handle() });
    await thread.call('push', 0, 10);
    await thread.call('shutdown');
    sink.answer = status(400);
    while (engine.stats().spooled > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(engine.stats()).toMatchObject({ accepted: 10, sent: 0, failed: 10, pending: 0, unrecovered: 0 });
  });

  it('is left to the next process with what its client has, and counted there once', async () => {
    const spoolDir = newDir();
    const first = await startBench({ spoolDir, answer: down, retryWindowMs: 0 });
    const thread = startThread({ engineHandle: first.engine.handle() });
    await thread.call('push', 0, 30);
    await thread.call('shutdown');
    for (const id of range(10)) first.engine.push({ id: 30 + id });
    expect(await first.engine.shutdown()).toMatchObject({ accepted: 40, spooled: 40, pending: 0 });
    const second = await startBench({ spoolDir });
    expect(await second.engine.shutdown()).toMatchObject({ recovered: 40, unrecovered: 0 });
    expect(idsOf(second.sink.requests)).toHaveLength(40);
    expect(readdirSync(spoolDir)).toEqual([]);
  });
});

it('maxSpoolBytes bounds the folder of a client with many threads', async () => {
  const spoolDir = newDir();
  const maxSpoolBytes = 1024 * 1024;
  const { engine } = await startBench({
    spoolDir,
    maxSpoolBytes,
    answer: down,
    flushAt: 5,
    retryWindowMs: 0,
    maxInFlight: 2,
  });
  const threads = range(4).map(() => startThread({ engineHandle: engine.handle() }));
  const text = 'x'.repeat(20_000);
  for (const round of range(4)) {
    await Promise.all(threads.map((thread) => thread.call('push', 10 * round, 10, { text })));
    await Promise.all(threads.map((thread) => thread.call('flush')));
    const bytes = filesIn(spoolDir).reduce((sum, path) => sum + statSync(path).size, 0);
    expect(bytes).toBeLessThanOrEqual(maxSpoolBytes);
  }
  const { accepted, spooled, failed, pending } = await engine.flush();
  expect({ accepted, pending, rest: spooled + failed }).toEqual({ accepted: 160, pending: 0, rest: 160 });
  expect(spooled * text.length).toBeGreaterThan(maxSpoolBytes / 4);
});
