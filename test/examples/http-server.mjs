/** A plain server: on SIGTERM it answers what is under way, then sends the last events. */
import { createServer } from 'node:http';
import { Tailrace } from 'tailrace';

const tailrace = new Tailrace();

const server = createServer((request, response) => {
  tailrace.startActiveObservation('request', (span) => {
    span.update({ input: request.url });
    response.end('hello');
  });
});
server.listen(Number(process.env.PORT ?? 0), () => console.log(server.address().port));

process.once('SIGTERM', () => {
  server.close(async () => {
    await tailrace.shutdown();
    process.exit(0);
  });
  // `close` waits for connections on which nothing was asked yet, too: browsers open some in advance.
  setTimeout(() => server.closeAllConnections(), 5_000).unref();
});
