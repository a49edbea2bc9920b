/**
 * A Langfuse server that misbehaves as it is told, byte by byte on its sockets, until it is mended. What it has
 * acknowledged is known by the names of the observations.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { decodeRequest } from './otlp.js';

export interface FaultRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  readonly body: Buffer;
  /** Of the observations and scores in it. */
  readonly names: readonly string[];
  readonly ids: readonly string[];
}

/** What it does instead of answering; at the first stage that is there. */
export interface Fault {
  /** Nobody listens. */
  readonly refuses?: true;
  /** Shows only by the time that passes: a client had better not be patient. */
  readonly isSlow?: true;
  connected?(socket: Socket): void;
  /** The head of a request has come, of its body at most the beginning. true: nothing is wrong with this one. */
  head?(socket: Socket, headers: Readonly<Record<string, string>>): unknown;
  /** `acknowledge` is to be called where what is written says that the server has the request. */
  request?(socket: Socket, request: FaultRequest, acknowledge: () => void): void;
}

export interface FaultServer {
  readonly url: string;
  readonly host: string;
  /** That have come whole. */
  readonly requests: FaultRequest[];
  /** Names of the observations that it has said to have, a repeat left out. */
  readonly acknowledged: ReadonlySet<string>;
  /** Called with each request that it has acknowledged. */
  onAcknowledged: (request: FaultRequest) => void;
  fault: Fault;
  /** Closes its connections and listens no more. */
  refuse(): Promise<void>;
  /** From the next connection and request on it is a good server. */
  mend(): Promise<void>;
}

/** `onFinished` is told how it is closed. */
export async function startFaultServer(
  fault: Fault,
  onFinished: (close: () => Promise<void>) => void,
  tls?: TlsOptions,
): Promise<FaultServer> {
  const requests: FaultRequest[] = [];
  const acknowledged = new Set<string>();
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (server.fault.connected) server.fault.connected(socket);
    else readRequests(socket);
  };
  const listener: Server = tls ? createTlsServer(tls, serve) : createServer({ allowHalfOpen: true }, serve);
  listener.on('tlsClientError', () => {});

  function readRequests(socket: Socket): void {
    let chunks: Buffer[] = [];
    let receivedBytes = 0;
    let head: Head | undefined;
    let isTaken = false;
    socket.on('end', () => socket.end());
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      receivedBytes += chunk.byteLength;
      if (head === undefined) {
        head = readHead(joined());
        if (head === undefined) return;
        if (server.fault.head) isTaken = server.fault.head(socket, head.headers) !== true;
      }
      const end = head.end + Number(head.headers['content-length'] ?? 0);
      if (receivedBytes < end || isTaken) return;
      const received = joined();
      const request = toRequest(head, received.subarray(head.end, end));
      chunks = [received.subarray(end)];
      receivedBytes -= end;
      head = undefined;
      requests.push(request);
      const acknowledge = (): void => {
        for (const name of request.names) acknowledged.add(name);
        server.onAcknowledged(request);
      };
      if (server.fault.request) return server.fault.request(socket, request, acknowledge);
      acknowledge();
      socket.write(goodAnswer(request));
    });

    /** In one piece; once for each request, as joining a large body chunk by chunk takes seconds. */
    function joined(): Buffer {
      const all = Buffer.concat(chunks);
      chunks = [all];
      return all;
    }
  }

  await listen(listener, 0);
  const { port } = listener.address() as { port: number };
  const server: FaultServer = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    requests,
    acknowledged,
    onAcknowledged: () => {},
    fault,
    async refuse() {
      for (const socket of sockets) socket.destroy();
      await closeListener(listener);
    },
    async mend() {
      server.fault = {};
      if (!listener.listening) await listen(listener, port);
    },
  };
  if (fault.refuses) await server.refuse();
  onFinished(async () => {
    if (listener.listening) await server.refuse();
  });
  return server;
}

/** An answer as it stands on the wire, with its length. */
export function answer(
  status: number,
  headers: Record<string, string> = {},
  body: string | Buffer = '',
): Buffer {
  const bytes = Buffer.from(body);
  const lines = Object.entries({ 'content-length': String(bytes.byteLength), ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Status\r\n${head}\r\n`), bytes]);
}

interface Head {
  readonly path: string;
  readonly headers: Record<string, string>;
  /** Where the body begins. */
  readonly end: number;
}

function readHead(received: Buffer): Head | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = received.toString('latin1', 0, end).split('\r\n');
  const headers = lines.map((line) => {
    const [name = '', ...value] = line.split(':');
    return [name.toLowerCase(), value.join(':').trim()];
  });
  return { path: first.split(' ')[1] ?? '', headers: Object.fromEntries(headers), end: end + 4 };
}

function toRequest({ path, headers }: Head, wire: Buffer): FaultRequest {
  const body = headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : Buffer.from(wire);
  const identities = identitiesIn(path, body);
  return {
    path,
    headers,
    body,
    names: identities.map(({ name }) => name),
    ids: identities.map(({ id }) => id),
  };
}

interface Identity {
  readonly id: string;
  readonly name: string;
}

interface IngestionEvent {
  id: string;
  type: string;
  body: Identity;
}

export function eventsIn(body: Buffer): IngestionEvent[] {
  return (JSON.parse(body.toString()) as { batch: IngestionEvent[] }).batch;
}

function identitiesIn(path: string, body: Buffer): Identity[] {
  if (path.endsWith('/traces'))
    return decodeRequest(body).spans.map(({ name, spanId }) => ({ name, id: spanId }));
  return eventsIn(body)
    .filter(({ type }) => type !== 'trace-create')
    .map((event) => event.body);
}

function goodAnswer({ path, body }: FaultRequest): Buffer {
  if (path.endsWith('/traces')) return answer(200);
  const successes = eventsIn(body).map(({ id }) => ({ id, status: 201 }));
  return answer(207, { 'content-type': 'application/json' }, JSON.stringify({ successes, errors: [] }));
}

function listen(listener: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, '127.0.0.1', () => {
      listener.off('error', reject);
      resolve();
    });
  });
}

function closeListener(listener: Server): Promise<void> {
  return new Promise((resolve) => {
    listener.close(() => resolve());
  });
}
