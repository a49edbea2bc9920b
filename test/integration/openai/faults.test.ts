/** What goes wrong in a hook stays there: the answer of the call is what it was, and the observation is closed where that is possible. */
import OpenAI from 'openai';
import { Tailrace, type TailraceClient } from 'tailrace';
import { observeOpenAI } from 'tailrace/openai';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type OpenAIApi, startOpenAIApi } from '../../support/openai-api.js';
import { type Receiving, receiveHere } from '../../support/receiving.js';

// biome-ignore lint/suspicious/noExplicitAny: broken values of any type
type Anything = any;

const body = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'Hello' }] };
let api: OpenAIApi;
let receiver: Receiving;
let client: TailraceClient;
let plain: OpenAI;
const warnings: string[] = [];

beforeAll(async () => {
  api = await startOpenAIApi();
  receiver = await receiveHere({ strict: true });
  client = makeClient();
  plain = new OpenAI({ apiKey: 'sk-test', baseURL: api.url, maxRetries: 0 });
});
afterEach(async () => {
  await client.flush();
  await receiver.clear();
  warnings.length = 0;
});
afterAll(async () => {
  await client.shutdown();
  await Promise.all([receiver.stop(), api.close()]);
});

function makeClient(): TailraceClient {
  const made = new Tailrace({ publicKey: 'pk-lf-test', secretKey: 'sk-lf-test', baseUrl: receiver.url });
  made.on('warning', (text: string) => warnings.push(text));
  return made;
}

/** A client whose handles throw in one method. */
function failing(method: string): TailraceClient {
  const broken = () => {
    throw new Error('broken');
  };
  const wrap = (target: object): Anything =>
    new Proxy(target, {
      get(_, name) {
        if (name === method) return broken;
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          const result = value.apply(target, args);
          return typeof result === 'object' && result !== null && 'traceparent' in result
            ? wrap(result)
            : result;
        };
      },
    });
  return wrap(client);
}

async function useAll(openai: OpenAI): Promise<unknown[]> {
  const { choices } = await openai.chat.completions.create(body);
  let streamed = '';
  for await (const chunk of await openai.chat.completions.create({ ...body, stream: true }))
    streamed += chunk.choices[0]?.delta.content ?? '';
  const error = await openai.chat.completions
    .create({ ...body, messages: [{ role: 'user', content: '[429]' }] })
    .catch((one: unknown) => one);
  const final = await openai.chat.completions.stream(body).finalContent();
  const response = await openai.responses.create({ model: 'gpt-4o', input: 'Hello' });
  const raw = await openai.chat.completions.create(body).asResponse();
  return [
    ...[choices[0]?.message.content, streamed, error instanceof OpenAI.RateLimitError, final],
    ...[response.output_text, await raw.json().then((one) => (one as { id: string }).id)],
  ];
}

it.each(['startObservation', 'end', 'update'])(
  'a client whose %s throws changes no answer',
  async (method) => {
    expect(await useAll(observeOpenAI(plain, { client: failing(method) }))).toEqual(await useAll(plain));
  },
);

it('a client that is shut down changes no answer', async () => {
  const other = makeClient();
  await other.shutdown();
  expect(await useAll(observeOpenAI(plain, { client: other }))).toEqual(await useAll(plain));
});

it('a frozen client, and one that is frozen later, work', async () => {
  const frozen = Object.freeze(new OpenAI({ apiKey: 'sk-test', baseURL: api.url, maxRetries: 0 }));
  const openai = observeOpenAI(frozen, { client });
  expect(await useAll(openai as unknown as OpenAI)).toEqual(await useAll(plain));
  Object.freeze(openai);
  expect(openai.chat.completions).toBe(openai.chat.completions);
});

it('the given client stays as it is', async () => {
  const members = (): unknown[] =>
    [plain, plain.chat, plain.chat.completions].map((one) => Reflect.ownKeys(one));
  const before = members();
  const { create } = plain.chat.completions;
  const openai = observeOpenAI(plain, { client });
  await useAll(openai);
  expect(members()).toEqual(before);
  expect(plain.chat.completions.create).toBe(create);
  expect(openai.baseURL).toBe(plain.baseURL);
  expect((openai as Anything).fetch).toBe((plain as Anything).fetch);
  expect(Object.keys(openai)).toEqual(Object.keys(plain));
});

it('what a test replaces in the client is called', async () => {
  const mocked = new OpenAI({ apiKey: 'sk-test', baseURL: api.url });
  const openai = observeOpenAI(mocked, { client });
  mocked.chat.completions.create = (async () => 'mocked') as Anything;
  expect(await openai.chat.completions.create(body)).toBe('mocked');
});

it('what a test or another library replaces on the observed client is called, and may call what was there', async () => {
  const openai: Anything = observeOpenAI(plain.withOptions({}), { client });
  const { post } = openai;
  const paths: string[] = [];
  openai.post = (path: string, ...args: unknown[]) => {
    paths.push(path);
    return post(path, ...args);
  };
  expect((await openai.chat.completions.create(body)).id).toBe('chatcmpl-1');
  expect(paths).toEqual(['/chat/completions']);
  delete openai.post;
  const spy = vi.spyOn(openai, 'post').mockResolvedValueOnce('mocked');
  expect(await openai.chat.completions.create(body)).toBe('mocked');
  expect((await openai.chat.completions.create(body)).id).toBe('chatcmpl-1');
  expect(spy).toHaveBeenCalledTimes(2);
  spy.mockRestore();
  expect(openai.post).toBe(post);
  const heir = Object.create(openai);
  heir.mine = 1;
  expect([heir.mine, openai.mine]).toEqual([1, undefined]);
  openai.chat = { completions: { create: () => 'replaced' } };
  expect(openai.chat.completions.create(body)).toBe('replaced');
  const models = { list: () => 'defined' };
  Object.defineProperty(openai, 'models', { value: models, configurable: true });
  expect(openai.models.list()).toBe('defined');
  await client.flush();
  expect(await receiver.trees()).toHaveLength(1);
});

it('a page of a proxy in an error, which is long and mostly spaces, holds nothing up and shows no key', async () => {
  const page = `<h1>no access for Bearer  sk-proxy-12345678</h1>${' '.repeat(4_000_000)}`;
  const fetch = async () => new Response(page, { status: 502 });
  const openai = observeOpenAI(plain.withOptions({ fetch }), { client });
  await expect(openai.chat.completions.create(body)).rejects.toThrow('502 <h1>');
  await client.flush();
  const { statusMessage } = (await receiver.trees())[0]!.nodes[0]!;
  expect(statusMessage).toMatch(/^InternalServerError: 502 <h1>no access for Bearer {2}\[key\]/);
  expect(statusMessage?.length).toBeLessThan(1100);
});

it('a raw response keeps its members, and a body that cannot be read stays an unhandled rejection', async () => {
  const fetch = async () => new Response('{"id":', { headers: { 'content-type': 'application/json' } });
  const openai = observeOpenAI(plain.withOptions({ fetch }), { client });
  const response = await openai.chat.completions.create(body).asResponse();
  expect(Object.keys(response)).toEqual([]);
  const rejections = await unhandledIn(() => void response.json());
  expect(rejections).toEqual([expect.any(SyntaxError)]);
});

it('values that cannot be read or written change no answer', async () => {
  const answers: Anything[] = [
    {
      get choices() {
        throw new Error('no');
      },
    },
    Object.freeze({ choices: Object.freeze([]), usage: 17 }),
    new Proxy(
      {},
      {
        get(_, name) {
          if (name === 'then') return undefined;
          throw new Error('no');
        },
        has: () => true,
      },
    ),
    null,
    'text',
    { choices: null, output: 3, data: [null], usage: { prompt_tokens: 'x' } },
  ];
  for (const answer of answers) {
    const stub = { post: async () => answer };
    const openai: Anything = observeOpenAI(stub as object, { client });
    expect(await openai.post('/chat/completions', { body })).toBe(answer);
  }
  const unreadable = {
    get model() {
      throw new Error('no');
    },
  };
  expect(
    await (observeOpenAI({ post: async () => 1 }, { client }) as Anything).post('/responses', {
      body: unreadable,
    }),
  ).toBe(1);
  await client.flush();
  const found = (await receiver.trees()).flatMap(({ nodes }) => nodes);
  expect(found.length).toBeGreaterThan(3);
  expect(found.flatMap(({ wrongTimes = [] }) => wrongTimes)).toEqual([]);
  expect(warnings.every((one) => !one.includes('Hello'))).toBe(true);
});

it('chunks that cannot be read reach the caller, and the stream is closed', async () => {
  const chunks: Anything[] = [
    { choices: [{ index: 0, delta: { content: 'a' } }] },
    {
      get choices() {
        throw new Error('no');
      },
    },
  ];
  const stream = {
    controller: new AbortController(),
    async *iterator() {
      yield* chunks;
    },
    [Symbol.asyncIterator]() {
      return this.iterator();
    },
  };
  const openai: Anything = observeOpenAI({ post: async () => stream }, { client });
  const seen: unknown[] = [];
  for await (const chunk of await openai.post('/chat/completions', { body })) seen.push(chunk);
  expect(seen.map((one, i) => one === chunks[i])).toEqual([true, true]);
  await client.flush();
  expect((await receiver.trees())[0]?.nodes[0]?.output).toBe('a');
});

async function unhandledIn(run: () => unknown): Promise<unknown[]> {
  const seen: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (error) => seen.push(error));
  try {
    await run();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return seen;
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const one of listeners) process.on('unhandledRejection', one);
  }
}

it('an unhandled rejection stays one, and no other appears', async () => {
  const openai = observeOpenAI(plain, { client });
  const failingBody = { ...body, messages: [{ role: 'user' as const, content: '[429]' }] };
  const seen = await unhandledIn(async () => {
    void openai.chat.completions.create(failingBody);
    await openai.chat.completions.create(failingBody).catch(() => {});
  });
  expect(seen).toHaveLength(1);
});

it('something that is no client is returned as it is', () => {
  const other = {};
  expect(observeOpenAI(other, { client })).toBe(other);
  expect(observeOpenAI(null as Anything, { client })).toBe(null);
});
