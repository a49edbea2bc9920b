/** A relay to a TCP server, whose connections a test cuts. */
import { once } from 'node:events';
import { type AddressInfo, createServer, connect as openSocket, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Relay {
  readonly port: number;
  /** Connections that were made so far. */
  connections: number;
  /** Ends all connections; new ones are taken. */
  cut(): void;
  /** Ends a connection in place of the next answer that has the text in it. */
  loseAnswerWith(text: string): void;
}

export async function startRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let lost: string | undefined;
  const server = createServer((socket) => {
    relay.connections++;
    const upstream = openSocket(target, '127.0.0.1');
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        socket.destroy();
        upstream.destroy();
      });
    }
    socket.pipe(upstream);
    upstream.on('data', (chunk) => {
      if (lost !== undefined && chunk.includes(lost)) {
        lost = undefined;
        socket.destroy();
      } else socket.write(chunk);
    });
    upstream.on('end', () => socket.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relay: Relay = {
    port: (server.address() as AddressInfo).port,
    connections: 0,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    loseAnswerWith(text) {
      lost = text;
    },
  };
  onTestFinished(() => {
    relay.cut();
    server.close();
  });
  return relay;
}
