/** The two commands of the forwarder's guide bring up producers, Redis, forwarder, store and page on one machine. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Tailrace } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { environment, lengthsOf, until, untilEmpty } from '../support/forwarding.js';
import { freePort } from '../support/free-port.js';
import { blocksOf } from '../support/guides.js';
import { REPOSITORY } from '../support/programs.js';
import { noRedis, startRedis } from '../support/redis-server.js';

const CLI = join(REPOSITORY, 'dist/bin/cli.js');
const GUIDE = 'src/forward/README.md';
const STREAM = 'tailrace-demo:0';
/** Where the guide has Redis. Tests have it elsewhere. */
const ADDRESS = 'redis://127.0.0.1:6379';

/** As somebody copies them. */
function commandsOfGuide(): string[] {
  const block = blocksOf(GUIDE).find(({ language }) => language === 'sh');
  return block?.code.trim().split('\n') ?? [];
}

/** The command as it is installed, in a folder of its own. */
function start(words: readonly string[]): ChildProcess & { readonly text: () => string } {
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-forward-guide-'));
  const child = spawn(process.execPath, [CLI, ...words], {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  let text = '';
  for (const output of [child.stdout, child.stderr]) output?.on('data', (bytes) => (text += bytes));
  return Object.assign(child, { text: () => text });
}

describe.skipIf(noRedis !== undefined)('the two commands of the guide', () => {
  it('bring up all parts: what a producer adds to Redis is on the page', async () => {
    const [server, demo, ...others] = commandsOfGuide();
    expect([server, others]).toEqual(['redis-server', []]);
    expect(demo).toMatch(/^npx tailrace demo .*redis:\/\/127\.0\.0\.1:6379$/);
    const redis = await startRedis();
    // Of another program: it is not the demo's to deliver.
    await redis.ask('XADD', 'tailrace:0', '*', 'v', '1');
    const words = (demo as string).replace(ADDRESS, redis.url).split(' ').slice(2);
    const child = start(words);
    const url = await until(() => {
      const found = /Page: (http:\S+)/.exec(child.text())?.[1];
      if (found === undefined) throw new Error(child.text());
      return found;
    });
    expect(child.text()).toContain(`The sample agent, through ${redis.url}, in`);
    expect(child.text()).toContain('✓ the receiver stored all that was traced');
    expect(child.text()).not.toContain('tailrace: ');
    const namesOnPage = async (): Promise<string[]> => {
      const { traces } = (await (await fetch(`${url}/api/tailrace/traces`)).json()) as {
        traces: { name: string }[];
      };
      return traces.map(({ name }) => name);
    };
    const sample = await namesOnPage();
    expect(sample.length).toBeGreaterThan(0);
    expect(await redis.ask('EXISTS', STREAM)).toBe(1);
    expect(await lengthsOf(redis, STREAM)).toEqual({ entries: 0, pending: 0 });

    const producer = new Tailrace({
      exporter: 'redis',
      redis: { url: redis.url, stream: 'tailrace-demo' },
    });
    producer.trace({ name: 'of my own program' }).end();
    expect(await producer.shutdown()).toMatchObject({ failed: 0, dropped: { total: 0 } });
    await until(async () => expect(await namesOnPage()).toContain('of my own program'));
    await untilEmpty(redis, STREAM);
    expect((await namesOnPage()).length).toBe(sample.length + 1);
    expect((await lengthsOf(redis)).entries).toBe(1);

    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  it('leave it to the next demo to deliver what an interrupted one has left, and count it not as its own', async () => {
    const redis = await startRedis();
    const producer = new Tailrace({
      exporter: 'redis',
      redis: { url: redis.url, stream: 'tailrace-demo' },
    });
    producer.trace({ name: 'left behind' }).end();
    await producer.shutdown();
    expect((await lengthsOf(redis, STREAM)).entries).toBeGreaterThan(0);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [CLI, 'demo', '--through', redis.url, '--once', '--json'],
      { env: environment() },
    );
    const { traces, stored, complaints } = JSON.parse(stdout);
    expect(stored.traces).toBe(traces);
    expect(complaints).toBe(0);
    expect(await lengthsOf(redis, STREAM)).toEqual({ entries: 0, pending: 0 });
  });

  it('say at once that no Redis server is there', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    const failure = await promisify(execFile)(process.execPath, [CLI, 'demo', '--through', url], {
      env: environment(),
    }).catch((error) => error);
    expect(failure).toMatchObject({ code: 1, stdout: '' });
    expect(failure.stderr).toMatch(/^tailrace: --through redis:\/\/127\.0\.0\.1:\d+: redis/);
    expect(failure.stderr).toContain('ECONNREFUSED');
  });

  it('refuse an address that is none', async () => {
    const failure = await promisify(execFile)(
      process.execPath,
      [CLI, 'demo', '--through', 'http://127.0.0.1'],
      { env: environment() },
    ).catch((error) => error);
    expect(failure).toMatchObject({ code: 2 });
    expect(failure.stderr).toContain('--through must be redis://… or rediss://…');
  });
});
