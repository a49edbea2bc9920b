/** The commands import, export, tail and show, as somebody runs them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../dist/cli/main.js';
import { answersOf, ingest, server } from '../support/transfers.js';

const CLI = fileURLToPath(new URL('../../dist/bin/cli.js', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-transfer-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

interface Command {
  readonly child: ChildProcess;
  stdout: string;
  stderr: string;
  readonly code: Promise<number | null>;
}

function start(words: readonly string[], input?: string | Uint8Array): Command {
  const child = spawn(process.execPath, [CLI, ...words], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  const command: Command = {
    child,
    stdout: '',
    stderr: '',
    code: once(child, 'close').then(([code]) => {
      running.delete(child);
      return code as number | null;
    }),
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      command[name] += text;
    });
  }
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return command;
}

async function run(words: readonly string[], input?: string | Uint8Array) {
  const command = start(words, input);
  const code = await command.code;
  return { code, stdout: command.stdout, stderr: command.stderr };
}

async function printed(command: Command, from: 'stdout' | 'stderr', pattern: RegExp): Promise<void> {
  while (!pattern.test(command[from])) {
    const ended = command.code.then((code) => {
      if (!pattern.test(command[from])) throw new Error(`ended with ${code}: ${command.stderr}`);
    });
    await Promise.race([once(command.child[from] as NodeJS.ReadableStream, 'data'), ended]);
  }
}

const at = '2026-01-15T12:00:00.000Z';
const later = '2026-01-15T12:00:01.500Z';
const event = (type: string, body: object) => ({ id: `${type}-${Math.random()}`, type, timestamp: at, body });
const HOSTILE = '\u001b[2J\u009b31m\u202eevil\u0007\r\n';

const events = (id: string) => [
  event('trace-create', { id, name: `shop ${HOSTILE}`, userId: 'u' }),
  event('agent-create', { id: `${id}-a`, traceId: id, name: 'agent', startTime: at, endTime: later }),
  event('generation-create', {
    ...{
      id: `${id}-g`,
      traceId: id,
      parentObservationId: `${id}-a`,
      name: `answer ${HOSTILE}`,
      model: 'gpt-4o',
    },
    ...{
      startTime: at,
      endTime: later,
      input: [{ role: 'user', content: 'Where?' }],
      output: `In Ghent. ${HOSTILE}`,
    },
    ...{ usageDetails: { input: 1000, output: 20 }, level: 'ERROR', statusMessage: `too slow ${HOSTILE}` },
  }),
  event('score-create', { id: `${id}-s`, traceId: id, name: 'reward', value: 0 }),
];

const ESCAPE = String.fromCharCode(27);
const COLOURS = new RegExp(`${ESCAPE}\\[\\d+m`, 'g');

/** No character that a terminal acts upon, but the line's end and colours. */
const isHarmless = (text: string) => !/(?!\n)[\p{Cc}\u202a-\u202e]/u.test(text.replaceAll(COLOURS, ''));

describe('import and export', () => {
  it('bring all traces of a folder to another one, gzipped or not', async () => {
    const source = await server();
    await ingest(source, [...events('t1'), ...events('t2')]);
    const file = join(folder, 'all.jsonl');
    const out = await run(['export', '--url', source.url, '--out', file]);
    expect(out).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/^2 traces, 4 observations, 2 scores exported to /),
    });
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));
    const target = await server();
    const into = await run(['import', `${file}.gz`, '--url', target.url]);
    expect(into).toMatchObject({ code: 0, stderr: '' });
    expect(into.stdout).toMatch(
      /all\.jsonl\.gz: 2 traces, 4 observations, 2 scores stored in the server at http/,
    );
    expect(await answersOf(target)).toEqual(await answersOf(source));
    // Into a folder that no server runs on, from standard input, and out of it.
    const piped = await run(['import', '-', '--data', 'kept'], readFileSync(file));
    expect(piped).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/standard input: 2 traces.* stored in the folder kept/),
    });
    const again = await run(['export', '--data', 'kept', '--trace', 't2', '--format', 'conversations']);
    expect(JSON.parse(again.stdout)).toMatchObject({
      id: 't2',
      messages: [{ content: 'Where?' }, { role: 'assistant' }],
    });
  });

  it('names what is refused by its line, stores the rest, and ends with 1', async () => {
    const target = await server();
    const lines = [
      '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}',
      'not json',
      '',
      '{"a":1}',
    ];
    const { code, stdout, stderr } = await run(['import', '-', '--url', target.url], lines.join('\n'));
    expect(code).toBe(1);
    expect(stderr).toContain('standard input, line 2: it is not JSON');
    expect(stderr).toContain('line 4: it is none of');
    expect(stdout).toContain('1 trace, 1 observation stored');
    expect(stdout).toContain('2 refused');
  });

  it('say which file, option or server is wrong', async () => {
    expect(await run(['import'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('import needs a FILE'),
    });
    expect(await run(['import', 'none.jsonl'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"none.jsonl" cannot be read: there is no such file'),
    });
    expect(await run(['export', '--format', 'xml'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('replay, otlp, conversations'),
    });
    expect(await run(['export', '--filter', 'colour=red'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"colour"'),
    });
    expect(await run(['export', '--data', 'nowhere'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nowhere'),
    });
    const target = await server();
    expect(await run(['export', '--url', target.url, '--filter', 'minCost=much'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('minCost must be'),
    });
    expect(await run(['show'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('show needs a TRACE'),
    });
    expect(await run(['tail', '--filter', 'q=x'])).toMatchObject({ code: 2 });
    for (const name of ['import', 'export', 'tail', 'show']) {
      expect((await run([name, '--help'])).stdout).toMatch(new RegExp(`^tailrace ${name} `));
      expect((await run(['help', name])).stdout).toMatch(new RegExp(`^tailrace ${name} `));
    }
  });
});

/** A terminal whose text is kept. */
function terminal(onText: (text: string) => void = () => {}) {
  const written = { stdout: '', stderr: '' };
  const controller = new AbortController();
  const output = (name: keyof typeof written) => ({
    isTTY: true,
    columns: 120,
    write(text: string | Uint8Array, done?: () => void) {
      written[name] += Buffer.from(text as string).toString();
      onText(written[name]);
      done?.();
    },
  });
  const io = { stdout: output('stdout'), stderr: output('stderr'), env: {}, interrupt: controller.signal };
  return { io, written, interrupt: () => controller.abort('SIGINT') };
}

describe('show', () => {
  it('prints a tree on a terminal, in colours, and no text of a trace moves the cursor', async () => {
    const source = await server();
    await ingest(source, events('trace-one'));
    const { io, written } = terminal();
    expect(await main(['show', 'trace-', '--url', source.url], io)).toBe(0);
    const plain = written.stdout.replaceAll(COLOURS, '');
    expect(plain).toContain('1 error');
    expect(plain).toContain('score reward = 0');
    expect(plain).toMatch(
      /└─ agent {2}agent {2}1\.50 s\n {3}└─ generation {2}answer .*1,020 tok · .*gpt-4o {2}✗ ERROR: too slow/,
    );
    expect(isHarmless(written.stdout)).toBe(true);
    const one = terminal();
    expect(
      await main(['show', 'last-error', '--observation', 'trace-one-g', '--url', source.url], one.io),
    ).toBe(0);
    expect(one.written.stdout).toContain('"content": "Where?"');
    expect(isHarmless(one.written.stdout)).toBe(true);
  });

  it('prints the API’s answer when piped, and says if a text names no trace or several', async () => {
    const source = await server();
    await ingest(source, [...events('aa1'), ...events('aa2')]);
    const { stdout, code } = await run(['show', 'aa1', '--url', source.url]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id: 'aa1', observations: [{ id: 'aa1-a' }, { id: 'aa1-g' }] });
    expect(isHarmless(stdout)).toBe(true);
    const { stdout: observation } = await run(['show', 'aa2', '--observation', 'aa2-g', '--url', source.url]);
    expect(JSON.parse(observation)).toMatchObject({ id: 'aa2-g', traceId: 'aa2' });
    expect(await run(['show', 'aa', '--url', source.url])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('aa1, aa2'),
    });
    expect(await run(['show', 'zz', '--url', source.url])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"zz"'),
    });
    expect(await run(['show', 'last', '--observation', 'none', '--url', source.url])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has no observation "none"'),
    });
  });
});

describe('tail', { timeout: 60_000 }, () => {
  it('prints what arrives as JSON lines when piped, and only what a filter leaves', async () => {
    const source = await server();
    await ingest(source, events('before'));
    const all = start(['tail', '--url', source.url]);
    const failed = start(['tail', '--errors', '--filter', 'user=u', '--url', source.url]);
    await Promise.all([printed(all, 'stderr', /following/), printed(failed, 'stderr', /following/)]);
    // The stream is open when the first question has been answered.
    await ingest(source, events('after'));
    await ingest(source, [
      event('trace-create', { id: 'last', name: 'end' }),
      event('event-create', { id: 'last-e', traceId: 'last', name: 'end', level: 'ERROR' }),
    ]);
    await Promise.all([printed(all, 'stdout', /last-e/), printed(failed, 'stdout', /after-g/)]);
    all.child.kill('SIGINT');
    failed.child.kill('SIGINT');
    expect(await all.code).toBe(0);
    const lines = all.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ kind, id }) => `${kind} ${id}`).sort()).toEqual([
      'observation after-a',
      'observation after-g',
      'observation last-e',
      'trace after',
      'trace last',
    ]);
    expect(lines.find(({ id }) => id === 'after-g')).toMatchObject({
      level: 'ERROR',
      durationMs: 1500,
      tokens: 1020,
      startTime: at,
    });
    expect(isHarmless(all.stdout)).toBe(true);
    await failed.code;
    const ids = failed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(ids).toContain('after-g');
    expect(ids).not.toContain('after-a');
    expect(ids).not.toContain('last-e');
  });

  it('prints an observation when it has ended, and waits for a server that comes back', async () => {
    const dev = start(['dev', '--quiet', '--data', 'tailed', '--port', '0']);
    await printed(dev, 'stdout', /LANGFUSE_BASE_URL=(\S+)/);
    const url = /LANGFUSE_BASE_URL=(\S+)/.exec(dev.stdout)?.[1] as string;
    const tail = start(['tail', '--data', 'tailed']);
    await printed(tail, 'stderr', /following/);
    const open = { id: 'g', traceId: 't', name: 'slow', startTime: at };
    await ingest({ url } as never, [
      event('trace-create', { id: 't', name: 'n' }),
      event('generation-create', open),
    ]);
    await printed(tail, 'stdout', /"kind":"trace"/);
    expect(tail.stdout).not.toContain('slow');
    await ingest({ url } as never, [event('generation-update', { id: 'g', traceId: 't', endTime: later })]);
    await printed(tail, 'stdout', /slow/);
    dev.child.kill('SIGTERM');
    await dev.code;
    const again = start(['dev', '--quiet', '--data', 'tailed', '--port', '0']);
    await printed(again, 'stdout', /LANGFUSE_BASE_URL=(\S+)/);
    const newUrl = /LANGFUSE_BASE_URL=(\S+)/.exec(again.stdout)?.[1] as string;
    await printed(tail, 'stderr', /following.*\n.*gone.*\n.*following/);
    await ingest({ url: newUrl } as never, [event('trace-create', { id: 'u', name: 'after the restart' })]);
    await printed(tail, 'stdout', /after the restart/);
    again.child.kill('SIGTERM');
    tail.child.kill('SIGINT');
    expect(await tail.code).toBe(0);
  });

  it('prints a line each on a terminal, which no text of a trace moves', async () => {
    const source = await server();
    let isReady = () => {};
    const ready = new Promise<void>((resolve) => {
      isReady = resolve;
    });
    let isDone = () => {};
    const done = new Promise<void>((resolve) => {
      isDone = resolve;
    });
    const { io, written, interrupt } = terminal((text) => {
      if (text.includes('following')) isReady();
      if (text.includes('too slow')) isDone();
    });
    const tail = main(['tail', '--url', source.url], io);
    await ready;
    await ingest(source, events('t'));
    await done;
    interrupt();
    expect(await tail).toBe(0);
    expect(isHarmless(written.stdout)).toBe(true);
    expect(written.stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(written.stdout).toMatch(/ERROR: too slow .*evil/);
  });
});
