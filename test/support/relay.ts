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
}

export async function startRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>();
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
    upstream.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relay: Relay = {
    port: (server.address() as AddressInfo).port,
    connections: 0,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
  onTestFinished(() => {
    relay.cut();
    server.close();
  });
  return relay;
}
