/** Requests through a real proxy: what it is asked, what arrives behind it, and what is said where it does not. */
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { createServer as createRawTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resolveProxy } from '../../../../src/config/connection.js';
import { createHttpTransport } from '../../../../src/consumer/http/http-transport.js';
import type { Transport } from '../../../../src/consumer/transport/transport.js';
import type { ExportOutcome, TlsIdentity } from '../../../../src/shared/contract/exporter.js';
import { startProxy } from '../../../support/proxy.js';
import { SELF_SIGNED } from '../../../support/self-signed.js';
import { startSink } from '../../../support/sink.js';

const TRUSTED: TlsIdentity = { ca: SELF_SIGNED.cert };
const BASIC = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
const WITH_USER = 'user:p%40ss@';

function startTransport(proxy: unknown, requestTimeoutMs = 5_000): Transport {
  const transport = createHttpTransport({ requestTimeoutMs, maxInFlight: 4, proxy: resolveProxy(proxy) });
  onTestFinished(() => transport.close());
  return transport;
}

async function startServer() {
  const sink = await startSink();
  onTestFinished(sink.close);
  return sink;
}

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, unknown>;
  readonly body: string;
  readonly isAuthorized: boolean;
}

async function startTlsServer(options: TlsOptions = {}) {
  const seen: Seen[] = [];
  const server = createTlsServer({ ...SELF_SIGNED, ...options }, async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const { method = '', url = '', headers } = incoming;
    seen.push({ method, url, headers, body, isAuthorized: (incoming.socket as TLSSocket).authorized });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { seen, port, url: `https://127.0.0.1:${port}` };
}

function send(
  transport: Transport,
  url: string,
  tls?: TlsIdentity,
  headers: Record<string, string> = {},
): Promise<ExportOutcome> {
  const request = { method: 'POST' as const, url, headers, body: [Buffer.from('span')], tls };
  return transport.send(request, ({ status }) =>
    status === 200 ? { kind: 'success' } : { kind: 'failure', reason: `HTTP ${status}` },
  );
}

const SUCCESS = { kind: 'success' };

describe('a server of http', () => {
  it.each([[''], [WITH_USER]])('is asked for by its whole address, with %j', async (user) => {
    const [sink, proxy] = [
      await startServer(),
      await startProxy(user === '' ? {} : { authorization: BASIC }),
    ];
    const transport = startTransport(proxy.url.replace('//', `//${user}`));
    const address = `http://name.test:${new URL(sink.url).port}`;
    for (let i = 0; i < 2; i++) expect(await send(transport, `${address}/path?a=1`)).toEqual(SUCCESS);
    expect(proxy.requests.map(({ method, target }) => [method, target])).toEqual([
      ['POST', `${address}/path?a=1`],
      ['POST', `${address}/path?a=1`],
    ]);
    expect(sink.requests.map(({ url, body, headers }) => [url, body.toString(), headers.host])).toEqual([
      ['/path?a=1', 'span', new URL(address).host],
      ['/path?a=1', 'span', new URL(address).host],
    ]);
    expect(sink.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('may be named otherwise in a header', async () => {
    const [sink, proxy] = [await startServer(), await startProxy()];
    expect(await send(startTransport(proxy.url), sink.url, undefined, { Host: 'other.test' })).toEqual(
      SUCCESS,
    );
    expect(sink.requests[0]?.headers.host).toBe('other.test');
  });

  it('is asked at several times at once', async () => {
    const [sink, proxy] = [await startServer(), await startProxy()];
    const transport = startTransport(proxy.url);
    let release = (): void => {};
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    sink.answer = async (_, response, index) => {
      if (index === 3) release();
      await all;
      response.end();
    };
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => send(transport, sink.url)));
    expect(outcomes).toEqual([SUCCESS, SUCCESS, SUCCESS, SUCCESS]);
  });
});

describe('a server of https', () => {
  it.each([[''], [WITH_USER]])('is reached through a tunnel, with %j', async (user) => {
    const [server, proxy] = [
      await startTlsServer(),
      await startProxy(user === '' ? {} : { authorization: BASIC }),
    ];
    const transport = startTransport(proxy.url.replace('//', `//${user}`));
    for (let i = 0; i < 2; i++) {
      expect(await send(transport, `${server.url}/path`, TRUSTED, { authorization: 'of-server' })).toEqual(
        SUCCESS,
      );
    }
    // Tunnels, which see nothing of the requests.
    for (const { method, target, headers } of proxy.requests) {
      expect([method, target]).toEqual(['CONNECT', `127.0.0.1:${server.port}`]);
      expect(headers).not.toHaveProperty('authorization');
    }
    expect(proxy.requests).not.toEqual([]);
    expect(server.seen.map(({ url, body }) => [url, body])).toEqual([
      ['/path', 'span'],
      ['/path', 'span'],
    ]);
    expect(server.seen[0]?.headers).toMatchObject({ authorization: 'of-server' });
    expect(server.seen[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('gets the certificate of the client', async () => {
    const server = await startTlsServer({
      requestCert: true,
      rejectUnauthorized: true,
      ca: SELF_SIGNED.cert,
    });
    const proxy = await startProxy();
    const identity = { ca: SELF_SIGNED.cert, cert: SELF_SIGNED.cert, key: SELF_SIGNED.key };
    const transport = startTransport(proxy.url);
    expect(await send(transport, server.url, identity)).toEqual(SUCCESS);
    expect(server.seen).toMatchObject([{ isAuthorized: true }]);
    expect(await send(transport, server.url, TRUSTED)).toMatchObject({ kind: 'retryable' });
  });

  it('is not trusted because it is behind a proxy', async () => {
    const [server, proxy] = [await startTlsServer(), await startProxy()];
    expect(await send(startTransport(proxy.url), server.url)).toMatchObject({
      misconfigured: true,
      reason: expect.stringMatching(
        new RegExp(
          `^the certificate of 127.0.0.1:${server.port}, through the proxy ${proxy.host} .*, is not trusted`,
        ),
      ),
    });
    expect(server.seen).toEqual([]);
  });
});

it.each(['http', 'https'])(
  'credentials for the proxy in the headers of a request to %s go no further',
  async (protocol) => {
    const proxy = await startProxy({ authorization: BASIC });
    const [sink, server] = [await startServer(), await startTlsServer()];
    const transport = startTransport(proxy.url);
    const headers = { 'Proxy-Authorization': BASIC };
    const url = protocol === 'http' ? sink.url : server.url;
    expect(await send(transport, url, protocol === 'http' ? undefined : TRUSTED, headers)).toEqual(SUCCESS);
    const arrived = protocol === 'http' ? sink.requests[0] : server.seen[0];
    expect(arrived?.headers).not.toHaveProperty('proxy-authorization');
  },
);

describe.each(['http', 'https'])('what is said of a proxy on the way to %s', (protocol) => {
  const target = `${protocol}://langfuse.test:444`;
  const ask = async (proxy: string, requestTimeoutMs?: number) => {
    const outcome = await send(startTransport(proxy, requestTimeoutMs), target, TRUSTED);
    expect(JSON.stringify(outcome)).not.toMatch(/p%40ss|p@ss|dXNlcjpwQHNz/);
    return outcome;
  };

  it.each([
    ['', 'wants a user and a password, in its URL'],
    ['user:wr0ng@', 'does not take the user and password of its URL'],
  ])('that takes no %j', async (user, words) => {
    const proxy = await startProxy({ authorization: BASIC });
    expect(await ask(proxy.url.replace('//', `//${user}`))).toEqual({
      kind: 'retryable',
      misconfigured: true,
      reason: `the proxy ${proxy.host} (option proxy) ${words} (HTTP 407)`,
    });
  });

  it('that refuses connections', async () => {
    const proxy = await startProxy();
    await proxy.close();
    expect(await ask(proxy.url.replace('//', `//${WITH_USER}`))).toMatchObject({
      kind: 'retryable',
      misconfigured: false,
      reason: expect.stringContaining(`the proxy ${proxy.host} (option proxy) refuses connections`),
    });
  });

  it('whose name cannot be resolved', async () => {
    // A label of 64 letters: no resolver is asked.
    const host = `${'a'.repeat(64)}.invalid`;
    expect(await ask(`http://${WITH_USER}${host}:3128`)).toMatchObject({
      reason: expect.stringContaining(`the name ${host} cannot be resolved`),
    });
  });

  it('that never answers', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    expect(await ask(`http://127.0.0.1:${port}`, 200)).toMatchObject({
      reason: expect.stringMatching(`^no answer within 200 ms from .*the proxy 127.0.0.1:${port}`),
    });
  });

  it('whose certificate is not trusted', async () => {
    const proxy = await startProxy({ tls: SELF_SIGNED });
    expect(await ask(proxy.url)).toMatchObject({
      misconfigured: true,
      reason: expect.stringContaining(
        `the certificate of the proxy ${proxy.host} (option proxy) is not trusted`,
      ),
    });
    expect(proxy.requests).toEqual([]);
  });

  it('that is none that can be used: nothing is sent', async () => {
    expect(await ask('socks5://user:p%40ss@127.0.0.1:1080')).toMatchObject({
      misconfigured: true,
      reason: expect.stringContaining('SOCKS proxies are not supported'),
    });
  });
});

it.each([
  [403, true, 'lets nothing through to langfuse.test:444 (HTTP 403)'],
  [502, false, 'cannot connect to langfuse.test:444 (HTTP 502)'],
])('a proxy that refuses a tunnel with %i', async (refuses, misconfigured, words) => {
  const proxy = await startProxy({ refuses });
  expect(await send(startTransport(proxy.url), 'https://langfuse.test:444', TRUSTED)).toEqual({
    kind: 'retryable',
    misconfigured,
    reason: `the proxy ${proxy.host} (option proxy) ${words}`,
  });
});

describe('TLS', () => {
  const OLD = {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  } as const;
  it.each<[string, TlsOptions, RegExp]>([
    ['of old versions alone', OLD, /have no version of TLS in common/],
    [
      'of other ciphers',
      // A cipher for keys of RSA, which the certificate is not.
      { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA256' },
      /breaks off the handshake of TLS: does it want a certificate of this client\? Or is there no cipher in common\?/,
    ],
    ['that wants a certificate', { requestCert: true, maxVersion: 'TLSv1.2' }, /want a certificate of this/],
  ])('%s is told as what it is', async (_, options, words) => {
    const server = createRawTlsServer({ ...SELF_SIGNED, ...options });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await send(startTransport(false), `https://127.0.0.1:${port}`, TRUSTED)).toMatchObject({
      kind: 'retryable',
      misconfigured: true,
      reason: expect.stringMatching(words),
    });
  });
});
