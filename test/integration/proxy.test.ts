/** The network as the application has it: proxies of the environment and of the option, in processes and over real sockets. */
import { execFile } from 'node:child_process';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TailraceSpanProcessor } from 'tailrace/otel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startBench } from '../support/engines.js';
import { dataUri, imageBytes, startStorageBench } from '../support/media.js';
import { listenToDiag, tracing } from '../support/otel.js';
import { startProxy } from '../support/proxy.js';
import { SELF_SIGNED } from '../support/self-signed.js';
import { ok, startSink } from '../support/sink.js';

const PROGRAM = fileURLToPath(new URL('../support/proxied-program.mjs', import.meta.url));
const run = promisify(execFile);

interface Outcome {
  readonly sent: number;
  readonly failed: number;
  readonly messages: string[];
}

const PROXY_VARIABLE = /^(https?|all|no)_proxy$|^NODE_(USE_ENV_PROXY|TLS_REJECT_UNAUTHORIZED|OPTIONS)$/i;

async function runProgram(
  url: string,
  env: Record<string, string>,
  options = {},
  flags: readonly string[] = [],
): Promise<Outcome> {
  const inherited = Object.entries(process.env).filter(([name]) => !PROXY_VARIABLE.test(name));
  const { stdout, stderr } = await run(process.execPath, [...flags, PROGRAM, url, JSON.stringify(options)], {
    env: { ...Object.fromEntries(inherited), NODE_NO_WARNINGS: '1', ...env },
  });
  expect(stdout + stderr).not.toContain('s3cret');
  return JSON.parse(stdout);
}

async function startServers(tls: TlsOptions = {}) {
  const sink = await startSink();
  const received: string[] = [];
  const server = createTlsServer({ ...SELF_SIGNED, ...tls }, (incoming, response) => {
    received.push(incoming.url ?? '');
    incoming.resume().on('end', () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await sink.close();
  });
  return {
    http: { url: sink.url, received: () => sink.requests.length },
    https: {
      url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      received: () => received.length,
    },
  };
}

const UNVERIFIED = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };

describe('the environment', () => {
  it.each([
    ['http', 'http_proxy'],
    ['http', 'HTTP_PROXY'],
    ['http', 'all_proxy'],
    ['https', 'https_proxy'],
    ['https', 'HTTPS_PROXY'],
    ['https', 'ALL_PROXY'],
  ] as const)('a server of %s is asked through %s', async (protocol, variable) => {
    const servers = await startServers();
    const proxy = await startProxy();
    const { url, received } = servers[protocol];
    const outcome = await runProgram(url, { ...UNVERIFIED, [variable]: proxy.url });
    expect(outcome).toEqual({ sent: 1, failed: 0, messages: [] });
    expect([proxy.requests.length, received()]).toEqual([1, 1]);
  });

  it('NO_PROXY goes around it', async () => {
    const { http } = await startServers();
    const proxy = await startProxy();
    const env = { ALL_PROXY: proxy.url, NO_PROXY: `other.test,${new URL(http.url).host}` };
    expect(await runProgram(http.url, env)).toEqual({ sent: 1, failed: 0, messages: [] });
    expect([proxy.requests.length, http.received()]).toEqual([0, 1]);
  });

  it.each([
    ['http://user:s3cret pass@', /HTTP_PROXY must be the URL of an HTTP proxy/],
    ['socks5://user:s3cret@127.0.0.1:1', /HTTP_PROXY must .*SOCKS proxies are not supported/],
  ])('nothing goes around %j', async (value, words) => {
    const { http } = await startServers();
    const outcome = await runProgram(http.url, { HTTP_PROXY: value });
    expect(outcome).toMatchObject({ sent: 0, failed: 1 });
    expect(outcome.messages.join('\n')).toMatch(words);
    expect(http.received()).toBe(0);
  });

  it('counts without a worker, too', async () => {
    const { http } = await startServers();
    const proxy = await startProxy();
    const outcome = await runProgram(http.url, { HTTP_PROXY: proxy.url }, { worker: false });
    expect(outcome).toMatchObject({ sent: 1, failed: 0 });
    expect([proxy.requests.length, http.received()]).toEqual([1, 1]);
  });
});

describe('option proxy', () => {
  it('goes before the environment', async () => {
    const { http } = await startServers();
    const [proxy, other] = [await startProxy({ authorization: basic('user:s3cret') }), await startProxy()];
    const options = { proxy: proxy.url.replace('//', '//user:s3cret@') };
    const outcome = await runProgram(http.url, { HTTP_PROXY: other.url, NO_PROXY: '*' }, options);
    expect(outcome).toEqual({ sent: 1, failed: 0, messages: [] });
    expect([proxy.requests.length, other.requests.length, http.received()]).toEqual([1, 0, 1]);
  });

  it('false is for none', async () => {
    const { http } = await startServers();
    const proxy = await startProxy();
    expect(await runProgram(http.url, { HTTP_PROXY: proxy.url }, { proxy: false })).toMatchObject({
      sent: 1,
    });
    expect(proxy.requests).toEqual([]);
  });

  it.each(['ftp://user:s3cret@proxy', 'http://user:s3cret@a b', 3128])(
    '%j: nothing is traced, and one error names the option',
    async (proxy) => {
      const { http } = await startServers();
      const { sent, failed, messages } = await runProgram(http.url, {}, { proxy });
      expect([sent, failed, http.received()]).toEqual([0, 0, 0]);
      expect(messages).toEqual([
        expect.stringMatching(/^option proxy must be the URL of an HTTP proxy.*; nothing is traced$/),
      ]);
    },
  );

  it('is for media uploads, to the server and to its storage', async () => {
    const proxy = await startProxy();
    const { client, server, storage } = await startStorageBench(ok, { proxy: proxy.url });
    client.trace({ name: 'trace', input: dataUri(imageBytes(1)) }).end();
    expect(await client.flush()).toMatchObject({ failed: 0, mediaFailed: 0, pending: 0 });
    expect(storage.requests.map(({ method }) => method)).toEqual(['PUT']);
    expect(proxy.requests).toHaveLength(server.requests.length + storage.requests.length);
  });

  it('is one of the span processor', async () => {
    const { http } = await startServers();
    const proxy = await startProxy();
    const processor = new TailraceSpanProcessor({ endpoint: http.url, proxy: proxy.url });
    tracing(processor).end('proxied');
    await processor.shutdown();
    expect([proxy.requests.length, http.received()]).toEqual([1, 1]);
  });

  it('is one of the span processor: what cannot be used lets no span through', async () => {
    const messages = listenToDiag();
    const { http } = await startServers();
    const processor = new TailraceSpanProcessor({ endpoint: http.url, proxy: 'socks5://user:s3cret@proxy' });
    tracing(processor).end('proxied');
    await processor.shutdown();
    expect(http.received()).toBe(0);
    expect(messages.join()).toMatch(/error: .*option proxy must .*SOCKS.*no span is exported/);
    expect(messages.join()).not.toContain('s3cret');
  });

  it('is one of the engine', async () => {
    const proxy = await startProxy();
    const { engine, sink } = await startBench({ proxy: new URL(proxy.url) });
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ sent: 1 });
    expect([proxy.requests.length, sink.requests.length]).toEqual([1, 1]);
  });

  it('is one of the engine: what cannot be used lets nothing through', async () => {
    const { engine, sink, messages } = await startBench({
      proxy: 'socks5://user:s3cret@proxy',
      retryWindowMs: 0,
    });
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ sent: 0, failed: 1 });
    expect(sink.requests).toEqual([]);
    expect(messages.error.join()).toMatch(/option proxy must .*SOCKS/);
    expect(JSON.stringify(messages)).not.toContain('s3cret');
  });
});

describe('versions of TLS', () => {
  const OLD = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const TAKES_OLD = ['--tls-min-v1.0', '--tls-cipher-list=DEFAULT@SECLEVEL=0'];

  it.each([
    ['by flag', TAKES_OLD, {}],
    ['by NODE_OPTIONS', [], { NODE_OPTIONS: TAKES_OLD.join(' ') }],
  ])('that the application allows %s are allowed', async (_, flags, env: Record<string, string>) => {
    const { https } = await startServers(OLD);
    const outcome = await runProgram(https.url, { ...UNVERIFIED, ...env }, {}, flags);
    expect(outcome).toEqual({ sent: 1, failed: 0, messages: [] });
    expect(https.received()).toBe(1);
  });

  it.each([
    ['old ones', OLD, []],
    ['new ones', { minVersion: 'TLSv1.3' }, ['--tls-max-v1.2']],
  ] as const)('of which the server has only %s are told', async (_, tls, flags) => {
    const { https } = await startServers(tls);
    const { sent, failed, messages } = await runProgram(https.url, UNVERIFIED, {}, flags);
    expect([sent, failed]).toEqual([0, 1]);
    expect(messages.join()).toMatch(/127.0.0.1:\d+ and this process have no version of TLS in common/);
  });
});

function basic(user: string): string {
  return `Basic ${Buffer.from(user).toString('base64')}`;
}
