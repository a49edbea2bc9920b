/** One request over a real socket: what is sent is what was given, whatever else the exporter says of it. */
import { expect, it, onTestFinished } from 'vitest';
import { createHttpTransport } from '../../../../src/consumer/http/http-transport.js';
import { startSink } from '../../../support/sink.js';

it.each([[['whole']], [['in ', 'several ', 'pieces']]])(
  'a body of %j arrives as one, with its own length',
  async (pieces) => {
    const sink = await startSink((_request, response) => response.end());
    const transport = createHttpTransport({ requestTimeoutMs: 5_000, maxInFlight: 1 });
    onTestFinished(async () => {
      await transport.close();
      await sink.close();
    });
    const request = {
      method: 'POST' as const,
      url: `${sink.url}/path?query=1`,
      // As an exporter may have set it for a body that was compressed afterwards.
      headers: { 'Content-Length': '1' },
      body: pieces.map((piece) => Buffer.from(piece)),
    };
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await transport.send(request, () => ({ kind: 'success' }))).toEqual({ kind: 'success' });
    }
    const whole = pieces.join('');
    expect(sink.requests.map(({ url, body }) => [url, body.toString()])).toEqual([
      ['/path?query=1', whole],
      ['/path?query=1', whole],
    ]);
    expect(sink.requests[0]?.headers['content-length']).toBe(String(whole.length));
  },
);

it('a request may take longer than the time-out where its body is said to need it', async () => {
  const sink = await startSink((_request, response) => setTimeout(() => response.end(), 1_200));
  const transport = createHttpTransport({ requestTimeoutMs: 500, maxInFlight: 2 });
  onTestFinished(async () => {
    await transport.close();
    await sink.close();
  });
  const request = { method: 'PUT' as const, url: sink.url, headers: {}, body: [Buffer.from('large')] };
  const outcomes = await Promise.all([
    transport.send({ ...request, extraTimeMs: 60_000 }, () => ({ kind: 'success' })),
    transport.send(request, () => ({ kind: 'success' })),
  ]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['success', 'retryable']);
});
