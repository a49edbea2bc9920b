/** A server that takes whatever comes and counts it: requests, bytes on the wire, connections. It keeps the last body of each path. */
import { once } from 'node:events';
import { createServer } from 'node:http';

export async function startWitness() {
  const counts = { requests: 0, wireBytes: 0, connections: 0 };
  const bodies = [];
  let keepsBodies = false;
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => {
      counts.wireBytes += chunk.byteLength;
      if (keepsBodies) chunks.push(chunk);
    });
    request.on('end', () => {
      counts.requests++;
      if (keepsBodies) bodies.push(Buffer.concat(chunks));
      const isProtobuf = request.headers['content-type'] === 'application/x-protobuf';
      if (isProtobuf) response.setHeader('content-type', 'application/x-protobuf');
      response.end();
    });
  });
  server.on('connection', () => counts.connections++);
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    look: async () => ({ ...counts }),
    /** From now on. Returns the list that they come into. */
    keepBodies() {
      keepsBodies = true;
      return bodies;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
