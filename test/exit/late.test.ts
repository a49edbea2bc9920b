/** What is traced at the last moment, by listeners for `exit` that come after ours, is delivered too, or counted and named. */
import { describe, expect, it } from 'vitest';
import { deadUrl, ended, spanIds, start, startServer } from '../support/processes.js';

const LATE = `process.on('exit', () => make(2)); process.on('exit', () => client.span({ name: 'open' }));`;

/** As signal-exit does it: with what it found when it was imported, it bypasses whoever came in between. */
const REPLACE_EMIT = `process.emit = (event, ...rest) => emitBefore.call(process, event, ...rest);`;

const ENDS: Record<string, { code: string; ends: [number | null, string | null] }> = {
  'at a natural end': { code: '', ends: [0, null] },
  'at a natural end with an exit code': { code: 'process.exitCode = 5;', ends: [5, null] },
  'at process.exit()': { code: 'process.exit(3);', ends: [3, null] },
  'at an uncaught error': { code: 'throw new Error("boom");', ends: [1, null] },
  'where a listener ends the process at once': {
    code: `process.on('exit', () => process.exit(6)); process.on('exit', () => console.log('never')); process.exit(3);`,
    ends: [6, null],
  },
  'where a listener throws': {
    code: `process.on('exit', () => { throw new Error('boom'); });`,
    ends: [1, null],
  },
  'where somebody replaces process.emit with what was there before, at a natural end': {
    code: REPLACE_EMIT,
    ends: [0, null],
  },
  'where somebody replaces process.emit with what was there before, at process.exit()': {
    code: `${REPLACE_EMIT} process.exit(3);`,
    ends: [3, null],
  },
};

describe('events of late listeners', () => {
  it.each(Object.entries(ENDS))('arrive %s', async (_, { code, ends }) => {
    const sink = await startServer();
    const program = `make(5); ${LATE} ${code}`;
    const before = 'const emitBefore = EMIT_BEFORE;';
    const result = await ended(
      start(
        sink.url,
        program,
        { exitTimeoutMs: 50_000 },
        ['--import', 'data:text/javascript,globalThis.EMIT_BEFORE=process.emit'],
        before,
      ),
    );
    expect(result.ends).toEqual(ends);
    expect(result.stdout).toBe('');
    expect(result.stderr).not.toContain('[tailrace]');
    expect(new Set(spanIds(sink)).size).toBe(8);
  });

  it('arrive where a listener before ours ends the process at once', async () => {
    const sink = await startServer();
    const first = `process.prependListener('exit', () => { make(1); process.exit(4); });`;
    const result = await ended(
      start(sink.url, `make(5); process.exit(0);`, { exitTimeoutMs: 50_000 }, [], first),
    );
    expect(result.ends).toEqual([4, null]);
    expect(spanIds(sink)).toHaveLength(6);
  });

  it('are counted and named where no server takes them, within the time that all may take', async () => {
    const program = `make(5); let startedAt;
      process.prependListener('exit', () => { startedAt = performance.now(); });
      ${LATE}
      process.on('exit', () => console.log(JSON.stringify(client.stats())));
      const { reallyExit } = process;
      process.reallyExit = (code) => {
        console.log(JSON.stringify(client.stats()));
        reallyExit.call(process, code);
      };
      process.exit(0);`;
    const { ends, stdout, stderr } = await ended(
      start(await deadUrl(), program, { exitTimeoutMs: 300 }, [], ''),
    );
    expect(ends).toEqual([0, null]);
    const [early, last] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(early).toMatchObject({ accepted: 7, failed: 5, pending: 2 });
    expect(last).toMatchObject({ accepted: 8, failed: 8, pending: 0 });
    expect(stderr.match(/the process ended with \d+ events undelivered/g)).toEqual([
      'the process ended with 5 events undelivered',
      'the process ended with 3 events undelivered',
    ]);
  });

  it('arrive from a thread, when that ends', async () => {
    const sink = await startServer();
    const program = `import { Worker } from 'node:worker_threads';
      const source = \`import('tailrace').then(async ({ Tailrace }) => {
        const client = Tailrace.attach((await import('node:worker_threads')).workerData);
        client.span({ name: 'made' }).end();
        process.on('exit', () => client.span({ name: 'late' }).end());
        process.exit(0);
      })\`;
      new Worker(source, { eval: true, workerData: client.handle() });`;
    const { ends } = await ended(start(sink.url, program, { exitTimeoutMs: 50_000 }, [], ''));
    expect(ends).toEqual([0, null]);
    expect(spanIds(sink)).toHaveLength(2);
  });
});
