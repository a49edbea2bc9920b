/** What observed functions return that is read after them: followed as it is read, and to its caller what it was. */
import { EventEmitter, once } from 'node:events';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startClient } from '../support/clients.js';
import { createThread } from '../support/sdk-streams.js';

const OUTPUT = 'langfuse.observation.output';
const LEVEL = 'langfuse.observation.level';
const STATUS = 'langfuse.observation.status_message';
const COMPLETION_START = 'langfuse.observation.completion_start_time';

/** Calls an observed function that returns the value. */
async function observed<V>(value: V) {
  const bench = await startClient();
  const result = bench.client.observe(() => value, { name: 'read' })();
  return {
    ...bench,
    result,
    isOpen: async () => {
      await bench.client.flush();
      return !bench.spans().some(({ name }) => name === 'read');
    },
    attributes: async () => {
      await bench.client.flush();
      return bench.span('read').attributes;
    },
  };
}

function streamOf(...chunks: unknown[]): ReadableStream {
  const left = [...chunks];
  return new ReadableStream(
    {
      pull(controller) {
        const chunk = left.shift();
        if (chunk === undefined) controller.close();
        else if (chunk instanceof Error) controller.error(chunk);
        else controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function readAll(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const chunks: unknown[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

describe('a web stream', () => {
  it('is the one that was returned, and open until it is read', async () => {
    const stream = streamOf('a', 'b');
    const { result, isOpen } = await observed(stream);
    expect(result).toBe(stream);
    expect(result.locked).toBe(false);
    expect(Object.keys(result)).toEqual([]);
    expect(await isOpen()).toBe(true);
  });

  const READS: Record<string, (stream: ReadableStream) => Promise<unknown[]>> = {
    'by a reader': async (stream) => {
      const reader = stream.getReader();
      const chunks: unknown[] = [];
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return chunks;
        chunks.push(value);
      }
    },
    'by iteration': (stream) => readAll(stream),
    'by values()': (stream) => readAll(stream.values()),
    'by two readers, one after the other': async (stream) => {
      const first = stream.getReader();
      const { value } = await first.read();
      first.releaseLock();
      return [value, ...(await readAll(stream))];
    },
    'by pipeTo()': async (stream) => {
      const chunks: unknown[] = [];
      await stream.pipeTo(new WritableStream({ write: (chunk) => void chunks.push(chunk) }));
      return chunks;
    },
    'by pipeThrough()': (stream) => readAll(stream.pipeThrough(new TransformStream())),
    'by both branches of tee()': async (stream) => {
      const [one, other] = stream.tee();
      expect(await readAll(one)).toEqual(['a', 'b', 'c']);
      return readAll(other);
    },
    'by one branch of tee()': async (stream) => {
      const [one, other] = stream.tee();
      void other.cancel();
      return readAll(one);
    },
    'by Readable.fromWeb()': (stream) => readAll(Readable.fromWeb(stream as never, { objectMode: true })),
    'by an iterator of its own over its reader': (stream) => {
      const reader = stream.getReader();
      return readAll({ [Symbol.asyncIterator]: () => ({ next: () => reader.read() as never }) });
    },
  };

  it.each(Object.keys(READS))('%s has ended with its text, once', async (how) => {
    const { result, attributes } = await observed(streamOf('a', 'b', 'c'));
    expect(await (READS[how] as (typeof READS)[string])(result)).toEqual(['a', 'b', 'c']);
    expect(await attributes()).toMatchObject({ [OUTPUT]: 'abc', [COMPLETION_START]: expect.any(String) });
  });

  it('with an iterator that reads by its own getReader() is gathered once', async () => {
    const stream = Object.assign(streamOf('a', 'b'), {
      [Symbol.asyncIterator](this: ReadableStream) {
        const reader = this.getReader();
        return { next: () => reader.read() };
      },
    });
    const { result, attributes } = await observed(stream);
    expect(await readAll(result)).toEqual(['a', 'b']);
    expect((await attributes())[OUTPUT]).toBe('ab');
  });

  it('one of whose methods cannot be replaced is a value like any other', async () => {
    const stream = Object.defineProperty(streamOf('a'), 'tee', { value: () => [] });
    const { result, isOpen, attributes } = await observed(stream);
    expect(await isOpen()).toBe(false);
    expect(await readAll(result)).toEqual(['a']);
    expect(await attributes()).not.toHaveProperty([COMPLETION_START]);
  });

  it('is read no further than by its reader', async () => {
    let pulls = 0;
    const stream = new ReadableStream(
      { pull: (controller) => controller.enqueue(`${pulls++} `) },
      { highWaterMark: 0 },
    );
    const { result, attributes } = await observed(stream);
    expect(pulls).toBe(0);
    const written: unknown[] = [];
    const controller = new AbortController();
    const piped = result.pipeTo(
      new WritableStream({
        write(chunk) {
          written.push(chunk);
          if (written.length === 3) controller.abort();
        },
      }),
      { signal: controller.signal },
    );
    expect(result.locked).toBe(true);
    await expect(piped).rejects.toThrow();
    expect(pulls).toBeLessThanOrEqual(written.length + 1);
    expect((await attributes())[OUTPUT]).toMatch(/^0 1 2 /);
  });

  it('that is cancelled has ended with what was read, and its source learns why', async () => {
    let reason: unknown;
    const stream = new ReadableStream(
      {
        pull: (controller) => controller.enqueue('x'),
        cancel: (why) => {
          reason = why;
        },
      },
      { highWaterMark: 0 },
    );
    const { result, attributes } = await observed(stream);
    const reader = result.getReader();
    await reader.read();
    await reader.cancel('enough');
    expect(reason).toBe('enough');
    expect((await attributes())[OUTPUT]).toBe('x');
  });

  it('whose loop leaves it as it is goes on with the next', async () => {
    const { result, isOpen, attributes } = await observed(streamOf('a', 'b', 'c'));
    for await (const _ of result.values({ preventCancel: true })) break;
    expect(await isOpen()).toBe(true);
    expect(await readAll(result as never)).toEqual(['b', 'c']);
    expect((await attributes())[OUTPUT]).toBe('abc');
  });

  it('whose reader gives up while it waits goes on with the next', async () => {
    let source: ReadableStreamDefaultController | undefined;
    const { result, attributes } = await observed(
      new ReadableStream({
        start: (controller) => {
          source = controller;
        },
      }),
    );
    const reader = result.getReader();
    const waiting = reader.read();
    reader.releaseLock();
    await expect(waiting).rejects.toThrow(TypeError);
    source?.enqueue('a');
    source?.close();
    expect(await readAll(result as never)).toEqual(['a']);
    const read = await attributes();
    expect(read[OUTPUT]).toBe('a');
    expect(read).not.toHaveProperty([LEVEL]);
  });

  it('that breaks is an ERROR, and its reader gets the error', async () => {
    const error = new Error('lost the line');
    const { result, attributes } = await observed(streamOf('a', error));
    await expect(readAll(result)).rejects.toBe(error);
    expect(await attributes()).toMatchObject({ [OUTPUT]: 'a', [LEVEL]: 'ERROR', [STATUS]: 'lost the line' });
  });

  it('of bytes is their text, also where a character is cut in two; of others their count', async () => {
    const [one, two] = [bytes('é').subarray(0, 1), bytes('é').subarray(1)];
    const text = await observed(streamOf(bytes('caf'), one, two));
    await readAll(text.result);
    expect((await text.attributes())[OUTPUT]).toBe('café');
    const other = await observed(streamOf(bytes('PNG'), new Uint8Array([0xff, 0, 1])));
    await readAll(other.result);
    expect((await other.attributes())[OUTPUT]).toBe('{"bytes":6}');
  });

  it('that is locked has its reader already: it is a value like any other', async () => {
    const stream = streamOf('a');
    stream.getReader();
    const { isOpen } = await observed(stream);
    expect(await isOpen()).toBe(false);
  });

  it('says what is wrong as it always does', async () => {
    const { result } = await observed(streamOf('a'));
    await expect(result.pipeTo({} as never)).rejects.toThrow(TypeError);
    expect(() => result.pipeThrough({} as never)).toThrow(TypeError);
    result.getReader();
    expect(() => result.tee()).toThrow(TypeError);
    await expect(result.cancel()).rejects.toThrow(TypeError);
  });

  it.each(Object.keys(READS))(
    'of one observed function inside another, read %s, is the output of both',
    async (how) => {
      const { client, span } = await startClient();
      const inner = client.observe(() => streamOf('a', 'b', 'c'), { name: 'inner' });
      const outer = client.observe(async () => inner(), { name: 'outer' });
      expect(await (READS[how] as (typeof READS)[string])(await outer())).toEqual(['a', 'b', 'c']);
      await client.flush();
      for (const name of ['inner', 'outer']) expect(span(name).attributes[OUTPUT]).toBe('abc');
    },
  );
});

describe('a Response', () => {
  const READS: Record<string, (response: Response) => Promise<unknown>> = {
    'text()': (response) => response.text(),
    'json()': (response) => response.json(),
    'arrayBuffer()': (response) => response.arrayBuffer(),
    'blob()': (response) => response.blob(),
    body: (response) => readAll(response.body as never),
    'clone()': async (response) => {
      const copy = response.clone();
      await response.text();
      return copy.text();
    },
  };

  it.each(Object.keys(READS))('of JSON that is read by %s has its value as output', async (how) => {
    const response = Response.json({ answer: 42 });
    const { result, attributes } = await observed(response);
    expect(result).toBe(response);
    await (READS[how] as (typeof READS)[string])(result);
    expect((await attributes())[OUTPUT]).toBe('{"answer":42}');
  });

  it.each([
    ['text/event-stream', 'data: {"a":1}\n\n', 'data: {"a":1}\n\n'],
    ['text/plain; charset=latin1', new Uint8Array([0xe9]), 'é'],
    ['image/png', new Uint8Array([1, 2, 3]), '{"bytes":3,"contentType":"image/png"}'],
    ['application/json', '{"cut":', '{"cut":'],
  ])('of %s is shown as such', async (type, body, output) => {
    const { result, attributes } = await observed(new Response(body, { headers: { 'content-type': type } }));
    await result.arrayBuffer();
    expect((await attributes())[OUTPUT]).toBe(output);
  });

  it('whose body is nobody else to read has ended at once', async () => {
    const used = new Response('x');
    await used.text();
    for (const response of [new Response(null, { status: 204 }), used]) {
      expect(await (await observed(response)).isOpen()).toBe(false);
    }
  });

  it('made of an observed stream passes it on', async () => {
    const { result, attributes } = await observed(streamOf(bytes('a'), bytes('b')));
    expect(await new Response(result).text()).toBe('ab');
    expect((await attributes())[OUTPUT]).toBe('ab');
  });
});

describe('a stream of Node.js', () => {
  const READS: Record<string, (stream: Readable) => Promise<unknown>> = {
    'by iteration': (stream) => readAll(stream),
    'by events': (stream) =>
      new Promise((resolve) => {
        stream.on('data', () => {}).on('end', resolve);
      }),
    'by read()': (stream) =>
      new Promise((resolve) => {
        stream.on('readable', () => while_(() => stream.read() !== null)).on('end', resolve);
      }),
    'by a pipeline': (stream) =>
      pipeline(stream, new Transform({ transform: (chunk, _, done) => done(null, chunk) }), async (all) => {
        await readAll(all);
      }),
    'by Readable.toWeb()': (stream) => readAll(Readable.toWeb(stream) as never),
  };

  function while_(step: () => boolean): void {
    while (step());
  }

  it.each(Object.keys(READS))('read %s has ended with its text, once', async (how) => {
    const stream = Readable.from([Buffer.from('a'), Buffer.from('b')], { objectMode: false });
    const { result, attributes } = await observed(stream);
    expect(result).toBe(stream);
    expect(result.readableFlowing).toBe(null);
    await (READS[how] as (typeof READS)[string])(result);
    expect(await attributes()).toMatchObject({ [OUTPUT]: 'ab', [COMPLETION_START]: expect.any(String) });
  });

  it('is piped, and unpiped, as ever', async () => {
    const { client } = await startClient();
    const inner = client.observe(() => Readable.from([Buffer.from('a')], { objectMode: false }));
    const stream = client.observe(inner)();
    const to = new PassThrough();
    expect(stream.pipe(to)).toBe(to);
    expect(stream.listenerCount('data')).toBe(1);
    stream.unpipe(to);
    expect(stream.listenerCount('data')).toBe(0);
    stream.pipe(to);
    expect(String((await readAll(to))[0])).toBe('a');
  });

  it('stays open until it is read; of objects it is an array', async () => {
    const { result, isOpen, attributes } = await observed(Readable.from([{ n: 1 }, { n: 2 }]));
    expect(await isOpen()).toBe(true);
    await readAll(result);
    expect((await attributes())[OUTPUT]).toBe('[{"n":1},{"n":2}]');
  });

  it('that is destroyed has ended with what was read; with an error it is an ERROR', async () => {
    const left = await observed(Readable.from(['a', 'b']));
    const closed = new Promise((resolve) => left.result.on('close', resolve));
    for await (const _ of left.result) break;
    await closed;
    const leftAttributes = await left.attributes();
    expect(leftAttributes[OUTPUT]).toBe('a');
    expect(leftAttributes).not.toHaveProperty([LEVEL]);
    const broken = await observed(new Readable({ read() {} }));
    const failed = once(broken.result, 'error');
    broken.result.destroy(new Error('lost the line'));
    await failed;
    expect(await broken.attributes()).toMatchObject({ [LEVEL]: 'ERROR', [STATUS]: 'lost the line' });
  });

  it('that is over has ended at once', async () => {
    const stream = Readable.from(['a']);
    await readAll(stream);
    expect(await (await observed(stream)).isOpen()).toBe(false);
  });
});

describe('a stream of an SDK', () => {
  it('is the object that it was, with its methods, and ends when it was iterated', async () => {
    const stream = createThread(['Hel', 'lo']);
    const { result, isOpen, attributes } = await observed(stream);
    expect(result).toBe(stream);
    expect(result.controller).toBeInstanceOf(AbortController);
    expect(await isOpen()).toBe(true);
    expect(await readAll(result)).toEqual([{ delta: 'Hel' }, { delta: 'lo' }]);
    expect((await attributes())[OUTPUT]).toBe('[{"delta":"Hel"},{"delta":"lo"}]');
  });

  it('by a promise of the SDK, which is more than a promise', async () => {
    const { client, span } = await startClient();
    const create = client.observe(async () => createThread(['x']), { name: 'create' });
    await readAll(await create());
    await client.flush();
    expect(span('create').attributes[OUTPUT]).toBe('[{"delta":"x"}]');
  });

  it('that was split has ended with one half, and both are whole', async () => {
    const { result, attributes } = await observed(createThread(['a', 'b']));
    const [one, other] = result.tee();
    expect(await readAll(one)).toHaveLength(2);
    expect(await readAll(other)).toHaveLength(2);
    expect((await attributes())[OUTPUT]).toBe('[{"delta":"a"},{"delta":"b"}]');
  });

  it('that becomes a web stream has ended when that is read', async () => {
    const { result, attributes } = await observed(createThread(['a', 'b']));
    expect(await readAll(result.toReadableStream())).toHaveLength(2);
    expect((await attributes())[OUTPUT]).toBe('[{"delta":"a"},{"delta":"b"}]');
  });

  it('that is left is aborted as ever, and has ended with what was read', async () => {
    const { result, attributes } = await observed(createThread(['a', 'b', 'c']));
    for await (const _ of result) break;
    expect(result.controller.signal.aborted).toBe(true);
    expect((await attributes())[OUTPUT]).toBe('[{"delta":"a"}]');
  });

  it('has its steps inside the observation', async () => {
    const { client, span } = await startClient();
    const read = client.observe(
      () => ({
        async *[Symbol.asyncIterator]() {
          client.startObservation('step').end();
          yield 1;
        },
      }),
      { name: 'read' },
    );
    await readAll(read());
    await client.flush();
    expect(span('step').parentSpanId).toBe(span('read').spanId);
  });

  it('gives what is a trap to whoever looks at it as it is', async () => {
    const trap = new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new Error('not yours');
        },
      },
    );
    const source = new ReadableStream({
      start(controller) {
        controller.enqueue(trap);
        controller.close();
      },
    });
    const web = await observed(source);
    expect((await web.result.getReader().read()).value === trap).toBe(true);
    expect(await web.isOpen()).toBe(true);
    const node = await observed(Readable.from([trap, 'b']));
    expect((await readAll(node.result))[0] === trap).toBe(true);
    expect(await node.isOpen()).toBe(false);
  });

  it('whose iterator gives no result says so as ever', async () => {
    const broken = { [Symbol.asyncIterator]: () => ({ next: async () => undefined as never }) };
    const { result } = await observed(broken);
    await expect(readAll(result)).rejects.toThrow(TypeError);
  });

  it('that runs by itself has ended with its event, also if nobody iterates it', async () => {
    class Run extends EventEmitter {
      async *[Symbol.asyncIterator](): AsyncGenerator<string> {
        yield 'never read';
      }
    }
    const run = new Run();
    const { isOpen } = await observed(run);
    expect(await isOpen()).toBe(true);
    run.emit('end');
    expect(await isOpen()).toBe(false);
  });

  it('whose iterator has no return() has ended when its loop is left', async () => {
    let n = 0;
    const endless = {
      [Symbol.asyncIterator]: () => ({ next: async () => ({ value: `${n++}`, done: false }) }),
    };
    const { result, attributes } = await observed(endless);
    for await (const value of result) if (value === '1') break;
    expect((await attributes())[OUTPUT]).toBe('01');
  });

  it('with several streams takes another in the place of one', async () => {
    const { result, attributes } = await observed({ fullStream: streamOf('a'), textStream: streamOf('b') });
    result.textStream = streamOf('c');
    expect(await readAll(result.textStream as never)).toEqual(['c']);
    expect(await readAll(result.fullStream as never)).toEqual(['a']);
    expect((await attributes())[OUTPUT]).toBe('a');
  });

  it('with several streams ends with the first that is asked for', async () => {
    class Result {
      made: string[] = [];
      get textStream(): ReadableStream {
        this.made.push('text');
        return streamOf('a', 'b');
      }
      get fullStream(): ReadableStream {
        this.made.push('full');
        return streamOf({ type: 'start' });
      }
    }
    const { result, isOpen, attributes } = await observed(new Result());
    expect(result).toBeInstanceOf(Result);
    expect(await isOpen()).toBe(true);
    expect(result.made).toEqual([]);
    await readAll(result.textStream);
    await readAll(result.fullStream);
    expect((await attributes())[OUTPUT]).toBe('ab');
  });

  it.each([
    ['an iterator', () => ['a', 'b'].values()],
    ['an async iterator', () => createThread(['a', 'b'])[Symbol.asyncIterator]()],
  ] as const)('%s is followed', async (_, make) => {
    const { result, attributes } = await observed(make());
    for await (const _ of result as unknown as AsyncIterable<unknown>);
    expect((await attributes())[OUTPUT]).toMatch(/a.*b/);
  });
});

it.each([
  ['an array', [1, 2], '[1,2]'],
  ['a Set', new Set([1]), '[1]'],
  ['a frozen stream', Object.freeze(createThread(['a'])), undefined],
  [
    'an object whose getters throw',
    Object.defineProperty({ a: 1 }, 'next', {
      get: () => {
        throw new Error('no');
      },
    }),
    undefined,
  ],
])('%s is a value like any other', async (_, value, output) => {
  const { result, isOpen, attributes } = await observed<unknown>(value);
  expect(result).toBe(value);
  expect(await isOpen()).toBe(false);
  if (output !== undefined) expect((await attributes())[OUTPUT]).toBe(output);
});

it('a stream that nobody reads is written at the end, as what it is: not ended', async () => {
  const { client, span } = await observed(streamOf('a'));
  await client.shutdown();
  expect(span('read').attributes).toMatchObject({
    [LEVEL]: 'WARNING',
    [STATUS]: expect.stringContaining('not ended'),
  });
});

it.each<[string, () => AsyncIterable<unknown>]>([
  ['a web stream', () => streamOf('a') as never],
  ['a stream of Node.js', () => Readable.from(['a'])],
  [
    'an object that can be iterated',
    () =>
      Object.assign(new EventEmitter(), {
        async *[Symbol.asyncIterator](): AsyncGenerator<string> {
          yield 'a';
        },
      }),
  ],
])('%s that is kept, and returned by each call, is read as ever', async (_, make) => {
  const { client } = await startClient();
  const kept = make();
  const get = client.observe(() => kept);
  const warned = vi.fn();
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  for (let i = 0; i < 10_000; i++) expect(get()).toBe(kept);
  expect(await readAll(kept)).toEqual(['a']);
  expect(warned).not.toHaveBeenCalled();
});

describe("a database's cursor", () => {
  /** As MongoDB's: its own `next()` gives documents, and null at the end. */
  class Cursor {
    left: object[] = [{ id: 1 }, { id: 2 }];
    async next(): Promise<object | null> {
      return this.left.shift() ?? null;
    }
    async *[Symbol.asyncIterator](): AsyncGenerator<object> {
      for (let one = await this.next(); one !== null; one = await this.next()) yield one;
    }
  }

  it('has ended with its documents when it was iterated', async () => {
    const { result, attributes } = await observed(new Cursor());
    expect(await readAll(result)).toEqual([{ id: 1 }, { id: 2 }]);
    expect((await attributes())[OUTPUT]).toBe('[{"id":1},{"id":2}]');
  });

  it('gives its documents as ever where it is asked for each', async () => {
    const { result, isOpen } = await observed(new Cursor());
    expect([await result.next(), await result.next(), await result.next()]).toEqual([
      { id: 1 },
      { id: 2 },
      null,
    ]);
    expect(await isOpen()).toBe(true);
  });
});

it('an iterator that is kept, and given to each loop, is read as ever', async () => {
  let n = 0;
  const kept = { next: async (): Promise<IteratorResult<number>> => ({ value: n++, done: false }) };
  const { result } = await observed({ [Symbol.asyncIterator]: () => kept });
  for (let i = 0; i < 10_000; i++) await result[Symbol.asyncIterator]().next();
  expect(await result[Symbol.asyncIterator]().next()).toEqual({ value: 10_000, done: false });
});

it('a stream is not gathered without end', async () => {
  const { client, span } = await startClient({ maxEventBytes: 8192 });
  const endless = client.observe(
    () => new ReadableStream({ pull: (controller) => controller.enqueue('x'.repeat(1000)) }),
    { name: 'endless' },
  );
  let n = 0;
  for await (const _ of endless()) if (++n === 100) break;
  await client.flush();
  expect(span('endless').attributes[OUTPUT]).toMatch(/^x{5000,7000}… \[\d+ more\]$/);
});

it.each<[string, object, () => unknown, number]>([
  ['objects, also for a mask', { mask: (data: unknown) => data }, () => ({ text: 'x'.repeat(1000) }), 10],
  ['empty texts', {}, () => '', 8192],
])('a stream of %s is not gathered without end either', async (_, options, chunk, most) => {
  const { client, span } = await startClient({ maxEventBytes: 8192, ...options });
  const stream = client.observe(() => streamOf(...Array.from({ length: 20_000 }, chunk)), { name: 'long' })();
  const reader = stream.getReader();
  while (!(await reader.read()).done);
  await client.flush();
  const left = /\[(\d+) more\]/.exec(span('long').attributes[OUTPUT] as string)?.[1];
  expect(Number(left)).toBeGreaterThanOrEqual(20_000 - most);
});

describe('a class', () => {
  class Base {
    static made = 0;
    readonly kind = 'base';
    static create(): unknown {
      return new this();
    }
  }
  class Agent extends Base {
    static version = 1;
    readonly key = 'secret';
    readonly name: string;
    constructor(name = 'none') {
      super();
      this.name = name;
      if (name === 'bad') throw new RangeError('no such agent');
    }
    greet(): string {
      return `I am ${this.name}`;
    }
  }

  it('that is observed is called with new, and its construction is traced', async () => {
    const { client, span } = await startClient();
    const Observed = client.observe(Agent);
    const agent = new Observed('one');
    expect(agent).toBeInstanceOf(Observed);
    expect(agent).toBeInstanceOf(Agent);
    expect(agent.greet()).toBe('I am one');
    expect(Observed.name).toBe('Agent');
    expect(Observed.version).toBe(1);
    expect(Observed.made).toBe(0);
    expect(Observed.create).toBe(Agent.create);
    await client.flush();
    expect(span('Agent').attributes).not.toHaveProperty(OUTPUT);
  });

  it('can be extended', async () => {
    const { client, span } = await startClient();
    class Child extends client.observe(Agent, { name: 'made' }) {
      override greet(): string {
        return `${super.greet()}, a child`;
      }
    }
    const child = new Child('two');
    expect(child).toBeInstanceOf(Child);
    expect(child.greet()).toBe('I am two, a child');
    expect(child.constructor).toBe(Child);
    await client.flush();
    expect(span('made').attributes['langfuse.observation.input']).toBe('two');
  });

  it('that throws is an ERROR; without new it is a TypeError, as ever', async () => {
    const { client, span } = await startClient();
    const Observed = client.observe(Agent, { name: 'made' });
    expect(() => new Observed('bad')).toThrow(RangeError);
    await client.flush();
    expect(span('made').attributes).toMatchObject({ [LEVEL]: 'ERROR', [STATUS]: 'no such agent' });
    expect(() => (Observed as unknown as () => void)()).toThrow(TypeError);
    const arrow = client.observe(() => 1) as unknown as new () => unknown;
    expect(() => new arrow()).toThrow(TypeError);
  });
});
