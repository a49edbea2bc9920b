/** The tracing client as an application uses it, seen from the server's side of the socket. */
import { Tailrace } from 'tailrace';
import { describe, expect, it } from 'vitest';
import { OBSERVATION_TYPES } from '../../src/records/vocabulary.js';
import { startClient } from '../support/clients.js';
import { startSink } from '../support/sink.js';

const INPUT = 'langfuse.observation.input';
const OUTPUT = 'langfuse.observation.output';

describe('traces and observations', () => {
  it('nest to any depth, and every span carries the attributes of the trace', async () => {
    const { client, span, spans } = await startClient({ release: 'r1', environment: 'test' });
    const trace = client.trace({
      name: 'root',
      userId: 'u',
      sessionId: 's',
      tags: ['t'],
      metadata: { k: 1 },
    });
    const agent = trace.agent({ name: 'agent' });
    const generation = agent.generation({ name: 'generation', model: 'gpt-4o' });
    generation.event({ name: 'event' });
    generation.end();
    agent.end();
    trace.end({ output: 'done' });
    await client.flush();

    expect(span('root').spanId).toBe(trace.id.slice(0, 16));
    expect(span('agent').parentSpanId).toBe(trace.id.slice(0, 16));
    expect(span('generation').parentSpanId).toBe(agent.id);
    expect(span('event').parentSpanId).toBe(generation.id);
    for (const { traceId, attributes } of spans()) {
      expect(traceId).toBe(trace.id);
      expect(attributes).toMatchObject({
        'langfuse.trace.name': 'root',
        'user.id': 'u',
        'session.id': 's',
        'langfuse.trace.tags': ['t'],
        'langfuse.trace.metadata.k': '1',
        'langfuse.release': 'r1',
        'langfuse.environment': 'test',
      });
    }
  });

  it('of all ten types arrive as what they are', async () => {
    const { client, spans } = await startClient();
    const trace = client.trace();
    for (const type of OBSERVATION_TYPES) trace[type]({ name: type }).end();
    await client.flush();
    const arrived = spans().filter(({ attributes }) => !attributes['tailrace.trace']);
    for (const { name, attributes } of arrived) expect(attributes['langfuse.observation.type']).toBe(name);
    expect(arrived.map(({ name }) => name).sort()).toEqual([...OBSERVATION_TYPES].sort());
  });

  it('whose whole value JSON has only null for carry that, as stock clients send it', async () => {
    const { client, span, scores } = await startClient();
    const nothing = { number: Number.NaN, infinite: Number.NEGATIVE_INFINITY, boxed: new Number(Number.NaN) };
    const all = { ...nothing, date: new Date(Number.NaN), toJSON: { toJSON: () => null } };
    for (const [name, value] of Object.entries(all)) {
      client.trace({ name, input: value, output: value, metadata: value });
      client.generation({ name: `in ${name}`, input: value, output: [value], metadata: { value } }).end();
    }
    client.span({ name: 'none', input: null, output: undefined }).end();
    client.score({ traceId: 't', name: 'score', value: 1, metadata: Number.NaN });
    await client.flush();
    for (const name of Object.keys(all)) {
      expect(span(name).attributes).toMatchObject({
        [INPUT]: 'null',
        [OUTPUT]: 'null',
      });
      expect(span(`in ${name}`).attributes).toMatchObject({
        [INPUT]: 'null',
        [OUTPUT]: '[null]',
      });
      // A server would store the text "null".
      for (const one of [span(name), span(`in ${name}`)]) {
        expect(Object.keys(one.attributes).filter((key) => key.includes('.metadata'))).toEqual([]);
      }
    }
    expect(Object.keys(span('none').attributes).filter((key) => [INPUT, OUTPUT].includes(key))).toEqual([]);
    expect(scores()[0]?.body).not.toHaveProperty('metadata');
  });

  it('know the address of their server, as the client and threads that attach to it do', async () => {
    const { client, sink } = await startClient();
    const trace = client.trace();
    const attached = Tailrace.attach(client.handle());
    const addresses = [client, attached, trace, trace.span(), trace.client, attached.trace()].map(
      ({ baseUrl }) => baseUrl,
    );
    expect(new Set(addresses)).toEqual(new Set([sink.url]));
    await attached.shutdown();
    expect(new Tailrace({ enabled: false, baseUrl: 'http://lf/' }).baseUrl).toBe('http://lf');
  });

  it('are frozen when they are handed over, not when they are sent', async () => {
    const { client, span } = await startClient();
    const messages = [{ role: 'user', content: 'first' }];
    const metadata = { step: 1 };
    const tags = ['before'];
    const trace = client.trace({ name: 'trace', tags, metadata });
    const generation = trace.generation({ name: 'g', input: messages, metadata });
    messages.push({ role: 'assistant', content: 'later' });
    metadata.step = 2;
    tags.push('after');
    generation.update({ output: messages });
    messages.length = 0;
    generation.end();
    await client.flush();
    const { attributes } = span('g');
    expect(JSON.parse(attributes[INPUT] as string)).toHaveLength(1);
    expect(JSON.parse(attributes[OUTPUT] as string)).toHaveLength(2);
    expect(attributes).toMatchObject({
      'langfuse.observation.metadata.step': '1',
      'langfuse.trace.tags': ['before'],
    });
    expect(span('trace').attributes).toMatchObject({ 'langfuse.trace.metadata.step': '1' });
  });

  it('are one record each, whatever the number of updates; a call with endTime is one by itself', async () => {
    const { client, spans } = await startClient();
    const trace = client.trace({ name: 'trace' });
    trace.span({ name: 'long' }).update({ input: 1 }).update({ output: 2 }).end().end();
    trace.generation({ name: 'one-shot', startTime: new Date(1000), endTime: new Date(2000) });
    await client.flush();
    expect(spans().map(({ name }) => name)).toEqual(['long', 'one-shot', 'trace']);
    expect(client.stats().accepted).toBe(3);
  });

  it('updated after their end are sent again under the same id', async () => {
    const { client, spans } = await startClient();
    const span = client.trace({ name: 'trace' }).span({ name: 's', input: 'in' });
    span.end();
    span.update({ output: 'late' });
    await client.flush();
    const sent = spans().filter(({ name }) => name === 's');
    expect(sent.map(({ spanId }) => spanId)).toEqual([span.id, span.id]);
    expect(sent[1]?.attributes).toMatchObject({ [INPUT]: 'in', [OUTPUT]: 'late' });
    expect(sent[1]?.endTimeUnixNano).toBe(sent[0]?.endTimeUnixNano);
  });

  it("carry the trace's version as it is when they are sent, if they have none of their own", async () => {
    const { client, spans } = await startClient();
    const trace = client.trace({ name: 'trace', version: '1' });
    const span = trace.span({ name: 's' }).end();
    trace.update({ version: '2' });
    span.update({ output: 'again' });
    trace.span({ name: 'own', version: 'own' }).end();
    await client.flush();
    const versions = (name: string) =>
      spans()
        .filter((one) => one.name === name)
        .map(({ attributes }) => attributes['langfuse.version']);
    expect([versions('s'), versions('own')]).toEqual([['1', '2'], ['own']]);
  });

  it('hold the ids of a handle that is put into a value, and nothing of what it is linked with', async () => {
    const { client, span, scores } = await startClient();
    const others = Array.from({ length: 50 }, () =>
      client.trace({ name: 'other', input: 'of somebody else' }),
    );
    const trace = client.trace({ name: 'trace' });
    const tool = trace.tool({ name: 'tool' });
    trace.span({ name: 's', input: { trace, tool }, output: others.length }).end();
    const decimal = { toJSON: () => '0.5', toString: () => '0.5' };
    trace.score({ name: 'price', value: decimal as never, metadata: { why: 'fine' } });
    await client.flush();
    expect(JSON.parse(span('s').attributes[INPUT] as string)).toEqual({
      trace: { id: trace.id },
      tool: { id: tool.id, traceId: trace.id },
    });
    expect(scores()[0]?.body).toMatchObject({
      value: 0.5,
      dataType: 'NUMERIC',
      metadata: { why: 'fine' },
    });
  });

  it('take their ids from the application: valid ones as they are, others hashed, the same text to the same id', async () => {
    const { client } = await startClient();
    const id = 'a'.repeat(31).concat('1');
    expect(client.trace({ id }).id).toBe(id);
    expect(client.trace({ id: 'order 17' }).id).toBe(client.trace({ id: 'order 17' }).id);
    expect(client.trace({ id: '0'.repeat(32) }).id).toMatch(/^[0-9a-f]{32}$/);
    expect(client.trace({ id: '0'.repeat(32) }).id).not.toBe('0'.repeat(32));
    expect(client.trace().span({ id: 'step 1' }).id).toMatch(/^[0-9a-f]{16}$/);
  });

  it('take bad input of every sort without an exception or a lost event', async () => {
    const { client, spans } = await startClient();
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const bad = [
      Symbol('x'),
      () => 1,
      cycle,
      10n ** 30n,
      new Error('e'),
      null,
      undefined,
      Number.NaN,
      {},
      [],
    ] as never[];
    const trace = client.trace(null as never);
    for (const value of bad) {
      client.trace({
        name: value,
        userId: value,
        tags: value,
        metadata: value,
        timestamp: value,
        public: value,
        input: value,
      });
      trace
        .generation({
          id: value,
          name: value,
          input: value,
          model: value,
          prompt: value,
          level: value,
          startTime: value,
        })
        .update({
          output: value,
          metadata: value,
          usageDetails: value,
          completionStartTime: value,
          statusMessage: value,
        })
        .update(value)
        .end({ version: value, endTime: value });
      trace.score({ name: 'n', value: 1, comment: value, metadata: value, timestamp: value });
    }
    const result = await client.flush();
    expect(result).toMatchObject({ failed: 0, dropped: { total: 0 }, pending: 0 });
    expect(spans().filter(({ traceId }) => traceId === trace.id)).toHaveLength(bad.length + 1);
  });
});

describe('hostile input', () => {
  it('never comes back as an exception, and what could be read of it arrives', async () => {
    const { client, spans, warnings } = await startClient();
    const trap = (key: string, rest: object = {}) =>
      Object.defineProperty({ ...rest }, key, {
        enumerable: true,
        get() {
          throw new Error('a trap');
        },
      }) as never;
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const bare = Object.create(null) as never;

    const trace = client.trace(trap('userId', { name: 'trapped' }));
    trace.update(trap('name')).update(proxy as never);
    trace
      .span(trap('input', { name: 'trapped span' }))
      .update(trap('output'))
      .end(trap('endTime'));
    trace.span(proxy as never).end(proxy as never);
    trace.span({ id: bare, startTime: bare, prompt: trap('version'), name: bare } as never).end();
    trace.span({ startTime: Object.create(Date.prototype) }).end();
    trace.score(trap('comment', { name: 's', value: 1 }));
    trace.score(undefined as never);
    client.score(null as never);
    client.trace({ tags: proxy as never });
    client.on('nothing' as 'warning', () => {});
    client.on('error', 'no function' as never);
    client.trace({ id: null as never }).end();
    new Tailrace(null as never);
    new Tailrace(proxy as never);

    expect(await client.flush()).toMatchObject({ failed: 0, pending: 0, dropped: { total: 0 } });
    expect(spans().map(({ name }) => name)).toEqual(expect.arrayContaining(['trapped', 'trapped span']));
    expect(warnings.filter((message) => message.startsWith('a field could not be read'))).toHaveLength(1);
    expect(client.trace({ id: null as never }).id).not.toBe(client.trace({ id: '' }).id);
  });
});

describe('the life of a trace', () => {
  it('is written by a flush when nothing is going on in it, and again when more comes', async () => {
    const { client, spans } = await startClient();
    const trace = client.trace({ name: 'trace', input: 'question' });
    const span = trace.span({ name: 'work' });
    await client.flush();
    expect(spans()).toEqual([]);
    span.end();
    await client.flush();
    trace.update({ output: 'answer' });
    await client.flush();
    await client.flush();
    const written = spans().filter(({ name }) => name === 'trace');
    expect(written.map(({ spanId }) => spanId)).toEqual([trace.id.slice(0, 16), trace.id.slice(0, 16)]);
    expect(written[1]?.attributes).toMatchObject({
      [INPUT]: 'question',
      [OUTPUT]: 'answer',
    });
    expect(BigInt(written[1]?.endTimeUnixNano as string)).toBeGreaterThanOrEqual(
      BigInt(spans().find(({ name }) => name === 'work')?.endTimeUnixNano as string),
    );
  });

  it('is written by itself once it has been idle for a flush interval', async () => {
    const { client, sink, span } = await startClient({ flushInterval: 0.02 });
    client.trace({ name: 'left alone' });
    await sink.received(1);
    expect(span('left alone').attributes['tailrace.trace']).toBe(true);
  });

  it('spans its observations', async () => {
    const { client, span } = await startClient();
    const trace = client.trace({ name: 'trace', timestamp: new Date(10_000) });
    trace.span({ name: 's', startTime: new Date(11_000), endTime: new Date(15_000) });
    await client.flush();
    expect(span('trace')).toMatchObject({ startTimeUnixNano: '10000000000', endTimeUnixNano: '15000000000' });
  });
});

describe('what is still open', () => {
  it('at shutdown is written as it stands, observations before their traces, and says so', async () => {
    const { client, span, spans } = await startClient();
    const parent = client.trace({ name: 'trace' }).span({ name: 'parent', input: 'in' });
    parent.generation({ name: 'child', level: 'ERROR', statusMessage: 'broken' });
    await client.shutdown();
    expect(spans().map(({ name }) => name)).toEqual(['parent', 'child', 'trace']);
    expect(span('parent').attributes).toMatchObject({
      [INPUT]: 'in',
      'langfuse.observation.level': 'WARNING',
      'langfuse.observation.status_message': 'not ended: the client was shut down',
    });
    expect(span('child').attributes).toMatchObject({
      'langfuse.observation.level': 'ERROR',
      'langfuse.observation.status_message': 'broken; not ended: the client was shut down',
    });
  });

  it('beyond the bound in number is written, and sent again when it is ended after all', async () => {
    const { client, spans } = await startClient({ maxOpen: 2 });
    const trace = client.trace({ name: 'trace' });
    const oldest = trace.span({ name: 'oldest' });
    trace.span({ name: 'younger' });
    trace.span({ name: 'youngest' });
    oldest.end({ output: 'ended after all' });
    await client.flush();
    const sent = spans().filter(({ name }) => name === 'oldest');
    expect(sent.map(({ attributes }) => attributes['langfuse.observation.status_message'])).toEqual([
      'not ended: more than 2 were open',
      '',
    ]);
    expect(sent[1]?.attributes[OUTPUT]).toBe('ended after all');
  });

  it('beyond the bound, in traces that have ended, is written without an end to it', async () => {
    const { client } = await startClient({ maxOpen: 100 });
    for (let i = 0; i < 1000; i++) {
      const trace = client.trace();
      trace.span();
      trace.end();
    }
    expect(await client.shutdown()).toMatchObject({ failed: 0, pending: 0, dropped: { total: 0 } });
    expect(client.stats().accepted).toBeGreaterThanOrEqual(2000);
  });

  it('beyond the bound in age is written', async () => {
    const { client, sink, span } = await startClient({ flushInterval: 0.02, maxOpenAge: 0.02 });
    client.trace({ name: 'trace' }).span({ name: 'forgotten' });
    await sink.received(1);
    await client.shutdown();
    expect(span('forgotten').attributes['langfuse.observation.status_message']).toContain(
      'open for more than',
    );
  });
});

describe('scores', () => {
  it('of every kind of value, on traces, observations and by id', async () => {
    const { client, scores } = await startClient();
    const trace = client.trace();
    const span = trace.span();
    trace.score({ name: 'number', value: 0.5, comment: 'c', metadata: { m: 1 } });
    span.score({ name: 'category', value: 'good' });
    client.score({ traceId: 'order 17', name: 'truth', value: true });
    client.score({ sessionId: 's', name: 'session', value: 1, id: 'fixed' });
    await client.flush();
    expect(scores().map(({ type, body }) => [type, body])).toMatchObject([
      [
        'score-create',
        {
          traceId: trace.id,
          name: 'number',
          value: 0.5,
          dataType: 'NUMERIC',
          comment: 'c',
          metadata: { m: 1 },
        },
      ],
      ['score-create', { traceId: trace.id, observationId: span.id, value: 'good', dataType: 'CATEGORICAL' }],
      ['score-create', { traceId: client.trace({ id: 'order 17' }).id, value: 1, dataType: 'BOOLEAN' }],
      ['score-create', { id: 'fixed', sessionId: 's', value: 1 }],
    ]);
  });
});

describe('shutdown', () => {
  it('sends what came a moment before, then does nothing more, with one warning', async () => {
    const { client, sink, warnings } = await startClient();
    client.trace({ name: 'before' });
    expect(await client.shutdownAsync()).toMatchObject({ sent: 1, pending: 0 });
    const requests = sink.requests.length;
    client.trace({ name: 'after' }).span({ name: 'after' }).end();
    client.score({ traceId: 'x', name: 'after', value: 1 });
    await client.flushAsync();
    await client.shutdown();
    expect(sink.requests).toHaveLength(requests);
    expect(warnings).toEqual([expect.stringContaining('after shutdown')]);
  });
});

describe('without keys', () => {
  it('warns once and does nothing', async () => {
    const sink = await startSink();
    const client = new Tailrace({ baseUrl: sink.url });
    const warnings: string[] = [];
    client.on('warning', (message) => warnings.push(message));
    const trace = client.trace({ name: 'x', input: 'y' });
    trace.generation({ name: 'g' }).end({ output: 'z' });
    trace.score({ name: 's', value: 1 });
    expect(await client.flush()).toMatchObject({ accepted: 0, pending: 0, dropped: { total: 0 } });
    expect(await client.shutdown()).toMatchObject({ accepted: 0 });
    expect(warnings).toEqual([
      'no publicKey (LANGFUSE_PUBLIC_KEY) and no secretKey (LANGFUSE_SECRET_KEY): nothing is traced',
    ]);
    expect(sink.requests).toEqual([]);
    await sink.close();
  });
});
