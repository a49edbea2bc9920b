/** The functional style: what is active becomes the parent, across awaits, generators, OpenTelemetry and services. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { context, trace as otelTrace, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import * as functions from 'tailrace';
import { createTraceId, extractTraceContext, type Observation, Tailrace } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startClient } from '../support/clients.js';

const INPUT = 'langfuse.observation.input';
const OUTPUT = 'langfuse.observation.output';
const COMPLETION_START = 'langfuse.observation.completion_start_time';

describe('startObservation', () => {
  it('begins a trace named after it, without a span besides it', async () => {
    const { client, spans, span } = await startClient({ environment: 'test' });
    const root = client.startObservation('root', { input: 'in', metadata: { k: 1 } });
    const child = root.startObservation('answer', { model: 'gpt-4o' }, { asType: 'generation' });
    child.update({ output: 'out', usageDetails: { input: 3 } }).end();
    root.updateTrace({ userId: 'u1' }).end();
    await client.flush();

    expect(spans()).toHaveLength(2);
    expect(span('root')).toMatchObject({ traceId: root.traceId, spanId: root.id, parentSpanId: '' });
    expect(span('root').attributes).toMatchObject({
      'langfuse.trace.name': 'root',
      'user.id': 'u1',
      'langfuse.environment': 'test',
      [INPUT]: 'in',
      'langfuse.observation.metadata.k': '1',
    });
    expect(span('answer')).toMatchObject({ traceId: root.traceId, parentSpanId: root.id });
    expect(span('answer').attributes).toMatchObject({
      'langfuse.observation.type': 'generation',
      'langfuse.observation.model.name': 'gpt-4o',
      [OUTPUT]: 'out',
    });
  });

  it.each([
    'span',
    'generation',
    'event',
    'embedding',
    'agent',
    'tool',
    'chain',
    'retriever',
    'evaluator',
    'guardrail',
  ] as const)('as %s has that type', async (asType) => {
    const { client, span } = await startClient();
    const observation = client.startObservation('one', {}, { asType });
    expect(observation.type).toBe(asType);
    observation.end();
    await client.flush();
    expect(span('one').attributes['langfuse.observation.type']).toBe(asType);
  });

  it('takes times, and a parent as a handle, as ids, as a traceparent and as a SpanContext', async () => {
    const { client, span, warnings } = await startClient();
    const traceId = createTraceId('order-1');
    const spanId = '00f067aa0ba902b7';
    const parents = [
      { parent: { traceId, spanId } },
      { parent: `00-${traceId}-${spanId}-01` },
      { parentSpanContext: { traceId, spanId, traceFlags: 1 } },
    ];
    for (const [index, options] of parents.entries()) {
      const startTime = new Date(1_700_000_000_000);
      client.startObservation(`by ids ${index}`, {}, { ...options, startTime }).end(1_700_000_001_000);
    }
    const trace = client.trace({ name: 'by hand' });
    client.startObservation('in a trace', {}, { parent: trace }).end([1_700_000_000, 500_000_000]);
    client.startObservation('astray', {}, { parent: 'nonsense' }).end();
    await client.flush();

    for (const index of parents.keys()) {
      expect(span(`by ids ${index}`)).toMatchObject({
        traceId,
        parentSpanId: spanId,
        startTimeUnixNano: '1700000000000000000',
        endTimeUnixNano: '1700000001000000000',
      });
    }
    expect(span('in a trace')).toMatchObject({ traceId: trace.id, parentSpanId: trace.id.slice(0, 16) });
    expect(span('astray').parentSpanId).toBe('');
    expect(warnings).toEqual([expect.stringContaining('a parent is neither')]);
  });
});

describe('startActiveObservation', () => {
  it('is the parent of what begins in it, also behind awaits, in timers and callbacks, and of nothing else', async () => {
    const { client, span } = await startClient();
    const emitter = new EventEmitter();
    const work = async (name: string) =>
      client.startActiveObservation(name, async (outer) => {
        expect(client.getActiveObservationId()).toBe(outer.id);
        expect(client.getActiveTraceId()).toBe(outer.traceId);
        await turn();
        await client.startActiveObservation(`${name} inner`, async () => {
          await new Promise<void>((resolve) => setTimeout(resolve, 1));
          client.startObservation(`${name} leaf`).end();
          client.span({ name: `${name} span` }).end();
        });
        process.nextTick(() => emitter.emit(name));
        await once(emitter, name);
        client.startObservation(`${name} late`).end();
        return name;
      });
    expect(await Promise.all([work('a'), work('b')])).toEqual(['a', 'b']);
    expect(client.getActiveObservationId()).toBeUndefined();
    expect(client.getActiveTraceId()).toBeUndefined();
    await client.flush();

    for (const name of ['a', 'b']) {
      const { traceId, spanId } = span(name);
      expect(span(`${name} inner`)).toMatchObject({ traceId, parentSpanId: spanId });
      const inner = span(`${name} inner`).spanId;
      expect(span(`${name} leaf`)).toMatchObject({ traceId, parentSpanId: inner });
      expect(span(`${name} span`)).toMatchObject({ traceId, parentSpanId: inner });
      expect(span(`${name} late`)).toMatchObject({ traceId, parentSpanId: spanId });
    }
    expect(span('a').traceId).not.toBe(span('b').traceId);
  });

  it('passes on what the function returns, and ends when that has settled', async () => {
    const { client } = await startClient();
    const ended = () => client.stats().accepted;
    expect(client.startActiveObservation('sync', () => 5)).toBe(5);
    expect(ended()).toBe(1);
    let resolve: (value: string) => void = () => {};
    const promise = client.startActiveObservation(
      'async',
      () => new Promise<string>((done) => (resolve = done)),
    );
    await turn();
    expect(ended()).toBe(1);
    resolve('done');
    expect(await promise).toBe('done');
    expect(ended()).toBe(2);
    class Answer extends Promise<string> {
      withResponse = () => 'raw';
    }
    const answer = client.startActiveObservation('subclass', () => new Answer((done) => done('x')));
    expect(answer.withResponse()).toBe('raw');
    expect(await answer).toBe('x');
    const lazy = {
      runs: 0,
      // biome-ignore lint/suspicious/noThenProperty: that is what a lazy query builder is
      then(done: (value: number) => void) {
        this.runs++;
        done(7);
      },
    };
    expect(
      await client.startActiveObservation('thenable', () => lazy as unknown as PromiseLike<number>),
    ).toBe(7);
    expect(lazy.runs).toBe(1);
    expect(ended()).toBe(4);
  });

  it('of a function that throws is an ERROR with its message, and the very error is thrown on', async () => {
    const { client, span } = await startClient();
    const error = new Error('out of tokens');
    const caught = (run: () => unknown) => {
      try {
        return run();
      } catch (thrown) {
        return thrown;
      }
    };
    expect(
      caught(() =>
        client.startActiveObservation('sync', () => {
          throw error;
        }),
      ),
    ).toBe(error);
    expect(
      await client.startActiveObservation('async', () => Promise.reject(error)).catch((one) => one),
    ).toBe(error);
    expect(
      caught(() =>
        client.startActiveObservation('odd', () => {
          throw null;
        }),
      ),
    ).toBe(null);
    const objects = {
      message: { message: 'out of tokens', code: 5 },
      plain: { code: 5, retry: ['a'] },
      realm: runInNewContext('new RangeError("far")'),
      trapped: Object.defineProperty({}, 'message', { get: () => assert.fail() }),
      bare: new Response('x'),
      large: { text: 'x'.repeat(5000) },
      far: new AggregateError([new Error('a'), new Error('b')]),
      function: function refuse() {},
    };
    for (const [name, thrown] of Object.entries(objects)) {
      const seen = await client
        .startActiveObservation(name, () => Promise.reject(thrown))
        .catch((one) => one);
      expect(seen).toBe(thrown);
    }
    await client.flush();
    const said = (name: string) => span(name).attributes['langfuse.observation.status_message'];
    expect(Object.keys(objects).map(said)).toEqual([
      'out of tokens',
      '{"code":5,"retry":["a"]}',
      'far',
      'an error that cannot be read',
      '[object Response]',
      expect.stringMatching(/^\{"text":"x{900,991}…$/),
      'AggregateError: a; b',
      '[Function: refuse]',
    ]);
    for (const name of ['sync', 'async']) {
      expect(span(name).attributes).toMatchObject({
        'langfuse.observation.level': 'ERROR',
        'langfuse.observation.status_message': 'out of tokens',
      });
      expect(span(name).status?.code).toBe(2);
    }
    expect(span('odd').attributes['langfuse.observation.status_message']).toBe('null');
  });

  it('with endOnExit: false is ended by hand', async () => {
    const { client, span } = await startClient();
    let kept: Observation | undefined;
    client.startActiveObservation('kept', (observation) => void (kept = observation), { endOnExit: false });
    expect(client.stats().accepted).toBe(0);
    kept?.end({ output: 'later' });
    await client.flush();
    expect(span('kept').attributes[OUTPUT]).toBe('later');
  });

  it('lets what is active be updated and scored', async () => {
    const { client, span, scores, warnings } = await startClient();
    const ids = client.startActiveObservation('one', (observation) => {
      client.updateActiveObservation({ output: 'set', level: 'WARNING' });
      client.updateActiveTrace({ sessionId: 's1' });
      client.scoreActiveObservation({ name: 'fine', value: true });
      client.scoreActiveTrace({ name: 'reward', value: 0.5, comment: 'half' });
      return { id: observation.id, traceId: observation.traceId };
    });
    client.updateActiveObservation({ output: 'nobody' });
    client.updateActiveObservation({ output: 'nobody' });
    await client.flush();
    expect(span('one').attributes).toMatchObject({
      [OUTPUT]: 'set',
      'langfuse.observation.level': 'WARNING',
      'session.id': 's1',
    });
    const { id, traceId } = ids;
    expect(scores().map(({ body }) => body)).toMatchObject([
      { name: 'fine', value: 1, dataType: 'BOOLEAN', traceId, observationId: id },
      { name: 'reward', value: 0.5, dataType: 'NUMERIC', traceId, comment: 'half' },
    ]);
    expect(scores()[1]?.body).not.toHaveProperty('observationId');
    expect(warnings).toEqual([
      expect.stringContaining('updateActiveObservation() does nothing: no observation is active'),
    ]);
  });
});

describe('observe', () => {
  it('captures arguments and result, and keeps this, name and length', async () => {
    const { client, span } = await startClient();
    const service = {
      factor: 2,
      scale: client.observe(function scale(this: { factor: number }, a: number, b: number) {
        return this.factor * (a + b);
      }),
    };
    const answer = client.observe(async (question: string) => `${question}!`, {
      name: 'answer',
      asType: 'agent',
    });
    const quiet = client.observe(() => 'secret', {
      name: 'quiet',
      captureInput: false,
      captureOutput: false,
    });
    expect(service.scale(1, 2)).toBe(6);
    expect([service.scale.name, service.scale.length]).toEqual(['scale', 2]);
    expect(await answer('why')).toBe('why!');
    quiet();
    await client.flush();
    expect(span('scale').attributes).toMatchObject({ [INPUT]: '[1,2]', [OUTPUT]: '6' });
    expect(span('answer').attributes).toMatchObject({
      'langfuse.observation.type': 'agent',
      [INPUT]: 'why',
      [OUTPUT]: 'why!',
    });
    expect(Object.keys(span('quiet').attributes)).not.toContain(OUTPUT);
    expect(Object.keys(span('quiet').attributes)).not.toContain(INPUT);
  });

  it('nests, and marks what throws', async () => {
    const { client, span } = await startClient();
    const inner = client.observe(
      (n: number) => {
        throw new RangeError(`no ${n}`);
      },
      { name: 'inner' },
    );
    const outer = client.observe(() => inner(3), { name: 'outer' });
    expect(() => outer()).toThrow(RangeError);
    await client.flush();
    expect(span('inner').parentSpanId).toBe(span('outer').spanId);
    for (const name of ['inner', 'outer']) {
      expect(span(name).attributes['langfuse.observation.status_message']).toBe('no 3');
    }
  });

  it('gathers what a generator yields: text joined, the rest as an array, as it was when it was yielded', async () => {
    const { client, span } = await startClient();
    const words = client.observe(function* words(n: number) {
      for (let i = 0; i < n; i++) {
        client.startObservation(`word ${i}`).end();
        yield `w${i} `;
      }
      return 'end';
    });
    const chunks = client.observe(
      async function* chunks() {
        const chunk = { n: 0 };
        for (; chunk.n < 3; chunk.n++) {
          await turn();
          client.startObservation(`chunk ${chunk.n}`).end();
          yield chunk;
        }
      },
      { asType: 'generation' },
    );
    const later = client.observe(async () => chunks(), { name: 'later' });
    expect([...words(3)]).toEqual(['w0 ', 'w1 ', 'w2 ']);
    const seen: number[] = [];
    for await (const { n } of await later()) seen.push(n);
    expect(seen).toEqual([0, 1, 2]);
    await client.flush();

    expect(span('words').attributes).toMatchObject({ [INPUT]: '3', [OUTPUT]: 'w0 w1 w2 ' });
    expect(span('chunks').attributes[OUTPUT]).toBe('[{"n":0},{"n":1},{"n":2}]');
    expect(span('chunks').attributes).toHaveProperty([COMPLETION_START]);
    expect(span('later').attributes[OUTPUT]).toBe('[{"n":0},{"n":1},{"n":2}]');
    expect(span('word 2').parentSpanId).toBe(span('words').spanId);
    expect(span('chunk 2').parentSpanId).toBe(span('chunks').spanId);
  });

  it('of a generator that is left early, or throws, keeps what came until then', async () => {
    const { client, span } = await startClient();
    let cleanedUp = false;
    const left = client.observe(async function* left() {
      try {
        yield 'a';
        yield 'b';
      } finally {
        cleanedUp = true;
      }
    });
    for await (const chunk of left()) if (chunk === 'a') break;
    const broken = client.observe(function* broken() {
      yield 'a';
      throw new Error('lost the line');
    });
    expect(() => [...broken()]).toThrow('lost the line');
    const thrownInto = client.observe(function* thrownInto(): Generator<string, string> {
      try {
        yield 'a';
      } catch {
        yield 'saved';
      }
      return 'end';
    });
    const generator = thrownInto();
    generator.next();
    expect(generator.throw(new Error('x'))).toEqual({ value: 'saved', done: false });
    expect(generator.next()).toEqual({ value: 'end', done: true });
    await client.flush();
    expect(cleanedUp).toBe(true);
    expect(span('left').attributes[OUTPUT]).toBe('a');
    expect(span('broken').attributes).toMatchObject({
      [OUTPUT]: 'a',
      'langfuse.observation.level': 'ERROR',
      'langfuse.observation.status_message': 'lost the line',
    });
    expect(span('thrownInto').attributes[OUTPUT]).toBe('asaved');
  });

  it('does not gather without end', async () => {
    const { client, span } = await startClient({ maxEventBytes: 8192 });
    const endless = client.observe(function* endless() {
      for (let i = 0; i < 100; i++) yield 'x'.repeat(100);
    });
    for (const chunk of endless()) expect(chunk).toHaveLength(100);
    await client.flush();
    expect(span('endless').attributes[OUTPUT]).toContain('[59 more]');
  });
});

describe('propagateAttributes', () => {
  it('reaches all traces and observations that begin inside, and the active trace', async () => {
    const { client, span } = await startClient({ tags: ['all'], version: 'v0' });
    const attributes = {
      userId: 'u1',
      sessionId: 's1',
      tags: ['inner'],
      metadata: { tenant: 'acme' },
      version: 'v1',
      traceName: 'named',
      environment: 'eval',
    };
    client.propagateAttributes(attributes, () => {
      attributes.metadata.tenant = 'changed';
      client.startObservation('one').end();
      client.propagateAttributes({ userId: 'u2', tags: ['more'], metadata: { k: '2' } }, () =>
        client.trace({ name: 'own name' }).span({ name: 'two' }).end(),
      );
    });
    client.startActiveObservation('three', () =>
      client.propagateAttributes({ userId: 'u3' }, () => client.startObservation('four').end()),
    );
    client.startObservation('outside').end();
    await client.flush();

    const given = { 'session.id': 's1', 'langfuse.trace.metadata.tenant': 'acme', 'langfuse.version': 'v1' };
    expect(span('one').attributes).toMatchObject({
      ...given,
      'user.id': 'u1',
      'langfuse.trace.name': 'named',
      'langfuse.trace.tags': ['all', 'inner'],
      'langfuse.environment': 'eval',
    });
    expect(span('two').attributes).toMatchObject({
      'user.id': 'u2',
      'session.id': 's1',
      'langfuse.trace.name': 'own name',
      'langfuse.trace.tags': ['all', 'inner', 'more'],
      'langfuse.trace.metadata.tenant': 'acme',
      'langfuse.trace.metadata.k': '2',
    });
    expect(span('three').attributes['user.id']).toBe('u3');
    expect(span('four').attributes['user.id']).toBe('u3');
    expect(span('outside').attributes).toMatchObject({
      'langfuse.trace.tags': ['all'],
      'langfuse.version': 'v0',
    });
    expect(span('outside').attributes).not.toHaveProperty(['user.id']);
  });
});

describe("OpenTelemetry's active span", () => {
  it('is the parent, unless something of ours is active further inside', async () => {
    const manager = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(manager);
    onTestFinished(() => context.disable());
    const tracer = new BasicTracerProvider().getTracer('test');
    const { client, span } = await startClient();
    const request = tracer.startSpan('request');
    const query = tracer.startSpan('query');
    await context.with(otelTrace.setSpan(ROOT_CONTEXT, request), async () => {
      await turn();
      expect(client.getActiveTraceId()).toBe(request.spanContext().traceId);
      expect(client.getActiveObservationId()).toBe(request.spanContext().spanId);
      client.startActiveObservation('ours', () => {
        client.startObservation('inside ours').end();
        context.with(otelTrace.setSpan(context.active(), query), () =>
          client.startObservation('inside theirs').end(),
        );
      });
    });
    client.startObservation('apart').end();
    await client.flush();

    const { traceId, spanId } = request.spanContext();
    expect(span('ours')).toMatchObject({ traceId, parentSpanId: spanId });
    expect(span('inside ours')).toMatchObject({ traceId, parentSpanId: span('ours').spanId });
    expect(span('inside theirs').parentSpanId).toBe(query.spanContext().spanId);
    expect(span('apart').parentSpanId).toBe('');
  });
});

describe('across services', () => {
  it('a trace goes on by its traceparent header', async () => {
    const caller = await startClient();
    const callee = await startClient();
    const server = createServer((request, response) => {
      const parent = extractTraceContext(request.headers);
      callee.client.startActiveObservation('serve', () => response.end('answer'), { parent });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await caller.client.startActiveObservation('call', async () => {
      const headers = caller.client.injectTraceContext({ accept: 'text/plain' });
      expect(await (await fetch(`http://127.0.0.1:${port}`, { headers })).text()).toBe('answer');
    });
    expect(caller.client.injectTraceContext()).toEqual({});
    await Promise.all([caller.client.flush(), callee.client.flush()]);
    const { traceId, spanId } = caller.span('call');
    expect(callee.span('serve')).toMatchObject({ traceId, parentSpanId: spanId });
  });
});

describe('sampling', () => {
  it('takes whole traces, the same ones in every service, with their scores', async () => {
    const first = await startClient({ sampleRate: 0.5 });
    const second = await startClient({ sampleRate: 0.5 });
    const ids = Array.from({ length: 40 }, (_, i) => createTraceId(`trace ${i}`));
    for (const id of ids) {
      const trace = first.client.trace({ id });
      trace.span({ name: 'child' }).generation({ name: 'leaf' }).end();
      trace.score({ name: 'reward', value: 1 });
      const parent = { traceId: id, spanId: '00f067aa0ba902b7' };
      second.client.startActiveObservation('far', () => second.client.startObservation('deep').end(), {
        parent,
      });
      second.client.score({ traceId: id, name: 'late', value: 1 });
    }
    await first.client.shutdown();
    await second.client.shutdown();
    const traces = (bench: typeof first) => new Set(bench.spans().map(({ traceId }) => traceId));
    expect(traces(first)).toEqual(traces(second));
    expect(traces(first).size).toBeGreaterThan(5);
    expect(traces(first).size).toBeLessThan(35);
    expect(first.spans()).toHaveLength(3 * traces(first).size);
    expect(first.scores()).toHaveLength(traces(first).size);
    expect(second.scores()).toHaveLength(traces(first).size);
  });
});

describe('a mask on this thread', () => {
  it('reaches input, output and metadata, and hides all where it fails', async () => {
    const { client, spans, scores, warnings } = await startClient({
      mask: ({ data }) => {
        if (data === 'break') throw new Error('with the secret in it');
        if (data === 'wait') return Promise.resolve('late');
        return JSON.parse(JSON.stringify(data).replaceAll('secret', '***'));
      },
    });
    const trace = client.trace({ name: 't', input: 'secret', metadata: { a: 'secret' } });
    trace
      .generation({ name: 'g', input: ['secret'], metadata: { b: 'secret' } })
      .end({ output: { c: 'secret' } });
    trace.span({ name: 'broken', input: 'break', output: 'wait' }).end();
    trace.score({ name: 's', value: 1, metadata: { d: 'secret' } });
    client.observe((word: string) => word, { name: 'observed' })('secret');
    client.propagateAttributes({ metadata: { e: 'secret' } }, () =>
      client.startObservation('propagated').end(),
    );
    await client.shutdown();
    const wire = JSON.stringify([spans(), scores()]);
    expect(wire).not.toContain('secret');
    expect(wire.match(/\*\*\*/g)?.length).toBeGreaterThanOrEqual(8);
    const broken = spans().find(({ name }) => name === 'broken');
    expect(broken?.attributes).toMatchObject({
      [INPUT]: '<fully masked due to failed mask function>',
      [OUTPUT]: '<fully masked due to failed mask function>',
    });
    expect(warnings).toEqual([
      'the mask function threw Error: the whole value is masked. Correct the function',
    ]);
  });
});

describe('the functions', () => {
  it('work with the client that the application has made, also if it is made after them', async () => {
    const greet = functions.observe((name: string) => `hello ${name}`, { name: 'greet' });
    const { client, span, scores } = await startClient();
    expect(functions.getClient()).toBe(client);
    functions.propagateAttributes({ userId: 'u1' }, () =>
      functions.startActiveObservation('outer', (outer) => {
        expect(functions.getActiveObservationId()).toBe(outer.id);
        expect(functions.getActiveSpanId()).toBe(outer.id);
        expect(functions.getActiveTraceId()).toBe(outer.traceId);
        expect(functions.getActiveObservation()).toBe(outer);
        expect(functions.injectTraceContext()).toEqual({ traceparent: outer.traceparent });
        greet('you');
        functions.startObservation('generation', { model: 'm' }, { asType: 'generation' }).end();
        functions.updateActiveObservation({ output: 'done' });
        functions.updateActiveTrace({ tags: ['t'] });
        functions.scoreActiveObservation({ name: 'a', value: 1 });
        functions.scoreActiveTrace({ name: 'b', value: 1 });
      }),
    );
    await client.flush();
    expect(span('outer').attributes).toMatchObject({
      'user.id': 'u1',
      [OUTPUT]: 'done',
      'langfuse.trace.tags': ['t'],
    });
    expect(span('greet').parentSpanId).toBe(span('outer').spanId);
    expect(scores()).toHaveLength(2);
    await client.shutdown();
    const next = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: 'http://127.0.0.1:9' });
    onTestFinished(async () => void (await next.shutdown()));
    expect(functions.getClient()).toBe(next);
  });

  it('make trace ids: at random, or the same for the same seed', () => {
    expect(createTraceId('seed')).toBe('19b25856e1c150ca834cffc8b59b23ad');
    expect(createTraceId()).toMatch(/^[0-9a-f]{32}$/);
    expect(createTraceId()).not.toBe(createTraceId());
  });
});
