/** The functional style: what is active where, and that nobody who is observed notices it. */
import { execFile } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  getActiveObservation,
  getActiveTraceId,
  getClient,
  observe,
  propagateAttributes,
  scoreActiveTrace,
  startActiveObservation,
  startObservation,
  type Tailrace,
  updateActiveTrace,
} from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startClient } from '../support/clients.js';
import { startSink } from '../support/sink.js';

const OUTPUT = 'langfuse.observation.output';
const LEVEL = 'langfuse.observation.level';
const STATUS = 'langfuse.observation.status_message';

describe('what is active', () => {
  it('is told apart between calls that run at the same time, behind awaits and timers', async () => {
    const { client, spans } = await startClient();
    const step = observe(
      async (name: string) => {
        await nextTurn();
        startObservation(`leaf ${name}`).end();
        return getActiveObservation()?.id;
      },
      { name: 'step' },
    );
    const names = Array.from({ length: 20 }, (_, index) => `run ${index}`);
    const ids = await Promise.all(
      names.map((name) =>
        propagateAttributes({ userId: name }, () =>
          startActiveObservation(name, async (run) => {
            await nextTurn();
            const inner = await step(name);
            expect(getActiveObservation()).toBe(run);
            return [run.id, inner];
          }),
        ),
      ),
    );
    expect(getActiveObservation()).toBeUndefined();
    await client.flush();
    for (const [index, name] of names.entries()) {
      const [run, inner] = ids[index] as string[];
      const ofRun = spans().filter(({ attributes }) => attributes['user.id'] === name);
      expect(ofRun.map((span) => span.name).sort()).toEqual([`leaf ${name}`, name, 'step']);
      expect(ofRun.find((span) => span.name === 'step')).toMatchObject({ spanId: inner, parentSpanId: run });
      expect(ofRun.find((span) => span.name === `leaf ${name}`)).toMatchObject({ parentSpanId: inner });
    }
  });

  it('inside a generator is its own observation, and outside of its steps what it was', async () => {
    const { client, span } = await startClient();
    async function* work(): AsyncGenerator<string | undefined> {
      startObservation('inside').end();
      yield getActiveObservation()?.id;
      await nextTurn();
      yield getActiveObservation()?.id;
    }
    await startActiveObservation('outside', async (outside) => {
      const seen = new Set<string | undefined>();
      for await (const id of observe(work)()) {
        seen.add(id);
        expect(getActiveObservation()).toBe(outside);
      }
      expect(seen.size).toBe(1);
    });
    await client.flush();
    expect(span('inside').parentSpanId).toBe(span('work').spanId);
    expect(span('work').parentSpanId).toBe(span('outside').spanId);
  });

  it('is one per client', async () => {
    const first = await startClient();
    const second = await startClient();
    first.client.startActiveObservation('first', (active) => {
      second.client.startActiveObservation('second', (other) => {
        expect(first.client.getActiveObservation()).toBe(active);
        expect(second.client.getActiveObservation()).toBe(other);
        expect(other.traceId).not.toBe(active.traceId);
      });
      expect(second.client.getActiveTraceId()).toBeUndefined();
    });
    await Promise.all([first.client.flush(), second.client.flush()]);
    expect(first.spans().map(({ name }) => name)).toEqual(['first']);
    expect(second.spans().map(({ name }) => name)).toEqual(['second']);
  });

  it('is of the first client that has not been shut down', async () => {
    const first = await startClient();
    const second = await startClient();
    expect(getClient()).toBe(first.client);
    await first.client.shutdown();
    expect(getClient()).toBe(second.client);
    startObservation('for the second').end();
    await second.client.shutdown();
    expect(second.span('for the second')).toBeDefined();
    // Not one from the environment in their place: they were shut down for a reason.
    expect(getClient()).toBe(second.client);
    expect(observe((x: number) => x + 1)(1)).toBe(2);
  });
});

describe('an observed function', () => {
  it('gets its `this` and all its arguments, and keeps name, length and properties', async () => {
    await startClient();
    class Service {
      factor = 2;
      scale(value: number, ...rest: unknown[]) {
        return [this, value * this.factor, 1 + rest.length];
      }
    }
    const service = new Service();
    service.scale = observe(service.scale);
    expect(service.scale(4)).toEqual([service, 8, 1]);
    expect(service.scale(4, undefined, undefined)).toEqual([service, 8, 3]);
    expect([service.scale.name, service.scale.length]).toEqual(['scale', 1]);

    const withMembers = Object.assign((x: number) => x, { limit: 3, [Symbol.for('tag')]: 'tag' });
    expect({ ...observe(withMembers) }).toEqual({ limit: 3, [Symbol.for('tag')]: 'tag' });
    expect(observe(undefined as never)).toBeUndefined();
  });

  it('throws the very thing that it threw, sync and async, whatever it is', async () => {
    const { client, spans } = await startClient();
    const thrown = [new TypeError('a type'), 'text', undefined, null, Object.create(null), Symbol('s')];
    for (const error of thrown) {
      const fails = () => {
        throw error;
      };
      expect(caught(observe(fails))).toEqual([error]);
      expect(caught(() => startActiveObservation('active', fails))).toEqual([error]);
      await expect(observe(async () => fails())().catch((reason: unknown) => [reason])).resolves.toEqual([
        error,
      ]);
    }
    await client.flush();
    expect(spans()).toHaveLength(3 * thrown.length);
    for (const { attributes } of spans()) expect(attributes[LEVEL]).toBe('ERROR');
    expect(spans()[0]?.attributes[STATUS]).toBe('a type');
  });

  it('keeps what its promise has beside being one', async () => {
    const { client, span } = await startClient();
    const cancel = () => 'cancelled';
    const promise = observe(() => Object.assign(Promise.resolve('done'), { cancel }), { name: 'plain' })();
    expect(promise.cancel()).toBe('cancelled');
    expect(await promise).toBe('done');

    class Answer extends Promise<string> {
      asResponse() {
        return 'raw';
      }
    }
    const given = Answer.resolve('parsed') as Answer;
    const answer = observe(() => given, { name: 'subclass' })();
    expect(answer).toBe(given);
    expect(answer.asResponse()).toBe('raw');
    expect(await answer).toBe('parsed');
    expect(Object.hasOwn(given, 'then')).toBe(false);
    await client.flush();
    expect(span('plain').attributes[OUTPUT]).toBe('done');
    expect(span('subclass').attributes[OUTPUT]).toBe('parsed');
  });

  it('that returns a query does not run it: it ends when its caller has waited for it', async () => {
    const { client, span } = await startClient();
    let runs = 0;
    class Query {
      #limit = 0;
      limit(count: number): this {
        this.#limit = count;
        return this;
      }
      // biome-ignore lint/suspicious/noThenProperty: query builders have one
      then<R>(resolve: (rows: number) => R, reject?: (reason: unknown) => R): Promise<R> {
        runs++;
        return Promise.resolve(this.#limit).then(resolve, reject);
      }
    }
    const query = observe(() => new Query(), { name: 'query' })();
    await nextTurn();
    expect(runs).toBe(0);
    expect(await query.limit(7)).toBe(7);
    expect(runs).toBe(1);
    await client.flush();
    expect(span('query').attributes[OUTPUT]).toBe('7');

    const frozen = Object.freeze(new Query());
    expect(observe(() => frozen)()).toBe(frozen);
  });

  it('leaves each rejection that nobody handles to Node, once', async () => {
    const sink = await startSink();
    onTestFinished(() => sink.close());
    const script = fileURLToPath(new URL('../support/unhandled.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, sink.url]);
    expect(JSON.parse(stdout)).toEqual({ observed: 1, active: 1, subclass: 1, generator: 1 });
  });
});

describe('an observed generator', () => {
  it('that is left early, thrown into, or returns has ended, with what it had yielded', async () => {
    const { client, span } = await startClient();
    const events: string[] = [];
    function* count(): Generator<number, string, string | undefined> {
      try {
        for (let i = 0; ; i++) events.push(`got ${yield i}`);
      } catch (error) {
        events.push(`caught ${(error as Error).message}`);
        return 'recovered';
      } finally {
        events.push('cleaned up');
      }
    }
    for (const value of observe(count, { name: 'left' })()) if (value === 1) break;
    const thrownInto = observe(count, { name: 'thrown into' })();
    thrownInto.next();
    expect(thrownInto.next('x')).toEqual({ value: 1, done: false });
    expect(thrownInto.throw(new Error('stop'))).toEqual({ value: 'recovered', done: true });
    expect(thrownInto.next()).toEqual({ value: undefined, done: true });
    const unstarted = observe(count, { name: 'unstarted' })();
    expect(unstarted.return('early')).toEqual({ value: 'early', done: true });
    await client.flush();
    expect(events).toEqual(['got undefined', 'cleaned up', 'got x', 'caught stop', 'cleaned up']);
    expect(span('left').attributes[OUTPUT]).toBe('[0,1]');
    expect(span('thrown into').attributes[OUTPUT]).toBe('[0,1]');
    expect(span('unstarted').attributes[OUTPUT]).toBe('early');
  });

  it('that throws is an ERROR with what it had yielded, and its caller gets the error', async () => {
    const { client, span } = await startClient();
    const error = new Error('in the middle');
    const fails = observe(async function* fails() {
      yield 'one, ';
      yield 'two';
      throw error;
    });
    const seen: string[] = [];
    await expect(
      (async () => {
        for await (const text of fails()) seen.push(text);
      })(),
    ).rejects.toBe(error);
    expect(seen).toEqual(['one, ', 'two']);
    await client.flush();
    expect(span('fails').attributes).toMatchObject({
      [OUTPUT]: 'one, two',
      [LEVEL]: 'ERROR',
      [STATUS]: 'in the middle',
    });
  });

  it('answers requests that do not wait for each other in their order', async () => {
    await startClient();
    const steps = observe(async function* steps() {
      yield 1;
      await nextTurn();
      yield 2;
    })();
    const all = await Promise.all([steps.next(), steps.next(), steps.next(), steps.next()]);
    expect(all.map(({ value }) => value)).toEqual([1, 2, undefined, undefined]);
  });
});

/** All the ways by which something may be traced. */
function traceInEveryWay(client: Tailrace): void {
  const trace = client.trace({ name: 't', input: 1 });
  trace.generation({ name: 'g' }).update({ output: 1 }).end();
  trace.event({ name: 'e' });
  trace.score({ name: 's', value: 1 });
  trace.span({ name: 'scored' }).score({ name: 's', value: 1 }).end();
  client.span({ name: 'own' }).end();
  client.generation({ traceId: trace.id, name: 'by ids' }).end();
  client.score({ traceId: trace.id, name: 's', value: 1 });
  client.startObservation('parent', {}, { parent: trace }).startObservation('child').end();
  client.startObservation('remote', {}, { parent: { traceId: trace.id, spanId: 'a'.repeat(16) } }).end();
  const result = client.propagateAttributes({ tags: ['x'] }, () =>
    client.startActiveObservation('active', (active) => {
      client.updateActiveObservation({ output: 1 });
      client.updateActiveTrace({ output: 1 });
      client.scoreActiveObservation({ name: 's', value: 1 });
      client.scoreActiveTrace({ name: 's', value: 1 });
      expect(client.getActiveObservation()).toBe(active);
      return client.observe((x: number) => x + 1)(1);
    }),
  );
  expect(result).toBe(2);
  expect([
    ...client.observe(function* one() {
      yield 1;
    })(),
  ]).toEqual([1]);
}

describe('nothing is sent', () => {
  it('of traces that are not sampled, on any path, but the scores of sessions', async () => {
    const { client, sink, scores } = await startClient({ sampleRate: 0 });
    traceInEveryWay(client);
    expect(client.injectTraceContext()).toEqual({});
    const headers = client.startActiveObservation('active', () => client.injectTraceContext());
    expect(headers.traceparent).toMatch(/-00$/);
    await client.flush();
    expect(sink.requests).toEqual([]);
    client.score({ sessionId: 's', name: 'session', value: 1 });
    expect(await client.shutdown()).toMatchObject({ accepted: 1, sent: 1 });
    expect(scores()).toHaveLength(1);
  });

  it('by a client that is not enabled', async () => {
    const { client, sink, warnings } = await startClient({ enabled: false });
    traceInEveryWay(client);
    client.debug();
    expect(await client.shutdown()).toMatchObject({ accepted: 0, dropped: { total: 0 } });
    expect([sink.requests, warnings]).toEqual([[], []]);
  });

  it('after shutdown, which may come in the middle: all goes on for the application', async () => {
    const { client, span, warnings, sink } = await startClient();
    const result = await client.startActiveObservation('interrupted', async (active) => {
      const child = active.startObservation('child');
      await client.shutdown();
      child.update({ output: 1 }).end();
      active.startObservation('late').end();
      traceInEveryWay(client);
      updateActiveTrace({ name: 'late' });
      scoreActiveTrace({ name: 's', value: 1 });
      return getActiveTraceId();
    });
    const requests = sink.requests.length;
    expect(result).toMatch(/^[0-9a-f]{32}$/);
    expect(span('interrupted').attributes[STATUS]).toContain('shut down');
    await client.flush();
    expect(sink.requests).toHaveLength(requests);
    expect(warnings.filter((message) => message.includes('after shutdown'))).toHaveLength(1);
  });
});

describe('mistakes of an application', () => {
  it('with a type that does not exist is told once, and becomes a span', async () => {
    const { client, spans, warnings } = await startClient();
    startObservation('a', {}, { asType: 'llm' as 'span' })
      .startObservation('b', {}, { asType: 1 as unknown as 'span' })
      .end();
    client.startActiveObservation('c', () => 1, { asType: 'LLM' as 'span' });
    await client.shutdown();
    expect(spans().map(({ attributes }) => attributes['langfuse.observation.type'])).toEqual([
      'span',
      'span',
      'span',
    ]);
    expect(warnings.filter((message) => message.startsWith('asType must be one of'))).toHaveLength(1);
  });

  it('in the callback of flush() go no further', async () => {
    const { client, warnings } = await startClient();
    await client.flush(() => {
      throw new Error('a mistake');
    });
    expect(warnings).toEqual(['the callback of flush() threw: a mistake']);
  });

  it('with an environment that a server refuses cost the environment alone', async () => {
    const { client, spans, scores, warnings } = await startClient({ environment: 'of-client' });
    const trace = client.trace({ name: 'trace', environment: 'Langfuse Prod' });
    trace.span({ name: 'span', environment: 'langfuse-x' }).end();
    trace.score({ name: 's', value: 1, environment: '' });
    await client.flush();
    for (const { attributes } of spans()) expect(attributes['langfuse.environment']).toBe('of-client');
    expect(scores()[0]?.body).toMatchObject({ environment: 'of-client' });
    expect(warnings).toHaveLength(1);
  });

  it('with fields of null say nothing, and with a field that throws cost that field', async () => {
    const { client, span } = await startClient();
    const trace = client.trace({ name: 'trace', userId: 'u', tags: ['t'], public: true, version: '1' });
    trace.update({ name: null, userId: null, tags: null, public: null, version: null });
    const trapped = {
      get input() {
        throw new Error('trapped');
      },
      output: 'after it',
      get usage(): never {
        throw new Error('trapped');
      },
      usageDetails: { input: 3 },
      prompt: { name: 'p', version: 2 },
    };
    const generation = trace.generation({ name: 'g', level: 'ERROR', statusMessage: 'm', model: 'gpt' });
    generation.update(trapped).end({ level: null, statusMessage: null, model: null, name: null });
    startObservation('named', trapped, { asType: 'generation', parent: trace }).end();
    await client.flush();
    expect(span('trace').attributes).toMatchObject({
      'user.id': 'u',
      'langfuse.trace.tags': ['t'],
      'langfuse.trace.public': true,
      'langfuse.version': '1',
    });
    const rest = {
      'langfuse.observation.input': '[Unreadable: trapped]',
      [OUTPUT]: 'after it',
      'langfuse.observation.usage_details': '{"input":3}',
      'langfuse.observation.prompt.name': 'p',
    };
    expect(span('g').attributes).toMatchObject({
      ...rest,
      [LEVEL]: 'ERROR',
      [STATUS]: 'm',
      'langfuse.observation.model.name': 'gpt',
    });
    expect(span('named').attributes).toMatchObject(rest);
  });

  it('with objects where texts are due are readable', async () => {
    const { client, spans } = await startClient();
    const id = { toString: () => 'own text' };
    const texts = [
      { a: 1 },
      [{ b: 2 }],
      id,
      new URL('https://x.org/'),
      12n,
      new Date(0),
      () => 1,
      new String('boxed'),
    ];
    for (const text of texts) client.trace({ name: text as never });
    await client.flush();
    const names = spans().map(({ name }) => name);
    expect(names).toEqual([
      '{"a":1}',
      '[{"b":2}]',
      'own text',
      'https://x.org/',
      '12',
      '1970-01-01T00:00:00.000Z',
      '[Function: anonymous]',
      'boxed',
    ]);
  });
});

function caught(run: () => unknown): unknown[] {
  try {
    run();
    return [];
  } catch (error) {
    return [error];
  }
}
