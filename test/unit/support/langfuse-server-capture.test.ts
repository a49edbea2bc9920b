/** The server that captures requests: what it keeps, and how it answers. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ServerVersion, serverOf, startCapture } from '../../support/langfuse-server/index.js';
import { batchRequest, otlpRequest, TRACE } from '../../support/langfuse-server/requests.js';
import { named, span } from '../../support/langfuse-server/spans.js';

describe('the capturing server', () => {
  async function capture(version: ServerVersion) {
    const server = await startCapture({ version });
    onTestFinished(() => server.close());
    const post = (
      path: string,
      body: string | Uint8Array<ArrayBuffer>,
      headers: Record<string, string> = {},
    ) =>
      fetch(server.url + path, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
    return { server, post };
  }

  it('keeps what it is sent, inflated, in the order of arrival', async () => {
    const { server, post } = await capture(3);
    const { body } = otlpRequest([span(named('t'))]);
    await post('/api/public/otel/v1/traces', new Uint8Array(gzipSync(body)), { 'content-encoding': 'gzip' });
    await post('/api/public/ingestion', '{"batch":[]}');
    expect(server.requests.map(({ method, path, arrivedAt }) => [method, path, arrivedAt])).toEqual([
      ['POST', '/api/public/otel/v1/traces', 0],
      ['POST', '/api/public/ingestion', 1],
    ]);
    expect(serverOf(3, server.requests).traces.get(TRACE)?.name).toBe('t');
  });

  it('answers for each event', async () => {
    const { post } = await capture(4);
    const events = [
      { id: 'a', type: 'trace-create', body: { id: 't' } },
      { id: 'b', type: 'score-create', body: { id: 's', name: '', value: 1, traceId: 't' } },
      { id: 'c', type: 'score-create', body: { id: 's', name: 'n', value: 1, traceId: 't' } },
    ];
    const answer = await post('/api/public/ingestion', Buffer.from(batchRequest(events).body).toString());
    expect(answer.status).toBe(207);
    expect(await answer.json()).toEqual({
      successes: [{ id: 'c', status: 201 }],
      errors: [
        { id: 'b', status: 400, message: 'Invalid request data', error: expect.stringContaining('name') },
        {
          id: 'a',
          status: 400,
          message: 'Event type not accepted',
          error: expect.stringContaining('"trace-create"'),
        },
      ],
    });
  });

  it.each([
    ['text/plain', {}, 400],
    ['application/json', { 'x-langfuse-ingestion-version': '5' }, 400],
    ['application/json; charset=utf-8', { 'x-langfuse-ingestion-version': '4' }, 200],
  ])('answers spans as %s with %j by %i', async (type, headers, status) => {
    const { server, post } = await capture(3);
    const { body } = otlpRequest([span(named('t'))]);
    const answer = await post('/api/public/otel/v1/traces', Buffer.from(body).toString(), {
      'content-type': type,
      ...headers,
    });
    expect(answer.status).toBe(status);
    expect(serverOf(3, server.requests).traces.size).toBe(status === 200 ? 1 : 0);
  });
});
