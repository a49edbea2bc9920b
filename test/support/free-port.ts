/** A port of the loopback address that nobody listens on, for a server that has to be told its port. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  // A node of a cluster of Redis also takes this port and 10,000.
  return port < 50_000 ? port : freePort();
}
