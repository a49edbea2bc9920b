/** The entry `tailrace/browser` as it is built: its size, how it behaves outside of a page, and what `LangfuseWeb` sends otherwise. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { LangfuseWeb } from 'langfuse';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Receiver, startReceiver } from '../../../dist/receiver/receiver.js';
import { readGuide } from '../../support/guides.js';
import { REPOSITORY } from '../../support/programs.js';
import { authorization } from '../../unit/receiver/helpers.js';

const execFileAsync = promisify(execFile);
const FILE = join(REPOSITORY, 'dist/web/browser.js');
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const thumbs = { traceId: TRACE, name: 'thumbs', value: 1, comment: 'kind' };

// biome-ignore lint/suspicious/noExplicitAny: what arrived
type Row = any;

describe('the file', () => {
  it('has at most 7.6 kB, and 3.3 kB compressed', () => {
    const code = readFileSync(FILE);
    expect(code.length).toBeLessThanOrEqual(7600);
    expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(3300);
    expect(code.toString()).not.toMatch(/\brequire\(|\bimport\s*[({'"]|node:/);
  });
});

describe('outside of a page', () => {
  it.each([
    ['as an ES module', "const { TailraceFeedback } = await import('tailrace/browser');"],
    [
      'as CommonJS',
      "const { TailraceFeedback } = (await import('node:module')).createRequire(import.meta.url)('tailrace/browser');",
    ],
  ])('%s it is made, does nothing, and says so when it is called', async (_, load) => {
    const program = `${load}
      const feedback = new TailraceFeedback({ publicKey: 'pk-lf-1', baseUrl: 'http://127.0.0.1:9' });
      console.log(JSON.stringify(await feedback.score(${JSON.stringify(thumbs)})));`;
    const args = ['--input-type=module', '--eval', program];
    const { stdout, stderr } = await execFileAsync(process.execPath, args, { cwd: REPOSITORY });
    expect(JSON.parse(stdout)).toEqual({ status: 'failed', code: 'TAILRACE_FEEDBACK_NO_PAGE' });
    expect(stderr).toBe(
      '[tailrace] score() does nothing outside of a web page [TAILRACE_FEEDBACK_NO_PAGE]\n',
    );
  });
});

describe('in a page', () => {
  let feedbackOf: (options: object) => { score(body: Row): Promise<Row> };
  let listeners: Record<string, (() => void)[]>;
  let lines: string[];
  let storage: Map<string, string>;

  /** A fresh copy of the module, in what it needs of a page. */
  beforeEach(async () => {
    listeners = {};
    lines = [];
    storage = new Map();
    vi.stubGlobal('document', { visibilityState: 'visible' });
    vi.stubGlobal('addEventListener', (type: string, run: () => void) => (listeners[type] ??= []).push(run));
    vi.stubGlobal('localStorage', {
      get length() {
        return storage.size;
      },
      key: (at: number) => [...storage.keys()][at] ?? null,
      getItem: (key: string) => storage.get(key) ?? null,
      setItem: (key: string, value: string) => storage.set(key, value),
      removeItem: (key: string) => storage.delete(key),
    });
    for (const level of ['warn', 'error'] as const)
      vi.spyOn(console, level).mockImplementation((line) => lines.push(line));
    // A copy of an earlier test would go on, in the page of this one.
    const timers: NodeJS.Timeout[] = [];
    const { setTimeout } = globalThis;
    vi.stubGlobal('setTimeout', (run: () => void, ms: number) => {
      const timer = setTimeout(run, ms);
      timers.push(timer);
      return timer;
    });
    vi.resetModules();
    const { TailraceFeedback } = await import('../../../src/browser.js');
    feedbackOf = (options) => new TailraceFeedback(options);
    onTestFinished(() => {
      for (const timer of timers) clearTimeout(timer);
      vi.unstubAllGlobals();
      vi.restoreAllMocks();
    });
  });

  interface Request {
    path: string | undefined;
    headers: IncomingHttpHeaders;
    body: Row;
  }

  /** Answers with these statuses, one after the other; the last one from then on. */
  async function startServer(
    statuses: (number | [number, object, string])[],
  ): Promise<{ url: string; requests: Request[] }> {
    const requests: Request[] = [];
    const server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      const answer = statuses[Math.min(requests.length, statuses.length - 1)]!;
      requests.push({ path: request.url, headers: request.headers, body: JSON.parse(text) });
      const [status, headers, body] = Array.isArray(answer) ? answer : [answer, {}, '{}'];
      response.writeHead(status, { ...headers }).end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
  }

  it.each([
    ['a secret key', { publicKey: 'sk-lf-1' }, 'SECRET_KEY'],
    ['a secret key beside the public one', { publicKey: 'pk-lf-1', secretKey: 'x' }, 'SECRET_KEY'],
    [
      'a secret key in the address',
      { publicKey: 'pk', baseUrl: 'https://pk-lf-1:sk-lf-1@host' },
      'SECRET_KEY',
    ],
    ['no key', {}, 'OPTION'],
    ['no options', undefined, 'OPTION'],
    ['a key that no header can hold', { publicKey: 'pk\n1' }, 'OPTION'],
    ['no address', { publicKey: 'pk', baseUrl: 'langfuse' }, 'OPTION'],
  ])('%s sends nothing and is said in the console as an error', async (_, options, code) => {
    const fetch = vi.spyOn(globalThis, 'fetch');
    const result = await feedbackOf(options as object).score(thumbs);
    expect(result).toEqual({ status: 'failed', code: `TAILRACE_FEEDBACK_${code}` });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^\\[tailrace\\] .*\\[TAILRACE_FEEDBACK_${code}\\]$`));
    expect(lines[0]).not.toMatch(/sk-lf|pk-lf/);
    expect(fetch).not.toHaveBeenCalled();
  });

  const cyclic: { self?: object } = {};
  cyclic.self = cyclic;
  it.each([
    [undefined],
    [{}],
    [{ ...thumbs, traceId: undefined }],
    [{ ...thumbs, sessionId: 's' }],
    [{ ...thumbs, name: '' }],
    [{ ...thumbs, value: Number.NaN }],
    [{ ...thumbs, value: undefined }],
    [{ ...thumbs, value: { secret: 1 } }],
    [{ ...thumbs, comment: 5 }],
    [{ ...thumbs, comment: 'x'.repeat(100_001) }],
    [{ ...thumbs, metadata: cyclic }],
    [{ ...thumbs, metadata: 1n }],
    [{ sessionId: 's', observationId: 'o', name: 'n', value: 1 }],
    [
      Object.defineProperty({ ...thumbs }, 'value', {
        get: () => {
          throw new Error('secret');
        },
      }),
    ],
  ])('a score that is none (case %#) is not sent, with a warning', async (body) => {
    const fetch = vi.spyOn(globalThis, 'fetch');
    const result = await feedbackOf({ publicKey: 'pk' }).score(body);
    expect(result).toEqual({ status: 'failed', code: 'TAILRACE_FEEDBACK_INVALID' });
    expect(lines).toEqual([
      expect.stringMatching(
        /^\[tailrace\] score\(\): .* the score is not sent \[TAILRACE_FEEDBACK_INVALID\]$/,
      ),
    ]);
    expect(lines[0]).not.toContain('secret');
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each([400, 401, 403, 404, 413])('%i gives a score up, with one warning', async (status) => {
    const { url, requests } = await startServer([status]);
    const feedback = feedbackOf({ publicKey: 'pk', baseUrl: url });
    for (const value of [1, 2]) {
      expect(await feedback.score({ ...thumbs, value })).toEqual({
        status: 'failed',
        code: 'TAILRACE_FEEDBACK_REFUSED',
      });
    }
    expect(requests).toHaveLength(2);
    expect(lines).toEqual([expect.stringContaining(`(${status})`)]);
    expect([...storage]).toEqual([]);
  });

  it('an error of the event in a 207 counts as the status', async () => {
    const refused = (status: number): [number, object, string] => [
      207,
      {},
      JSON.stringify({ successes: [], errors: [{ status }] }),
    ];
    const { url } = await startServer([refused(401), refused(500)]);
    const feedback = feedbackOf({ publicKey: 'pk', baseUrl: url });
    expect(await feedback.score(thumbs)).toMatchObject({ code: 'TAILRACE_FEEDBACK_REFUSED' });
    expect(await feedback.score({ ...thumbs, value: 0 })).toMatchObject({ status: 'queued' });
  });

  it('a page that answers in place of the server does not count as sent', async () => {
    const { url, requests } = await startServer([
      [200, { 'content-type': 'text/html' }, '<h1>Log in</h1>'],
      207,
    ]);
    const feedback = feedbackOf({ publicKey: 'pk', baseUrl: url });
    expect(await feedback.score(thumbs)).toMatchObject({ status: 'queued' });
    for (const run of listeners.online ?? []) run();
    await expect.poll(() => storage.size).toBe(0);
    expect(requests).toHaveLength(2);
  });

  it.each([500, 503, 429, 408])(
    '%i keeps a score, which is sent again with the same ids when the browser is online',
    async (status) => {
      const { url, requests } = await startServer([status, 207]);
      const feedback = feedbackOf({ publicKey: 'pk', baseUrl: url });
      expect(await feedback.score(thumbs)).toMatchObject({ status: 'queued' });
      expect(storage.size).toBe(1);
      for (const run of listeners.online ?? []) run();
      await expect.poll(() => storage.size).toBe(0);
      expect(requests).toHaveLength(2);
      expect(requests[1]?.body).toEqual(requests[0]?.body);
      expect(lines).toEqual([]);
    },
  );

  it('Retry-After holds back what comes next too', async () => {
    const { url, requests } = await startServer([[429, { 'retry-after': '60' }, ''], 207]);
    const feedback = feedbackOf({ publicKey: 'pk', baseUrl: url });
    expect(await feedback.score(thumbs)).toMatchObject({ status: 'queued' });
    expect(await feedback.score({ ...thumbs, value: 0 })).toMatchObject({ status: 'queued' });
    for (const run of listeners.online ?? []) run();
    expect(requests).toHaveLength(1);
    expect(storage.size).toBe(2);
  });

  it('the queue is bounded by count and age, and survives entries of others', async () => {
    const { url } = await startServer([503]);
    const key = `tailrace-feedback ${url}/api/public/ingestion pk`;
    const old = {
      id: 'e',
      type: 'score-create',
      timestamp: new Date(Date.now() - 8 * 24 * 3_600_000).toISOString(),
      body: { id: 'old' },
    };
    storage.set(`${key} old`, JSON.stringify(old));
    storage.set(`${key} torn`, '{"id":');
    storage.set(`${key} none`, 'null');
    storage.set('other', 'kept');
    const feedback = feedbackOf({ publicKey: 'pk', baseUrl: url });
    await Promise.all(
      Array.from({ length: 120 }, (_, value) => feedback.score({ ...thumbs, id: `s${value}`, value })),
    );
    expect(storage.size).toBe(101);
    expect(storage.get('other')).toBe('kept');
    expect(storage.has(`${key} s119`)).toBe(true);
    expect(lines).toEqual([expect.stringContaining('TAILRACE_FEEDBACK_DROPPED')]);
  });

  it('a newer score with the same id takes the place of one that waits', async () => {
    const { url, requests } = await startServer([503, 503, 207]);
    const feedback = feedbackOf({ publicKey: 'pk', baseUrl: url });
    await feedback.score({ ...thumbs, id: 'mine', value: 1 });
    await feedback.score({ ...thumbs, id: 'mine', value: 0 });
    expect(storage.size).toBe(1);
    for (const run of listeners.online ?? []) run();
    await expect.poll(() => storage.size).toBe(0);
    expect(requests.map(({ body }) => body.batch[0].body.value)).toEqual([1, 0, 0]);
    expect(new Set(requests.map(({ body }) => body.batch[0].id)).size).toBe(2);
  });

  it('many instances are one, and two equal calls in a row are one score', async () => {
    const { url, requests } = await startServer([207]);
    const options = { publicKey: 'pk', baseUrl: url };
    const results = await Promise.all([feedbackOf(options).score(thumbs), feedbackOf(options).score(thumbs)]);
    expect(results[0]).toEqual(results[1]);
    expect(requests).toHaveLength(1);
    expect(listeners.online).toHaveLength(1);
  });

  it('an endpoint of the application gets each score without a key', async () => {
    const { url, requests } = await startServer([204]);
    const { id } = await feedbackOf({ url: `${url}/feedback`, publicKey: 'pk', environment: 'web' }).score({
      ...thumbs,
      value: true,
    });
    expect(requests).toEqual([
      expect.objectContaining({
        path: '/feedback',
        body: { ...thumbs, id, value: 1, dataType: 'BOOLEAN', environment: 'web' },
      }),
    ]);
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('sends what LangfuseWeb sends, but for what the guide lists', async () => {
    const { url, requests } = await startServer([[207, {}, '{"successes":[],"errors":[]}']]);
    const web = new LangfuseWeb({ publicKey: 'pk-lf-1', baseUrl: url });
    await web.score({ ...thumbs, id: 'theirs' });
    await feedbackOf({ publicKey: 'pk-lf-1', baseUrl: url }).score({ ...thumbs, id: 'ours' });
    const [theirs, ours] = requests as [Request, Request];
    expect(ours.path).toBe(theirs.path);
    for (const header of ['authorization', 'content-type'])
      expect(ours.headers[header]).toBe(theirs.headers[header]);
    const { metadata, ...envelope } = theirs.body;
    expect(Object.keys(ours.body)).toEqual(Object.keys(envelope));
    expect(metadata).toMatchObject({ sdk_name: 'langfuse-js' });
    const [[theirEvent], [ourEvent]] = [theirs.body.batch, ours.body.batch];
    expect(Object.keys(ourEvent).sort()).toEqual(Object.keys(theirEvent).sort());
    expect(ourEvent).toMatchObject({
      type: theirEvent.type,
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect({ ...ourEvent.body, id: '' }).toEqual({ ...theirEvent.body, id: '' });
    const guide = readGuide('src/browser/README.md');
    for (const difference of ['`metadata` of the batch', '`value: true`'])
      expect(guide).toContain(`| ${difference}`);
  });

  it('leaves the same row in a receiver as LangfuseWeb', async () => {
    const receiver: Receiver = await startReceiver({ port: 0, strict: true });
    onTestFinished(() => receiver.close());
    await new LangfuseWeb({ publicKey: 'pk-lf-1', baseUrl: receiver.url }).score({ ...thumbs, id: 'theirs' });
    await feedbackOf({ publicKey: 'pk-lf-1', baseUrl: receiver.url }).score({ ...thumbs, id: 'ours' });
    const response = await fetch(`${receiver.url}/api/public/v2/scores`, { headers: { authorization } });
    const rows: Row[] = ((await response.json()) as Row).data;
    const comparable = (id: string) => {
      const { timestamp, createdAt, updatedAt, id: _, ...rest } = rows.find((row) => row.id === id);
      return rest;
    };
    expect(comparable('ours')).toEqual(comparable('theirs'));
    expect((await receiver.complaints()).complaints).toEqual([]);
  });
});
