/** A server that takes what a Langfuse server takes, and says by name what has come. */
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { spanNames } from './span-names.js';

export async function startSink() {
  const spans = [];
  const scores = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const wire = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire;
    if (request.url.endsWith('/otel/v1/traces')) {
      spans.push(...spanNames(body));
      return response.end();
    }
    const { batch = [] } = JSON.parse(body);
    scores.push(...batch.filter(({ type }) => type === 'score-create').map(({ body }) => body.name));
    const successes = batch.map(({ id }) => ({ id, status: 201 }));
    response.writeHead(207, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ successes, errors: [] }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Names, each as often as it came. */
    spans,
    scores,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
