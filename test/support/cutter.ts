/** A relay to a server that cuts the connection when the server answers, so that nobody knows what became of a request. */
import { once } from 'node:events';
import { createServer, connect as openSocket, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** `cutNext`: the connection ends as soon as the server answers after a request with these words. */
export async function startCutter(target: number, words: string) {
  const sockets = new Set<Socket>();
  let isCutting = false;
  const relay = createServer((socket) => {
    const upstream = openSocket(target, '127.0.0.1');
    let hasAdded = false;
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one
        .on('error', () => {})
        .on('close', () => {
          socket.destroy();
          upstream.destroy();
        });
    }
    socket.on('data', (bytes: Buffer) => {
      hasAdded ||= bytes.includes(words);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (isCutting && hasAdded) {
        isCutting = false;
        socket.destroy();
      } else socket.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    relay.close();
  });
  const { port } = relay.address() as { port: number };
  return {
    port,
    cutNext() {
      isCutting = true;
    },
  };
}
