/** An HTTP server that records what it is sent and answers as it is told. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface SinkRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** As it was on the wire. */
  readonly wireBytes: number;
  /** Decompressed. */
  readonly body: Buffer;
}

export type Answer = (request: SinkRequest, response: ServerResponse, index: number) => void;

export interface Sink {
  readonly url: string;
  readonly requests: SinkRequest[];
  answer: Answer;
  /** Requests that have come and not been answered. */
  open: number;
  readonly maxOpen: () => number;
  /** Resolves once `count` requests have come. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

export const ok: Answer = (_, response) => response.end();

export function status(code: number, headers: Record<string, string> = {}, body = ''): Answer {
  return (_, response) => response.writeHead(code, headers).end(body);
}

export async function startSink(answer: Answer = ok): Promise<Sink> {
  const requests: SinkRequest[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let maxOpen = 0;
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    sink.open++;
    maxOpen = Math.max(maxOpen, sink.open);
    response.on('close', () => sink.open--);
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const wire = Buffer.concat(chunks);
      const body = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire;
      const { method = '', url = '', headers } = incoming;
      const request = { method, url, headers, wireBytes: wire.byteLength, body };
      const index = requests.push(request) - 1;
      for (const { count, resolve } of waiting) if (requests.length >= count) resolve();
      sink.answer(request, response, index);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sink: Sink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer,
    open: 0,
    maxOpen: () => maxOpen,
    received: (count) =>
      new Promise((resolve) => {
        if (requests.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return sink;
}
