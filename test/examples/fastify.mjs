/** Fastify: `onClose` runs when all requests have been answered. */
import Fastify from 'fastify';
import { Tailrace } from 'tailrace';

const tailrace = new Tailrace();
const app = Fastify();

app.addHook('onClose', () => tailrace.shutdown());
app.get('/*', (request) =>
  tailrace.startActiveObservation('request', (span) => {
    span.update({ input: request.url });
    return 'hello';
  }),
);
await app.listen({ port: Number(process.env.PORT ?? 0) });
console.log(app.server.address().port);

process.once('SIGTERM', async () => {
  // `close` waits for connections on which nothing was asked yet, too: browsers open some in advance.
  setTimeout(() => app.server.closeAllConnections(), 5_000).unref();
  await app.close();
  process.exit(0);
});
