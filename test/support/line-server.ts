/** A server for line-exporter.mjs: it keeps each batch, and answers as the test says. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { ExportOutcome } from '../../src/shared/contract/exporter.js';

export interface LineBatch {
  readonly lane: string;
  readonly encoding: string;
  /** As it was sent. */
  readonly body: Buffer;
  readonly events: readonly Record<string, unknown>[];
}

/** 'cut': the server cuts the connection; 'silent': it says nothing. */
type LineAnswer = ExportOutcome | 'cut' | 'silent';

export interface LineServer {
  readonly port: number;
  readonly batches: readonly LineBatch[];
  /** Resolves once there are as many batches. */
  received(count: number): Promise<void>;
  answer: (batch: LineBatch) => LineAnswer;
  /** The server is away until `back`. */
  leave(): Promise<void>;
  back(): Promise<void>;
}

export async function startLineServer(): Promise<LineServer> {
  const batches: LineBatch[] = [];
  const sockets = new Set<Socket>();
  const waiting: { count: number; resolve: () => void }[] = [];
  let server: Server | undefined;
  let port = 0;

  const lines: LineServer = {
    get port() {
      return port;
    },
    batches,
    received: (count) =>
      new Promise((resolve) => {
        waiting.push({ count, resolve });
        tell();
      }),
    answer: () => ({ kind: 'success' }),
    async leave() {
      for (const socket of sockets) socket.destroy();
      const closed = server && once(server, 'close');
      server?.close();
      await closed;
      server = undefined;
    },
    async back() {
      server = createServer(serve).listen(port, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
    },
  };

  function tell(): void {
    for (const { count, resolve } of waiting) if (batches.length >= count) resolve();
  }

  function serve(socket: Socket): void {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let received = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      const end = received.indexOf('\n');
      if (end < 0) return;
      const [lane = '', , encoding = '', length] = received.subarray(0, end).toString().split(' ');
      const body = received.subarray(end + 1);
      if (body.byteLength < Number(length)) return;
      const text = (encoding === 'gzip' ? gunzipSync(body) : body).toString();
      const events = text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const batch = { lane, encoding, body, events };
      batches.push(batch);
      tell();
      const answer = lines.answer(batch);
      if (answer === 'cut') socket.destroy();
      else if (answer !== 'silent') socket.end(JSON.stringify(answer));
    });
  }

  await lines.back();
  onTestFinished(() => (server === undefined ? undefined : lines.leave()));
  return lines;
}
