/** How long connections are kept, by the fake timers of undici. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Dispatcher } from 'undici';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createConnections } from '../../../../src/consumer/http/connections.js';
import { request } from '../../../../src/consumer/http/http-client.js';
import { nextImmediate } from '../../../../src/shared/runtime/real-time.js';

/** A server that does not say how long it keeps connections, and how many it was asked for. */
async function startServer() {
  const counts = { connections: 0 };
  const server = createServer((_, response) => response.setHeader('connection', 'keep-alive').end());
  server.on('connection', () => counts.connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connections = createConnections({ requestTimeoutMs: 10_000, maxInFlight: 1 });
  onTestFinished(async () => {
    await connections.close();
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { counts, ask: () => ask(connections.direct(undefined), origin) };
}

async function ask(dispatcher: Dispatcher, origin: string): Promise<void> {
  const { body } = await request.call(dispatcher, { origin, path: '/', method: 'GET' });
  await body.text();
  // undici puts the connection at rest after the answer has been read.
  await nextImmediate();
}

it('a connection serves the batches of little traffic, and is given up when none come', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { counts, ask } = await startServer();
  await ask();
  vi.advanceTimersByTime(10_000);
  await ask();
  expect(counts.connections).toBe(1);
  vi.advanceTimersByTime(60_000);
  await ask();
  expect(counts.connections).toBe(2);
});
