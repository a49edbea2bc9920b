/**
 * Single files of libraries, which no version number promises anything of: what we use of them is still there and means the
 * same. They are pinned exactly; who moves the pin finds here what has changed.
 */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { FixedQueue, Piscina } from 'piscina';
import * as undici from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Agent, ProxyAgent, request, TunnelPool } from '../../src/consumer/http/http-client.js';

const ROOT = new URL('../../', import.meta.url);
const jsonOf = (path: string) => JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'));
const PISCINA = fileURLToPath(new URL('.', import.meta.resolve('piscina')));

it.each(['undici', 'piscina', 'comlink', 'msgpackr'])(
  '%s is pinned exactly, and that version is installed',
  (name) => {
    const pinned = jsonOf('package.json').devDependencies[name];
    expect(pinned).toMatch(/^\d+\.\d+\.\d+$/);
    expect(jsonOf(`node_modules/${name}/package.json`).version).toBe(pinned);
  },
);

/** A server on this machine; a CONNECT is answered with 403, so that no tunnel comes about. */
async function startServer() {
  const requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = '', url = '', headers } = incoming;
    requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    response.end('{"ok":true}');
  });
  server.on('connect', ({ method = '', url = '', headers }: IncomingMessage, socket: Socket) => {
    requests.push({ method, url, headers, body: '' });
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

describe('the single files of undici', () => {
  it('export the classes that the whole exports', () => {
    expect(Agent).toBe(undici.Agent);
    expect(ProxyAgent).toBe(undici.ProxyAgent);
    expect(Object.getPrototypeOf(TunnelPool)).toBe(undici.Pool);
  });

  it('request is called with a dispatcher as `this`, and takes an iterable as body', async () => {
    const { origin, requests } = await startServer();
    const agent = new Agent({ connections: 1, pipelining: 1, headersTimeout: 5_000, bodyTimeout: 5_000 });
    onTestFinished(() => agent.destroy());
    const response = await request.call(agent, {
      origin,
      path: '/v1/traces?a=1',
      method: 'POST',
      headers: { 'content-length': '5' },
      body: [Buffer.from('he'), Buffer.from('llo')] as never,
      headersTimeout: 5_000,
      signal: AbortSignal.timeout(5_000),
    });
    expect(response.statusCode).toBe(200);
    expect(await response.body.text()).toBe('{"ok":true}');
    expect(requests).toMatchObject([{ method: 'POST', url: '/v1/traces?a=1', body: 'hello' }]);
    expect(requests[0]?.headers['content-length']).toBe('5');
  });

  it('an invalid argument has the code that says that nothing was sent', async () => {
    const agent = new Agent();
    onTestFinished(() => agent.destroy());
    const wrong = {
      origin: 'http://127.0.0.1',
      path: '/',
      method: 'GET',
      headers: { 'bad header': 'x' },
    } as const;
    await expect(request.call(agent, wrong)).rejects.toMatchObject({ code: 'UND_ERR_INVALID_ARG' });
  });

  it('the agent of a proxy has its client made by clientFactory, and asks that for a tunnel', async () => {
    const { origin, requests } = await startServer();
    const made: unknown[] = [];
    const agent = new ProxyAgent({
      uri: origin,
      token: 'Basic secret',
      proxyTls: { timeout: 5_000 },
      requestTls: { timeout: 5_000 },
      clientFactory: (url: URL, { connect }: { connect: unknown }) => {
        made.push(String(url), typeof connect);
        return new TunnelPool(url, { connect: connect as never });
      },
    } as undici.ProxyAgent.Options);
    onTestFinished(() => agent.destroy());
    const sent = request.call(agent, { origin: 'https://collector.example:4318', path: '/', method: 'GET' });
    await expect(sent).rejects.toThrow('Proxy response (403) !== 200 when HTTP Tunneling');
    expect(made).toEqual([`${origin}/`, 'function']);
    expect(requests).toMatchObject([{ method: 'CONNECT', url: 'collector.example:4318' }]);
    expect(requests[0]?.headers['proxy-authorization']).toBe('Basic secret');
  });
});

describe('the parts of piscina', () => {
  it('start the worker from the file that the build names in its place', () => {
    const source = readFileSync(`${PISCINA}index.js`, 'utf8');
    expect(source.split("(0, node_path_1.resolve)(__dirname, 'worker.js')")).toHaveLength(2);
  });

  it('the queue gives back what was put in, first in first out, and null when it is empty', () => {
    const queue = new FixedQueue();
    const tasks = [{}, {}] as never[];
    for (const task of tasks) queue.push(task);
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual([...tasks, null]);
  });

  it('the worker file listens for its start, and says that it is ready', async () => {
    const worker = new Worker(`${PISCINA}worker.js`);
    onTestFinished(() => void worker.terminate());
    const { port1, port2 } = new MessageChannel();
    const start = {
      port: port2,
      sharedBuffer: new SharedArrayBuffer(128),
      filename: null,
      name: '',
      niceIncrement: 0,
    };
    worker.postMessage({ ...start, atomics: 'disabled' }, [port2]);
    const [ready] = await once(worker, 'message');
    expect(Object.values(ready)).toEqual([true]);
    port1.close();
  });

  it('a pool of one starts its worker with the first task, and tells why it died before its end', async () => {
    const said: string[] = [];
    const folder = mkdtempSync(join(tmpdir(), 'tailrace-piscina-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const filename = join(folder, 'task.cjs');
    // Its task is over by then, as ours is once the consumer runs.
    writeFileSync(filename, 'exports.fail = () => void setTimeout(() => { throw new TypeError(); }, 20);');
    const pool = new Piscina({
      filename,
      taskQueue: new FixedQueue(),
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: 'disabled',
      recordTiming: false,
    });
    expect(pool.threads).toHaveLength(0);
    pool.on('error', (error: Error) => said.push(error.name));
    const destroyed = once(pool, 'workerDestroy');
    // As our pool does: the reason is told in the same turn as the end.
    pool.on('workerDestroy', () => queueMicrotask(() => said.push('end')));
    await pool.run({}, { name: 'fail' });
    await destroyed;
    await new Promise((resolve) => setImmediate(resolve));
    expect(said).toEqual(['TypeError', 'end']);
    await pool.destroy();
  });
});
