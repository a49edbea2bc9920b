/** What was said of a trace at last: which spans are sent again, and what goes beside them to a server that merges by times. */
import { setActiveTraceAsPublic, setActiveTraceIO, Tailrace } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startClient } from '../support/clients.js';
import { serverOf, startCapture } from '../support/langfuse-server/index.js';

const named = (name: string) => (span: { name: string }) => span.name === name;

describe('an update of a trace', () => {
  it('before anything was sent is on its spans, and nowhere else', async () => {
    const { client, span, spans, traceUpdates } = await startClient();
    const trace = client.trace({ name: 'first', userId: 'u1' });
    trace.update({ name: 'second', userId: 'u2' });
    trace.span({ name: 'work' }).end();
    trace.end({ output: 'done' });
    await client.shutdown();
    expect(spans()).toHaveLength(2);
    expect(span('work').attributes).toMatchObject({ 'langfuse.trace.name': 'second', 'user.id': 'u2' });
    expect(traceUpdates()).toEqual([]);
  });

  it('after a child has ended goes beside the spans, later than all of them, and not again', async () => {
    const { client, spans, traceUpdates } = await startClient({ environment: 'test', release: 'r1' });
    const trace = client.trace({ name: 'first', input: 'question', metadata: { a: 1, b: 1 } });
    const start = Date.now() + 60_000;
    trace.span({ name: 'work', startTime: start, endTime: start + 1 });
    trace.update({ name: 'second', public: true, version: 'v2', metadata: { b: 2 } });
    trace.span({ name: 'more' }).end();
    await client.flush();
    trace.span({ name: 'even more' }).end();
    await client.shutdown();
    const [update, ...others] = traceUpdates();
    expect(others).toEqual([]);
    expect(update).toMatchObject({ type: 'trace-create', timestamp: new Date(start + 1).toISOString() });
    // Its input was said before, and is on its span.
    expect(update?.body).toEqual({
      id: trace.id,
      timestamp: expect.any(String),
      name: 'second',
      version: 'v2',
      environment: 'test',
      release: 'r1',
      public: true,
      metadata: { a: 1, b: 2 },
    });
    expect(spans().filter(named('second')).at(-1)?.attributes).toMatchObject({
      'langfuse.trace.public': true,
    });
  });

  it('of input and output after its span was sent brings them', async () => {
    const { client, spans, traceUpdates } = await startClient();
    const trace = client.trace({ name: 'trace', input: 'question' });
    await client.flush();
    trace.update({ output: 'first' });
    await client.flush();
    trace.update({ output: 'second' });
    await client.shutdown();
    expect(traceUpdates().map(({ body }) => [body.input, body.output])).toEqual([
      ['question', 'first'],
      ['question', 'second'],
    ]);
    const [first, second] = traceUpdates().map(({ timestamp }) => Date.parse(timestamp));
    expect(second).toBeGreaterThan(first as number);
    expect(spans().at(-1)?.attributes['langfuse.observation.output']).toBe('second');
  });

  it('that has no span of its own sends its root again, whose own input and output stay', async () => {
    const { client, spans, traceUpdates } = await startClient();
    const root = client.startActiveObservation('root', (active) => {
      active.update({ input: 'own in', output: 'own out' });
      client.startObservation('child').end();
      client.updateActiveTrace({ userId: 'u1', input: 'trace in', output: 'trace out' });
      return active;
    });
    await client.flush();
    expect(spans().filter(named('root'))).toHaveLength(1);
    root.updateTrace({ userId: 'u2' });
    await client.shutdown();
    const [, again] = spans().filter(named('root'));
    expect(again?.attributes).toMatchObject({
      'user.id': 'u2',
      'langfuse.observation.input': 'own in',
      'langfuse.observation.output': 'own out',
      'langfuse.trace.input': 'trace in',
      'langfuse.trace.output': 'trace out',
    });
    expect(spans().find(named('child'))?.attributes).not.toHaveProperty('langfuse.trace.input');
    expect(traceUpdates().map(({ body }) => body.userId)).toEqual(['u1', 'u2']);
  });

  it('of a trace that began elsewhere leaves a downstream observation its own input, and goes beside it', async () => {
    const { client, span, traceUpdates } = await startClient({ tags: ['of this service'] });
    const traceId = '0123456789abcdef0123456789abcdef';
    const parent = { traceId, spanId: 'fedcba9876543210' };
    client.startActiveObservation(
      'handle',
      (handle) => {
        handle.update({ input: 'own' }).updateTrace({ userId: 'u1', input: 'of the trace' });
      },
      { parent },
    );
    await client.shutdown();
    expect(span('handle').attributes).toMatchObject({
      'langfuse.observation.input': 'own',
      'langfuse.trace.input': 'of the trace',
      'user.id': 'u1',
      'langfuse.internal.is_app_root': true,
    });
    // Tags of another service's trace are that service's.
    expect(span('handle').attributes).not.toHaveProperty('langfuse.trace.tags');
    expect(traceUpdates().map(({ body }) => body.userId)).toEqual(['u1']);
  });

  it('stands beside children of another version', async () => {
    const { client, spans, traceUpdates } = await startClient();
    const trace = client.trace({ name: 'trace', version: 'v1' });
    trace.span({ name: 'child', version: 'v2' }).end();
    trace.end();
    await client.shutdown();
    expect(spans().find(named('child'))?.attributes['langfuse.version']).toBe('v2');
    expect(spans().at(-1)?.attributes['langfuse.version']).toBe('v1');
    expect(traceUpdates().map(({ body }) => body.version)).toEqual(['v1']);
  });

  it('keeps the version of a root whose children have none, or several', async () => {
    const { client, spans, traceUpdates } = await startClient();
    client.startActiveObservation('root', (root) => {
      root.update({ version: 'v1' });
      client.startObservation('child').end();
      client.startObservation('other', { version: 'v2' }).end();
    });
    await client.shutdown();
    expect(spans()).toHaveLength(3);
    expect(traceUpdates().map(({ body }) => body.version)).toEqual(['v1']);
  });

  it('is no failure where a server of Langfuse 4 refuses it, or has no such endpoint', async () => {
    const capture = await startCapture({ version: 4 });
    onTestFinished(() => capture.close());
    const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: capture.url });
    const errors: string[] = [];
    client.on('error', (message) => errors.push(message));
    const trace = client.trace({ name: 'first' });
    trace.span({ name: 'work' }).end();
    trace.update({ name: 'second' });
    expect(await client.shutdown()).toMatchObject({ sent: 3, failed: 0, retried: 0 });
    expect(errors).toEqual([]);
    expect(serverOf(4, capture.requests).traces.get(trace.id)?.name).toBe('second');

    const gateway = await startClient();
    gateway.sink.answer = ({ url }, response) =>
      response.writeHead(url.endsWith('/traces') ? 200 : 404).end();
    const other = gateway.client.trace({ name: 'first' });
    other.span({ name: 'work' }).end();
    other.update({ name: 'second' });
    expect(await gateway.client.shutdown()).toMatchObject({ sent: 3, failed: 0 });
  });
});

it('a trace is given input, output and its public flag by the names of Langfuse 5', async () => {
  const { client, span, warnings } = await startClient();
  client.startActiveObservation('by function', (active) => {
    active.update({ input: 'own' });
    setActiveTraceIO({ input: 'in', output: 'out', userId: 'not taken' } as never);
    setActiveTraceAsPublic();
  });
  client.startObservation('by handle').setTraceIO({ output: 'out' }).setTraceAsPublic().end();
  setActiveTraceAsPublic();
  await client.shutdown();
  expect(span('by function').attributes).toMatchObject({
    'langfuse.observation.input': 'own',
    'langfuse.trace.input': 'in',
    'langfuse.trace.output': 'out',
    'langfuse.trace.public': true,
  });
  expect(span('by function').attributes).not.toHaveProperty('user.id');
  expect(span('by handle').attributes).toMatchObject({
    'langfuse.trace.output': 'out',
    'langfuse.trace.public': true,
  });
  expect(warnings).toEqual([
    expect.stringContaining('setActiveTraceAsPublic() does nothing: no observation is active'),
  ]);
});

describe('one id given twice', () => {
  it('is one trace while its handle is open: what was said last stands', async () => {
    const { client, spans } = await startClient();
    const first = client.trace({ id: 'request-1', name: 'first', userId: 'u1', metadata: { a: 1 } });
    const second = client.trace({ id: 'request-1', name: 'second', metadata: { b: 2 } });
    expect(second.id).toBe(first.id);
    first.span({ name: 'of the first' }).end();
    client.span({ traceId: 'request-1', name: 'by id' }).end();
    await client.shutdown();
    expect(spans()).toHaveLength(3);
    for (const { attributes } of spans()) {
      expect(attributes).toMatchObject({
        'langfuse.trace.name': 'second',
        'user.id': 'u1',
        'langfuse.trace.metadata.a': '1',
        'langfuse.trace.metadata.b': '2',
      });
    }
  });

  it.each(['otel', 'ingestion'] as const)(
    'to observations that are open at shutdown (%s): the younger stands',
    async (protocol) => {
      const { client, sink, spans } = await startClient({ protocol });
      const trace = client.trace({ name: 'trace' });
      trace.span({ id: 'same', output: 'older' });
      trace.span({ id: 'same', output: 'younger' });
      await client.shutdown();
      const outputs =
        protocol === 'otel'
          ? spans().map(({ attributes }) => attributes['langfuse.observation.output'])
          : sink.requests
              .flatMap(({ body }) => JSON.parse(body.toString()).batch)
              .filter(({ type }) => type === 'span-create')
              .sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp))
              .map(({ body }) => body.output);
      expect(outputs.filter(Boolean)).toEqual(['older', 'younger']);
    },
  );
});

describe('a prompt', () => {
  it.each([
    [{ name: 'greeting', version: 3 }, 3],
    [{ name: 'greeting', version: '4' }, 4],
    [{ name: 'greeting', version: 0 }, undefined],
    [{ name: 'greeting', version: 1.5 }, undefined],
    [{ name: 'greeting' }, undefined],
    [{ version: 3 }, undefined],
    [{ name: '', version: 3 }, undefined],
    [{ name: 'greeting', version: 1e9 }, undefined],
  ])('%o is linked by an integer, or not at all', async (prompt, version) => {
    const { client, span, warnings } = await startClient();
    client.generation({ name: 'g', prompt: prompt as never }).end();
    await client.shutdown();
    expect(span('g').attributes['langfuse.observation.prompt.version']).toBe(version);
    expect('langfuse.observation.prompt.name' in span('g').attributes).toBe(version !== undefined);
    expect(warnings).toHaveLength(version === undefined ? 1 : 0);
  });

  it('that is a fallback is not linked, without a warning', async () => {
    const { client, span, warnings } = await startClient();
    client.generation({ name: 'g', prompt: { name: 'p', version: 1, isFallback: true } }).end();
    await client.shutdown();
    expect(span('g').attributes).not.toHaveProperty('langfuse.observation.prompt.name');
    expect(warnings).toEqual([]);
  });
});
