/** An HTTP proxy that does what real ones do, for names of its own: whatever host it is asked for is on this machine. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as requestFrom,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ProxyRequest {
  /** CONNECT for a tunnel. */
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

export interface TestProxy {
  readonly host: string;
  readonly url: string;
  readonly requests: ProxyRequest[];
  close(): Promise<void>;
}

export interface TestProxySettings {
  /** The status that it refuses everything with. */
  readonly refuses?: number;
  /** The credentials that it wants. */
  readonly authorization?: string;
  /** A proxy that is spoken to over TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export async function startProxy(settings: TestProxySettings = {}): Promise<TestProxy> {
  const requests: ProxyRequest[] = [];
  const sockets = new Set<Socket>();
  const server = settings.tls ? createTlsServer(settings.tls) : createServer();
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  const refusal = ({ headers }: IncomingMessage): number | undefined => {
    const { refuses, authorization } = settings;
    if (refuses !== undefined) return refuses;
    return authorization === undefined || headers['proxy-authorization'] === authorization ? undefined : 407;
  };
  const note = ({ method = '', url = '', headers }: IncomingMessage): void => {
    requests.push({ method, target: url, headers });
  };
  server.on('connection', track).on('secureConnection', track);
  server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    note(incoming);
    const status = refusal(incoming);
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const port = Number(incoming.url?.slice(incoming.url.lastIndexOf(':') + 1));
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    track(onward);
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
    note(incoming);
    const status = refusal(incoming);
    if (status !== undefined || !incoming.url?.startsWith('http://')) {
      response.writeHead(status ?? 400).end();
      return;
    }
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const { port, pathname, search } = new URL(incoming.url);
    const onward = requestFrom(
      { host: '127.0.0.1', port, path: pathname + search, method: incoming.method, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.writeHead(502).end());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  onTestFinished(close);
  return { host, url: `${settings.tls ? 'https' : 'http'}://${host}`, requests, close };
}
