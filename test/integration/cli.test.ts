import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../dist/cli/demo/summary.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const WRONG_EVENT = new URL('../support/wrong-event.mjs', import.meta.url).href;
const AIRLINE = fileURLToPath(new URL('../../../shared/data/airline-agent-runs.jsonl', import.meta.url));

interface Command {
  readonly child: ChildProcess;
  stdout: string;
  stderr: string;
  readonly exitCode: Promise<number | null>;
}

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

function start(...words: string[]): Command {
  return startNode([CLI, ...words]);
}

function startNode(words: string[], env: NodeJS.ProcessEnv = process.env, cwd = folder): Command {
  // `tailrace dev` keeps what it receives in the folder that it is started in.
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env, cwd });
  running.add(child);
  const closed = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  const command: Command = { child, stdout: '', stderr: '', exitCode: closed };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    command.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    command.stderr += text;
  });
  return command;
}

/** Runs the command to its end. */
async function run(...words: string[]) {
  const command = start(...words);
  const code = await command.exitCode;
  return { code, stdout: command.stdout, stderr: command.stderr };
}

function lastLine(stdout: string): Summary {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) as string);
}

/** Resolves when standard output has come to match. */
function printed(command: Command, pattern: RegExp): Promise<RegExpMatchArray> {
  return matched(command, 'stdout', pattern);
}

/** The same for standard error. */
function saidOnError(command: Command, pattern: RegExp): Promise<RegExpMatchArray> {
  return matched(command, 'stderr', pattern);
}

async function matched(command: Command, from: 'stdout' | 'stderr', pattern: RegExp) {
  for (;;) {
    const match = command[from].match(pattern);
    if (match !== null) return match;
    const ended = command.exitCode.then((code) => {
      if (!pattern.test(command[from])) throw new Error(`ended with ${code}: ${command.stderr}`);
    });
    await Promise.race([once(command.child[from]!, 'data'), ended]);
  }
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, ...lines: unknown[]): string {
  const path = join(folder, name);
  const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  writeFileSync(path, `${texts.join('\n')}\n`);
  return path;
}

/** Resolves when the server has stored traces with these ids. */
async function ingest(url: string, ids: string[], fields = {}): Promise<void> {
  const timestamp = '2026-01-15T12:00:00Z';
  const batch = ids.map((id) => ({
    id: `event-${id}`,
    type: 'trace-create',
    timestamp,
    body: { id, name: 'n', ...fields },
  }));
  const response = await fetch(`${url}/api/public/ingestion`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('a:b')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch }),
  });
  expect(await response.json()).toMatchObject({ errors: [] });
}

const talk = (reward: number) => ({
  id: `talk-${reward}`,
  model: 'gpt-4o',
  messages: [
    { role: 'system', content: 'You are brief.' },
    { role: 'user', content: 'Where is my parcel?' },
    { role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'track', arguments: '{"n":7}' } }] },
    { role: 'tool', tool_call_id: 'c', content: 'in Ghent' },
    { role: 'assistant', content: 'In Ghent.' },
  ],
  scores: [{ name: 'reward', value: reward }],
});

describe('tailrace demo --once', () => {
  it('fails with a line for each complaint of the receiver', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    server.close();
    await once(server, 'close');
    const words = ['--import', WRONG_EVENT, CLI, 'demo', '--once', '--json', '--port', port];
    const command = startNode(words, { ...process.env, RECEIVER_PORT: port });
    expect(await command.exitCode).toBe(1);
    expect(command.stderr).toContain(
      'tailrace: dropped (level-refused) in t/o: level must be one of DEBUG, DEFAULT, WARNING, ERROR, but got "FATAL"',
    );
    expect(lastLine(command.stdout).complaints).toBeGreaterThanOrEqual(1);
  });

  it('traces the sample agent, and the receiver stores all of it', async () => {
    const { code, stdout, stderr } = await run('demo', '--once', '--json');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const { traces, observations, scores, sent, failed, dropped, skipped, stored, warm } = lastLine(stdout);
    const { total, ...byType } = observations;
    expect(Object.values(byType).reduce((sum, count) => sum + count)).toBe(total);
    expect(sent).toBe(traces + total + scores.count);
    expect({ failed, dropped, skipped }).toEqual({ failed: 0, dropped: 0, skipped: 0 });
    expect(stored).toEqual({ traces, observations: total, scores: scores.count });
    // Measured beside the run, of which it changes nothing.
    expect(warm?.warmUpEvents).toBeGreaterThanOrEqual(205);
    expect(warm?.events).toBeGreaterThanOrEqual(200 * (warm?.passes ?? Number.NaN));
    expect(warm?.medianMicrosPerEvent).toBeGreaterThan(0);
    expect(traces).toBeGreaterThanOrEqual(8);
    expect(Object.keys(byType)).toEqual(
      expect.arrayContaining(['agent', 'generation', 'tool', 'retriever', 'guardrail', 'event', 'span']),
    );
    expect(Object.keys(scores.mean)).toEqual(expect.arrayContaining(['user-rating', 'resolved']));
  });

  it('says the same to people', async () => {
    const { code, stdout } = await run('demo', '--once');
    expect(code).toBe(0);
    expect(stdout).toMatch(/traces +10\n/);
    expect(stdout).toMatch(/failed 0 · dropped 0/);
    expect(stdout).toMatch(
      /main thread +[\d,.]+ µs {3}per event, warm: median of \d+ passes, mean [\d,.]+( \(this machine is busy\))?\n +\([\d,]+ more events like these, not sent, after [\d,]+ to warm up\)\n +[\d,.]+ µs {3}per event, from a cold start: mean of the 205 of this run\n/,
    );
    expect(stdout).toMatch(/the receiver stored all that was traced/);
    expect(stdout).toMatch(/Page: http:\/\/127\.0\.0\.1:\d+/);
  });

  it('replays conversations', async () => {
    const { code, stdout, stderr } = await run(
      'demo',
      file('two.jsonl', talk(1), talk(0)),
      '--once',
      '--json',
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(lastLine(stdout)).toMatchObject({
      traces: 2,
      observations: { total: 6, generation: 4, tool: 2 },
      scores: { count: 2, mean: { reward: 0.5 } },
      sent: 10,
      failed: 0,
      dropped: 0,
      stored: { traces: 2, observations: 6, scores: 2 },
      // Of each talk 20 + 6 and 37 + 4 tokens, at 2.50 and 10 dollars for a million: no line gives any.
      usage: {
        generations: 4,
        tokens: { sum: 134, estimated: 4, unknown: 0 },
        cost: { sum: expect.closeTo(0.000485, 9), estimated: 4, unknown: 0 },
        prices: ['genai-prices 0.1.8'],
        tokenizers: ['o200k_base'],
      },
      skipped: 0,
    });
  });

  it('says to people which figures are estimates, and takes prices from a file', async () => {
    const prices = file('prices.json', [{ model: 'gpt-4o', input: 10, output: 100 }]);
    const { stdout, code } = await run('demo', file('one.jsonl', talk(1)), '--once', '--prices', prices);
    expect(code).toBe(0);
    expect(stdout).toMatch(/tokens +≈ 67 +not given, estimated for 2 \(o200k_base\)\n/);
    expect(stdout).toMatch(/cost +≈ \$0\.0016 +not given, estimated for 2 \(override\)\n/);
  });

  it('says what is wrong with a file of prices, and ends with 2', async () => {
    const broken = await run('demo', '--once', '--prices', file('broken.json', '[{'));
    expect(broken.code).toBe(2);
    expect(broken.stderr).toMatch(/broken\.json cannot be read as JSON/);
    const wrong = await run('demo', '--once', '--prices', file('wrong.json', [{ model: 'a', input: 'x' }]));
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/prices\[0\]\.input must be a number of US dollars from 0, but got: "x"/);
  });

  it('makes new traces with each repetition, and adds to what a folder holds', async () => {
    const words = ['demo', file('one.jsonl', talk(1)), '--once', '--json', '--data', join(folder, 'kept')];
    const first = await run(...words, '--repeat', '3');
    expect(first.code).toBe(0);
    expect(lastLine(first.stdout)).toMatchObject({
      traces: 3,
      sent: 15,
      stored: { traces: 3, observations: 9 },
    });
    const second = await run(...words);
    expect(second.code).toBe(0);
    expect(lastLine(second.stdout)).toMatchObject({ traces: 1, stored: { traces: 1, observations: 3 } });
  });

  it('names the lines that it skips, stores the rest, and ends with 1', async () => {
    const path = file('broken.jsonl', talk(1), '{"messages": [', { id: 'empty' }, '', talk(0));
    const { code, stdout, stderr } = await run('demo', path, '--once', '--json');
    expect(code).toBe(1);
    expect(stderr).toMatch(/broken\.jsonl, line 2 is skipped: not JSON/);
    expect(stderr).toMatch(/broken\.jsonl, line 3 is skipped: messages must be an array, but got: undefined/);
    expect(stderr).not.toMatch(/line [145]/);
    expect(stderr).toMatch(/lines that were skipped: 2/);
    expect(lastLine(stdout)).toMatchObject({ traces: 2, skipped: 2, failed: 0, stored: { traces: 2 } });
  });

  it.skipIf(!existsSync(AIRLINE))('replays fifty real agent runs without loss', async () => {
    const { code, stdout, stderr } = await run('demo', AIRLINE, '--once', '--json');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(lastLine(stdout)).toMatchObject({
      traces: 50,
      observations: { total: 924, generation: 642, tool: 282 },
      scores: { count: 50, mean: { reward: 0.42 } },
      sent: 1024,
      failed: 0,
      dropped: 0,
      stored: { traces: 50, observations: 924, scores: 50 },
      usage: {
        generations: 642,
        tokens: { estimated: 642, unknown: 0 },
        cost: { estimated: 642, unknown: 0 },
      },
      skipped: 0,
    });
  });
});

describe('tailrace demo', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('serves the page until %s, and ends with 0', async (signal) => {
    const command = start('demo', '--json', '--port', '0');
    await printed(command, /\}\n/);
    const response = await fetch(lastLine(command.stdout).url);
    expect(response.status).toBe(200);
    await response.text();
    command.child.kill(signal);
    expect(await command.exitCode).toBe(0);
    expect(command.stderr).toBe('');
  });

  it('takes another port when the default one is taken, and says so', async () => {
    const squatter = createServer();
    // If something else has it already, so much the better.
    const settled = Promise.race([once(squatter, 'listening'), once(squatter, 'error')]).catch(() => {});
    squatter.listen(3210, '127.0.0.1');
    await settled;
    const command = start('demo', '--json');
    await printed(command, /\}\n/);
    const { url } = lastLine(command.stdout);
    expect(command.stderr).toBe(`Port 3210 is taken: the page is on port ${new URL(url).port} this time.\n`);
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
    squatter.close();
  });

  it('does not take another port than the one it was given', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const { code, stderr } = await run('demo', '--once', '--port', String(port));
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^tailrace: port ${port} .*in use`));
    squatter.close();
  });
});

describe('tailrace dev', () => {
  it('serves, says how to reach it, and ends with 0 on Ctrl-C', async () => {
    const command = start('dev', '--port', '0', '--memory');
    const [, url] = await printed(command, /LANGFUSE_BASE_URL=(\S+)\n[\s\S]*Ctrl-C/);
    expect(command.stdout).toMatch(/LANGFUSE_PUBLIC_KEY=pk-/);
    expect(command.stdout).toMatch(/LANGFUSE_SECRET_KEY=sk-/);
    expect(command.stdout).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${url}\n`);
    const response = await fetch(`${url}/api/public/health`);
    expect(response.status).toBe(200);
    await response.text();
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
  });

  it('traces its sample when the page asks for it, and ends with 0 afterwards', async () => {
    const command = start('dev', '--port', '0', '--memory', '--quiet');
    const [, url] = await printed(command, /LANGFUSE_BASE_URL=(\S+)\n[\s\S]*Ctrl-C/);
    const response = await fetch(`${url}/api/tailrace/sample`, { method: 'POST' });
    expect([response.status, await response.json()]).toEqual([200, { message: 'The sample is loaded' }]);
    const list = await fetch(`${url}/api/tailrace/traces`);
    expect(await list.json()).toMatchObject({ total: 10, hasSample: true });
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
    expect(command.stderr).toBe('');
  });

  it('keeps what it receives in .tailrace, for its owner only and out of Git, and says so', async () => {
    const first = start('dev', '--port', '0', '--retention', '7d');
    const [, url = ''] = await printed(first, /LANGFUSE_BASE_URL=(\S+)\n[\s\S]*Ctrl-C/);
    expect(first.stdout).toMatch(/^Traces {2}\S+ {2}\(kept in \.tailrace; at most 2,048 MiB, for 7 days\)\n/);
    await ingest(url, ['kept']);
    first.child.kill('SIGINT');
    expect(await first.exitCode).toBe(0);
    expect(statSync(join(folder, '.tailrace')).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(folder, '.tailrace/.gitignore'), 'utf8')).toMatch(/^\*$/m);

    const second = start('dev', '--port', '0');
    const [, again = ''] = await printed(second, /LANGFUSE_BASE_URL=(\S+)\n[\s\S]*Ctrl-C/);
    expect((await fetch(`${again}/trace/kept`)).status).toBe(200);
    second.child.kill('SIGINT');
    expect(await second.exitCode).toBe(0);
  });

  it('keeps nothing with --memory', async () => {
    const place = mkdtempSync(join(folder, 'empty-'));
    const command = startNode([CLI, 'dev', '--port', '0', '--memory'], process.env, place);
    await printed(command, /^Traces .*\(in memory, gone at the end; at most 2,048 MiB\)\n[\s\S]*Ctrl-C/);
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
    expect(readdirSync(place)).toEqual([]);
  });

  it('evicts the oldest traces beyond --max-mb, says so once, and counts them for the page', async () => {
    const command = start('dev', '--port', '0', '--memory', '--max-mb', '8');
    const [, url = ''] = await printed(command, /LANGFUSE_BASE_URL=(\S+)\n[\s\S]*Ctrl-C/);
    const input = randomBytes(100_000).toString('base64');
    for (let index = 0; index < 100; index += 1) await ingest(url, [`trace-${index}`], { input });
    await saidOnError(command, /^tailrace: the database has reached its bound of 8 MiB: .*--max-mb\n/);
    const list = (await (await fetch(`${url}/api/tailrace/traces`)).json()) as {
      size: Record<string, number>;
    };
    expect(list.size.maxBytes).toBe(8 * 1024 * 1024);
    expect(list.size.usedBytes).toBeGreaterThan(6 * 1024 * 1024);
    expect(list.size.usedBytes).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(list.size.evictedTraces).toBeGreaterThan(10);
    expect((await fetch(`${url}/trace/trace-0`)).status).toBe(404);
    expect((await fetch(`${url}/trace/trace-99`)).status).toBe(200);
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
    expect(command.stderr.split('\n')).toHaveLength(2);
  });

  it('leaves the rules for Git of a folder that was there before', async () => {
    const place = mkdtempSync(join(folder, 'project-'));
    const command = start('dev', '--port', '0', '--data', place);
    await printed(command, /Ctrl-C/);
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
    expect(readdirSync(place)).toContain('tailrace.db');
    expect(readdirSync(place)).not.toContain('.gitignore');
  });

  it.skipIf(process.platform !== 'linux')('shows the page in the browser with --open', async () => {
    const bin = mkdtempSync(join(folder, 'bin-'));
    const shown = join(bin, 'shown');
    writeFileSync(
      join(bin, 'xdg-open'),
      `#!/bin/sh\necho "$1" > ${shown}.new && mv ${shown}.new ${shown}\n`,
      {
        mode: 0o755,
      },
    );
    const opened = new Promise((resolve) => {
      watch(bin, (_event, name) => name === 'shown' && resolve(undefined));
    });
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    const command = startNode([CLI, 'dev', '--port', '0', '--memory', '--open'], env);
    const [, url] = await printed(command, /LANGFUSE_BASE_URL=(\S+)\n/);
    await opened;
    expect(readFileSync(shown, 'utf8')).toBe(`${url}\n`);
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
  });

  it('says that no browser can be opened, and serves', async () => {
    const command = startNode([CLI, 'dev', '--port', '0', '--memory', '--open'], { PATH: '' });
    await saidOnError(command, /^tailrace: the page cannot be opened in a browser: .*\n/);
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
  });

  it('opens itself to other machines only with keys, and never prints the secret one', async () => {
    const { code, stdout, stderr } = await run('dev', '--port', '0', '--memory', '--host', '0.0.0.0');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^tailrace: host 0\.0\.0\.0 .*--public-key and --secret-key, or set LANGFUSE_/);
    const env = { ...process.env, LANGFUSE_PUBLIC_KEY: 'pk-lf-env', LANGFUSE_SECRET_KEY: 'sk-lf-env' };
    const words = [CLI, 'dev', '--port', '0', '--memory', '--host', '0.0.0.0'];
    const command = startNode(words, env);
    const [, url = ''] = await printed(command, /^Traces {2}(\S+)[\s\S]*Ctrl-C/);
    expect(command.stdout).toMatch(/Other machines can connect\. Each request needs the keys/);
    expect(command.stdout).toContain(`LANGFUSE_BASE_URL=http://${hostname()}:${new URL(url).port}\n`);
    expect(command.stdout).toContain('LANGFUSE_PUBLIC_KEY=pk-lf-env\n');
    expect(command.stdout).not.toContain('sk-lf-env');
    const status = async (pair: string) =>
      (await fetch(url, { headers: { authorization: `Basic ${btoa(pair)}` } })).status;
    expect(await status('pk-lf-env:sk-lf-env')).toBe(200);
    expect(await status('pk-lf-env:sk-lf-other')).toBe(401);
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
  });

  it.each([
    [['--public-key', 'pk', '--secret-key', ''], /the secret key must not be empty/],
    [['--public-key', '', '--secret-key', ''], /the public key must not be empty/],
  ])('does not start with a key that is empty: %j', async (words, message) => {
    const { code, stderr } = await run('dev', '--port', '0', '--memory', ...words);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('takes keys of the environment for no reason to demand some on loopback', async () => {
    const env = { ...process.env, LANGFUSE_PUBLIC_KEY: 'pk-lf-env', LANGFUSE_SECRET_KEY: 'sk-lf-env' };
    const command = startNode([CLI, 'dev', '--port', '0', '--memory'], env);
    const [, url = ''] = await printed(command, /LANGFUSE_BASE_URL=(\S+)\n[\s\S]*Ctrl-C/);
    expect((await fetch(url)).status).toBe(200);
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
  });

  it.each([
    [['--strict'], 1],
    [[], 0],
  ])(
    'with %j has %i errors for an event that a server acknowledges and leaves out',
    async (words, errors) => {
      const command = start('dev', '--port', '0', '--memory', ...words);
      const [, url] = await printed(command, /LANGFUSE_BASE_URL=(\S+)\n[\s\S]*Ctrl-C/);
      const event = {
        id: 'e',
        type: 'trace-create',
        timestamp: '2026-01-15T12:00:00Z',
        body: { name: 'no id' },
      };
      const response = await fetch(`${url}/api/public/ingestion`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa('a:b')}`, 'content-type': 'application/json' },
        body: JSON.stringify({ batch: [event] }),
      });
      expect(await response.json()).toMatchObject({ errors: { length: errors } });
      command.child.kill('SIGINT');
      expect(await command.exitCode).toBe(0);
    },
  );
});

describe('what tailrace dev says of what arrives', () => {
  it('is a line with a link to the page, and not one for each request', async () => {
    const command = start('dev', '--port', '0', '--memory');
    const [, url = ''] = await printed(command, /LANGFUSE_BASE_URL=(\S+)\n[\s\S]*Ctrl-C/);
    await ingest(url, ['first']);
    await printed(command, /received 1 trace {2}\S+\/trace\/first\n/);
    for (const id of ['a', 'b', 'c']) await ingest(url, [id]);
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
    // Those of a moment later may have come in the next line, or in two if this machine is slow.
    const said = [...command.stdout.matchAll(/received (\d+) trace/g)].map(([, count]) => Number(count));
    expect(said.reduce((sum, count) => sum + count)).toBe(4);
    expect(command.stdout).toContain(`${url}/trace/c\n`);
  });

  it('names the trace that a score is of', async () => {
    const command = start('dev', '--port', '0', '--memory');
    const [, url = ''] = await printed(command, /LANGFUSE_BASE_URL=(\S+)\n[\s\S]*Ctrl-C/);
    const response = await fetch(`${url}/api/public/scores`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('a:b')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ traceId: 'rated', name: 'helpful', value: 1 }),
    });
    expect(response.status).toBe(200);
    await printed(command, /received 1 score {2}\S+\/trace\/rated\n/);
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
  });

  it('is nothing with --quiet', async () => {
    const command = start('dev', '--port', '0', '--memory', '--quiet');
    const [before, url = ''] = await printed(
      command,
      /^[\s\S]*LANGFUSE_BASE_URL=(\S+)\n[\s\S]*Ctrl-C ends the receiver\.\n/,
    );
    await ingest(url, ['first']);
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
    expect(command.stdout).toBe(before);
  });
});

describe('a command line that cannot be used', () => {
  it.each([
    [['demo', '--fast'], "Unknown option '--fast'"],
    [['serve'], 'the command must be one of dev, demo, mcp, import, export, tail, show'],
    [['demo', 'no-such-file.jsonl', '--once'], 'there is no such file'],
    [['demo', tmpdir(), '--once'], 'it is a folder'],
    [['dev', '--prices', tmpdir()], 'it is a folder'],
    [['dev', '--prices', 'no-such-file.json'], '"no-such-file.json" cannot be read: there is no such file'],
  ])('is named and ends with 2: %j', async (words, message) => {
    const { code, stdout, stderr } = await run(...words);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^tailrace: /);
    expect(stderr).toContain(message);
  });
});

describe('tailrace --help and --version', () => {
  it('are on standard output and end with 0', async () => {
    const help = await run('--help');
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('tailrace demo [FILE.jsonl]');
    expect(await run('help')).toEqual(help);
    expect(await run('--version')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it.each(['dev', 'demo'])('explain %s and its options', async (name) => {
    const help = await run('help', name);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(new RegExp(`^tailrace ${name} [\\s\\S]*--port N[\\s\\S]*--data DIR`));
    expect(await run(name, '--help')).toEqual(help);
  });

  it('print the help on standard error when no command is given, and end with 2', async () => {
    const { stdout } = await run('help');
    expect(await run()).toEqual({ code: 2, stdout: '', stderr: stdout });
  });
});

describe('a data folder that cannot be used', () => {
  const database = (name: string) => {
    mkdirSync(join(folder, name));
    return join(folder, name, 'tailrace.db');
  };

  it.each<[string, string, () => unknown]>([
    ['is a file', 'there is a file of this name', () => file('taken', 'text')],
    ['is inside a file', 'a part of its path is a file', () => join(file('outer', 'text'), 'inner')],
    [
      'holds another file',
      'tailrace.db is not a database of tailrace',
      () => {
        const path = database('junk');
        writeFileSync(path, 'x'.repeat(9000));
        return join(path, '..');
      },
    ],
    [
      'holds a folder',
      'tailrace.db is a folder where the database should be',
      () => {
        const path = database('folder');
        mkdirSync(path);
        return join(path, '..');
      },
    ],
  ])('is named, with what to do, if it %s', async (_case, problem, make) => {
    const path = String(make());
    for (const words of [
      ['dev', '--port', '0'],
      ['demo', '--once'],
    ]) {
      const { code, stdout, stderr } = await run(...words, '--data', path);
      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^tailrace: .*name another folder with --data\n$/);
      expect(stderr).toContain(path);
      expect(stderr).toContain(problem);
    }
  });

  it.skipIf(process.platform !== 'linux')('is named if nothing can be made there', async () => {
    const { code, stderr } = await run('dev', '--data', '/proc/no/such/folder');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^tailrace: the folder \/proc\/no\/such\/folder cannot be used: .*--data\n$/);
  });
});
