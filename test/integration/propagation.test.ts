/** `propagateAttributes`: whom it reaches, what it leaves out, and how it goes on in other services and in OpenTelemetry. */
import { context, trace as otelTrace, propagation } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CBaggagePropagator } from '@opentelemetry/core';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { extractTraceContext } from 'tailrace';
import { TailraceSpanProcessor } from 'tailrace/otel';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startClient } from '../support/clients.js';

const IS_APP_ROOT = 'langfuse.internal.is_app_root';
const PROMPT = { name: 'greeting', version: 3 };

describe('attributes that are propagated', () => {
  it('reach children made by handles, traces of the client, and the active observation', async () => {
    const { client, span } = await startClient({ version: 'v0', environment: 'prod' });
    const before = client.trace({ name: 'before' });
    client.propagateAttributes({ version: 'v1', environment: 'eval', prompt: PROMPT }, () => {
      client.trace({ name: 'trace' }).span({ name: 'child' }).generation({ name: 'grandchild' }).end();
      before.span({ name: 'of a handle' }).end();
      before.generation({ name: 'own', version: 'v2', prompt: { name: 'other', version: 1 } }).end();
      client.startActiveObservation('active', () => {
        client.propagateAttributes({ version: 'v3', userId: 'u1' }, () => undefined);
      });
    });
    await client.shutdown();
    const inside = { 'langfuse.version': 'v1', 'langfuse.environment': 'eval' };
    const linked = {
      'langfuse.observation.prompt.name': 'greeting',
      'langfuse.observation.prompt.version': 3,
    };
    expect(span('before').attributes).toMatchObject({
      'langfuse.version': 'v0',
      'langfuse.environment': 'prod',
    });
    expect(span('trace').attributes).toMatchObject(inside);
    expect(span('child').attributes).toMatchObject(inside);
    expect(span('child').attributes).not.toHaveProperty('langfuse.observation.prompt.name');
    expect(span('grandchild').attributes).toMatchObject({ ...inside, ...linked });
    expect(span('of a handle').attributes).toMatchObject(inside);
    expect(span('own').attributes).toMatchObject({
      'langfuse.version': 'v2',
      'langfuse.observation.prompt.name': 'other',
      'langfuse.observation.prompt.version': 1,
    });
    expect(span('active').attributes).toMatchObject({ 'langfuse.version': 'v3', 'user.id': 'u1' });
  });

  it.each([
    ['userId', 'x'.repeat(201), 'got: 201 characters'],
    ['sessionId', 5, 'got: "number"'],
    ['version', {}, 'got: "object"'],
    ['tags', ['fine', 7], 'tags must be'],
    ['metadata', { fine: 'text', number: 7 }, 'metadata must be'],
    ['metadata', 'text', 'metadata must be'],
    ['prompt', { name: 'greeting', version: 0 }, 'it is not linked'],
  ])('are left out with a warning where Langfuse would not take them: %s', async (key, value, words) => {
    const warnings: string[] = [];
    const { client, span } = await startClient();
    client.on('warning', (message) => warnings.push(message));
    client.propagateAttributes({ [key]: value } as never, () => client.generation({ name: 'one' }).end());
    await client.shutdown();
    expect(warnings.join('\n')).toContain(words);
    expect(warnings).toHaveLength(1);
    const { attributes } = span('one');
    const kept = { tags: ['fine'], metadata: 'text' } as Record<string, unknown>;
    expect(JSON.stringify(attributes)).not.toMatch(/x{201}|number|\[object|greeting/);
    if (key === 'tags') expect(attributes['langfuse.trace.tags']).toEqual(kept.tags);
  });
});

describe('as baggage', () => {
  it('they go on in the service that is called, whose traces have them', async () => {
    const caller = await startClient();
    const headers: Record<string, string> = { Baggage: 'vendor=kept;property=1,langfuse_user_id=old' };
    caller.client.startActiveObservation('caller', () =>
      caller.client.propagateAttributes(
        {
          userId: 'ü, 1',
          tags: ['a', 'b'],
          metadata: { tenant: 'acme' },
          version: 'v7',
          environment: 'eval',
          prompt: PROMPT,
          asBaggage: true,
        },
        () =>
          caller.client.propagateAttributes({ sessionId: 'stays here' }, () =>
            caller.client.injectTraceContext(headers),
          ),
      ),
    );
    await caller.client.shutdown();
    expect(headers.Baggage).toMatch(/^vendor=kept;property=1,langfuse_user_id=%C3%BC%2C%201,/);
    expect(headers.Baggage).not.toContain('stays');

    const { client, span } = await startClient();
    const parent = extractTraceContext(headers) ?? null;
    client.startActiveObservation('called', (called) => called.generation({ name: 'inner' }).end(), {
      parent,
    });
    await client.shutdown();
    const given = {
      'user.id': 'ü, 1',
      'langfuse.trace.tags': ['a', 'b'],
      'langfuse.trace.metadata.tenant': 'acme',
      'langfuse.version': 'v7',
      'langfuse.environment': 'eval',
    };
    expect(span('called')).toMatchObject({ traceId: caller.span('caller').traceId, attributes: given });
    expect(span('called').attributes[IS_APP_ROOT]).toBe(true);
    expect(span('inner').attributes).toMatchObject({ ...given, 'langfuse.observation.prompt.version': 3 });
    expect(span('inner').attributes).not.toHaveProperty(IS_APP_ROOT);
  });

  it('without asBaggage nothing goes into headers', async () => {
    const { client } = await startClient();
    const headers = client.startActiveObservation('caller', () =>
      client.propagateAttributes({ userId: 'u1' }, () => client.injectTraceContext()),
    );
    expect(headers).toEqual({ traceparent: expect.any(String) });
  });

  it('a claim of the trace says that its root is elsewhere', async () => {
    const { client, span } = await startClient();
    const traceId = '0123456789abcdef0123456789abcdef';
    const headers = {
      traceparent: `00-${traceId}-fedcba9876543210-01`,
      baggage: `langfuse_trace_id=${traceId.toUpperCase()}`,
    };
    client.startObservation('called', {}, { parent: extractTraceContext(headers) ?? null }).end();
    await client.shutdown();
    expect(span('called').attributes).not.toHaveProperty(IS_APP_ROOT);
  });

  it('headers of any kind are read without harm, and bounded', () => {
    const traceparent = '00-0123456789abcdef0123456789abcdef-fedcba9876543210-01';
    const read = (baggage: unknown) => extractTraceContext({ traceparent, baggage } as never)?.baggage;
    expect(read('a=1, b = 2;p=q,=3,d,%zz=4,e=%zz')).toEqual({ a: '1', b: '2', '%zz': '4' });
    expect(read(['a=1', 'b=2'])).toEqual({ a: '1', b: '2' });
    expect(Object.keys(read(Array.from({ length: 999 }, (_, i) => `k${i}=v`).join()) ?? {})).toHaveLength(
      180,
    );
    expect(read({})).toBeUndefined();
  });
});

describe('of what cannot be written or read as baggage', () => {
  it('half a character in a key is written as U+FFFD', async () => {
    const { client } = await startClient();
    const headers = client.startActiveObservation('call', () =>
      client.propagateAttributes({ metadata: { 'k\ud800': 'v' }, asBaggage: true }, () =>
        client.injectTraceContext(),
      ),
    );
    expect(headers.baggage).toBe('langfuse_metadata_k%EF%BF%BD=v');
  });

  it('headers that cannot be changed stay as they are, with one warning', async () => {
    const warnings: string[] = [];
    const { client } = await startClient();
    client.on('warning', (message) => warnings.push(message));
    const frozen = Object.freeze({});
    client.startActiveObservation('call', () => {
      expect(client.injectTraceContext(frozen)).toBe(frozen);
      client.injectTraceContext(null as never);
    });
    expect(warnings).toEqual([
      'injectTraceContext() cannot write the headers: TypeError. Pass a plain object, a Headers or a Map',
    ]);
  });

  it("a parent's entries that are no texts are left out", async () => {
    const { client, span } = await startClient();
    const baggage = { langfuse_tags: 5, langfuse_trace_id: 5, langfuse_user_id: 'u1' } as never;
    const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), baggage };
    client.startObservation('ours', {}, { parent }).end();
    await client.shutdown();
    expect(span('ours').attributes).toMatchObject({ 'user.id': 'u1' });
  });
});

describe('with a context manager of OpenTelemetry that fails', () => {
  const good = { getValue: () => undefined, setValue: () => good };
  const bad = () => {
    throw new Error('of the context');
  };

  it.each<[string, object]>([
    ['its with() throws', { active: () => good, with: bad }],
    ['its with() does not call the function', { active: () => good, with: () => undefined }],
    ['it has no with()', { active: () => good }],
    ['its context takes no value', { active: () => ({ ...good, setValue: bad }), with: bad }],
    ['it has no context', { active: () => null, with: bad }],
  ])('the function runs once, and what it returns or throws comes out: %s', async (_, manager) => {
    const { client } = await startClient();
    const api = Symbol.for('opentelemetry.js.api.1');
    const holder = globalThis as { [api]?: object };
    const before = holder[api];
    holder[api] = { context: manager };
    onTestFinished(() => {
      holder[api] = before;
    });
    let runs = 0;
    expect(client.propagateAttributes({ userId: 'u1' }, () => ++runs)).toBe(1);
    const own = new Error('of the function');
    expect(() =>
      client.propagateAttributes({ userId: 'u1' }, () => {
        throw own;
      }),
    ).toThrow(own);
    expect(runs).toBe(1);
  });
});

describe('with OpenTelemetry', () => {
  const contexts = new AsyncLocalStorageContextManager().enable();
  beforeAll(() => {
    context.setGlobalContextManager(contexts);
    propagation.setGlobalPropagator(new W3CBaggagePropagator());
  });
  afterAll(() => {
    context.disable();
    propagation.disable();
  });

  it('the active span gets them, spans that begin inside as well, and its propagators the baggage', async () => {
    const { client, sink, span } = await startClient();
    const processor = new TailraceSpanProcessor({
      publicKey: 'pk',
      secretKey: 'sk',
      baseUrl: sink.url,
      shouldExportSpan: () => true,
    });
    const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('app');
    const carrier: Record<string, string> = {};
    tracer.startActiveSpan('request', (request) => {
      client.propagateAttributes(
        { userId: 'u1', tags: ['t'], metadata: { tenant: 'acme' }, version: 'v1', asBaggage: true },
        () => {
          tracer.startSpan('inside').end();
          client.startObservation('ours').end();
          propagation.inject(context.active(), carrier);
        },
      );
      request.end();
    });
    await Promise.all([processor.shutdown(), client.shutdown()]);
    const given = {
      'user.id': 'u1',
      'langfuse.trace.tags': ['t'],
      'langfuse.trace.metadata.tenant': 'acme',
      'langfuse.version': 'v1',
    };
    for (const name of ['request', 'inside', 'ours'])
      expect(span(name).attributes, name).toMatchObject(given);
    expect(carrier.baggage).toContain('langfuse_user_id=u1');
    // Its parent goes to Langfuse as well, and is the root.
    expect(span('request').attributes[IS_APP_ROOT]).toBe(true);
    expect(span('ours').attributes).not.toHaveProperty(IS_APP_ROOT);
  });

  it('an observation under a span that goes nowhere is the root of its application', async () => {
    const { client, span } = await startClient();
    const tracer = new BasicTracerProvider().getTracer('http');
    tracer.startActiveSpan('request', (request) => {
      client.startActiveObservation('ours', (ours) => {
        tracer.startActiveSpan('query', (query) => {
          client.startObservation('inner').end();
          query.end();
        });
        ours.span({ name: 'child' }).end();
      });
      request.end();
    });
    await client.shutdown();
    expect(span('ours').attributes[IS_APP_ROOT]).toBe(true);
    for (const name of ['inner', 'child'])
      expect(span(name).attributes, name).not.toHaveProperty(IS_APP_ROOT);
    expect(otelTrace.getActiveSpan()).toBeUndefined();
  });

  it('what a caller propagates by its baggage reaches observations under its span', async () => {
    const { client, span } = await startClient();
    const tracer = new BasicTracerProvider().getTracer('http');
    const incoming = propagation.extract(context.active(), { baggage: 'langfuse_user_id=u9' });
    context.with(incoming, () =>
      tracer.startActiveSpan('request', (request) => {
        client.startObservation('ours').end();
        request.end();
      }),
    );
    await client.shutdown();
    expect(span('ours').attributes).toMatchObject({ 'user.id': 'u9', [IS_APP_ROOT]: true });
  });
});
