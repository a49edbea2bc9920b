/** The real `openai` package, versions 5 to 7, against a local server: each kind of call, how it ends, and what the caller gets. */
import { createTraceId, Tailrace, type TailraceClient } from 'tailrace';
import { observeOpenAI } from 'tailrace/openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type OpenAIApi, startOpenAIApi } from '../../support/openai-api.js';
import { type Receiving, receiveHere } from '../../support/receiving.js';
import type { Tree, TreeNode } from '../../support/trees.js';

const NODE = Number(process.versions.node.split('.')[0]);
// biome-ignore lint/suspicious/noExplicitAny: three versions of one package
type Anything = any;

const KEY = 'sk-proj-abcdefghijklmnop1234';
const messages = [{ role: 'user', content: 'Hello' }];
const ask = (content: string, more: object = {}) => ({
  model: 'gpt-4o',
  messages: [{ role: 'user', content }],
  ...more,
});

let api: OpenAIApi;
let receiver: Receiving;
let client: TailraceClient;
const warnings: string[] = [];

beforeAll(async () => {
  api = await startOpenAIApi();
  receiver = await receiveHere({ strict: true });
  client = new Tailrace({ publicKey: 'pk-lf-test', secretKey: 'sk-lf-test', baseUrl: receiver.url });
  client.on('warning', (text: string) => warnings.push(text));
});
afterEach(async () => {
  await client.flush();
  await receiver.clear();
  api.requests.length = 0;
});
afterAll(async () => {
  await client.shutdown();
  await Promise.all([receiver.stop(), api.close()]);
  expect(warnings).toEqual([]);
});

/** Begins each call in a millisecond of its own: the trees are in the order of their times. */
async function nextMs(): Promise<void> {
  const before = Date.now();
  while (Date.now() === before) await new Promise((resolve) => setImmediate(resolve));
}

async function trees(): Promise<Tree[]> {
  await client.flush();
  return receiver.trees();
}

async function nodes(): Promise<TreeNode[]> {
  return (await trees()).flatMap((tree) => tree.nodes);
}

const VERSIONS = [
  ['5', 'openai-5', 20],
  ['6', 'openai', 20],
  ['7 (needs Node.js 22)', 'openai-7', 22],
] as const;

describe.each(VERSIONS)('openai %s', (_, name, node) => {
  describe.skipIf(NODE < node)('', () => {
    let OpenAI: Anything;
    let plain: Anything;
    let openai: Anything;

    beforeAll(async () => {
      OpenAI = ((await import(name)) as Anything).default;
      plain = new OpenAI({ apiKey: KEY, baseURL: api.url, maxRetries: 1 });
      openai = observeOpenAI(plain, { client });
    });

    it('traces a chat completion with model, parameters, usage and tools', async () => {
      const tools = [{ type: 'function', function: { name: 'weather', parameters: {} } }];
      const answer = await openai.chat.completions.create({
        ...ask('Hello', { temperature: 0.2, max_completion_tokens: 50, tools }),
      });
      expect(answer._request_id).toBe('req_1');
      expect(await nodes()).toEqual([
        {
          type: 'GENERATION',
          name: 'OpenAI.chat',
          model: 'gpt-4o-2024-08-06',
          modelParameters: { temperature: 0.2, max_completion_tokens: 50 },
          usageDetails: {
            input: 13,
            input_cached_tokens: 4,
            input_audio_tokens: 2,
            output: 6,
            output_reasoning_tokens: 3,
            output_audio_tokens: 1,
            total: 29,
          },
          input: { messages, tools },
          output: { role: 'assistant', content: 'Hello there', refusal: null },
        },
      ]);
    });

    it('leaves the promise of a call as it is', async () => {
      const own = plain.chat.completions.create(ask('Hello'));
      const call = openai.chat.completions.create(ask('Hello'));
      expect(call.constructor).toBe(own.constructor);
      const { data, response, request_id } = await call.withResponse();
      expect([data.id, response.status, request_id]).toEqual(['chatcmpl-1', 200, 'req_1']);
      expect(await call).toBe(data);
      await own;
      const raw = await openai.chat.completions.create(ask('Hello')).asResponse();
      expect((await raw.json()).id).toBe('chatcmpl-1');
      expect(await openai.chat.completions.create(ask('Hello')).then((one: Anything) => one.id)).toBe(
        'chatcmpl-1',
      );
      let isOver = false;
      await openai.chat.completions.create(ask('Hello')).finally(() => (isOver = true));
      expect(isOver).toBe(true);
      expect(api.requests).toHaveLength(5);
      const outputs = (await nodes()).map(({ output }) => (output as Anything)?.content);
      expect(outputs).toEqual(Array(4).fill('Hello there'));
    });

    it('follows a stream without a change, however it is read', async () => {
      const body = ask('Hello', { stream: true, stream_options: { include_usage: true } });
      const create = () => openai.chat.completions.create(body);
      const stream = await create();
      expect(stream.controller).toBeInstanceOf(AbortController);
      const ids: string[] = [];
      for await (const chunk of stream) ids.push(chunk.id);
      expect(ids).toHaveLength(5);
      const [left, right] = (await create()).tee();
      await Promise.all([left, right].map(async (one) => expect(await textOf(one)).toBe('Hello there')));
      const bytes = await new Response((await create()).toReadableStream()).text();
      expect(bytes.trim().split('\n')).toHaveLength(5);
      expect(api.requests[0]?.body).toEqual(body);
      for (const one of await nodes())
        expect(one).toEqual(
          expect.objectContaining({
            model: 'gpt-4o-2024-08-06',
            output: 'Hello there',
            hasCompletionStart: true,
            usageDetails: expect.objectContaining({ total: 29, input_cached_tokens: 4 }),
          }),
        );
      expect(await nodes()).toHaveLength(3);
    });

    it('keeps parallel tool calls of a stream apart', async () => {
      for await (const _ of await openai.chat.completions.create(ask('[tool]', { stream: true })));
      const { output } = (await nodes())[0] as TreeNode;
      expect(output).toEqual({
        tool_calls: ['Oslo', 'Rome'].map((city, i) => ({
          id: `call_${i + 1}`,
          type: 'function',
          function: { name: 'weather', arguments: JSON.stringify({ city }) },
        })),
      });
    });

    it('closes streams that are left, aborted or broken', async () => {
      const hang = () => openai.chat.completions.create(ask('[hang]', { stream: true }));
      for await (const chunk of await hang()) if (chunk.choices[0].delta.content === 'Hello') break;
      const aborted = await hang();
      for await (const chunk of aborted)
        if (chunk.choices[0].delta.content === ' there') aborted.controller.abort();
      (await hang()).controller.abort();
      const broken = await openai.chat.completions.create(ask('[breaks]', { stream: true }));
      await expect(textOf(broken)).rejects.toThrow('overloaded');
      const found = (await nodes()).map(({ level, statusMessage, output }) => [level, statusMessage, output]);
      expect(found).toEqual([
        ['WARNING', 'aborted', 'Hello'],
        ['WARNING', 'aborted', 'Hello there'],
        ['WARNING', 'aborted', undefined],
        ['ERROR', expect.stringContaining('APIError: overloaded'), 'Hello there'],
      ]);
    });

    it('keeps the helpers: parse, stream, and their events', async () => {
      const response_format = {
        type: 'json_schema',
        json_schema: { name: 'place', strict: true, schema: {} },
      };
      await openai.chat.completions.parse(ask('Hello', { response_format }));
      const stream = openai.chat.completions.stream(ask('Hello'));
      const contents: string[] = [];
      stream.on('content', (delta: string) => contents.push(delta));
      expect((await stream.finalMessage()).content).toBe('Hello there');
      expect(contents.join('')).toBe('Hello there');
      const response = await openai.responses.parse({ model: 'gpt-4o', input: 'Hello' });
      expect(response.output_text).toBe('In a forest');
      const final = await openai.responses.stream({ model: 'gpt-4o', input: 'Hello' }).finalResponse();
      expect(final.output[0].content[0].text).toBe('In a forest');
      const [parsed, streamed, whole, last] = (await nodes()) as TreeNode[];
      expect(parsed?.metadata).toEqual({ response_format });
      expect((parsed as Anything).output.content).toBe('{"city":"Oslo"}');
      expect(streamed?.output).toBe('Hello there');
      expect([whole?.output, (last as Anything).output.type]).toEqual(['In a forest', 'message']);
    });

    it('shows runTools as an agent with its rounds and the tools of each', async () => {
      const tool = {
        type: 'function',
        function: {
          name: 'weather',
          parse: JSON.parse,
          parameters: { type: 'object', properties: {} },
          function: async ({ city }: { city: string }) => {
            if (city === 'Rome') client.span({ name: 'inside' }).end();
            return `sunny in ${city}`;
          },
        },
      };
      const runner = openai.chat.completions.runTools(ask('[tool]', { tools: [tool] }));
      expect(await runner.finalContent()).toBe('Hello there');
      const [agent, ...others] = (await nodes()) as [TreeNode, ...TreeNode[]];
      expect(others).toEqual([]);
      expect([agent.type, agent.name, agent.output]).toEqual([
        'AGENT',
        'OpenAI.chat.runTools',
        'Hello there',
      ]);
      const shape = (node: TreeNode): unknown => [node.type, node.output, (node.children ?? []).map(shape)];
      const [first, second] = agent.children as [TreeNode, TreeNode];
      expect((first.children ?? []).map(shape)).toEqual([
        ['TOOL', 'sunny in Oslo', []],
        ['TOOL', 'sunny in Rome', [['SPAN', undefined, []]]],
      ]);
      expect(first.children?.[0]?.input).toEqual({ city: 'Oslo' });
      expect((second.output as Anything).content).toBe('Hello there');
    });

    it('keeps the rounds of runTools under their agent in a given trace, and shows the failure of a tool', async () => {
      const traceId = createTraceId();
      const fail = async () => {
        throw new RangeError('no such city');
      };
      const parameters = { type: 'object', properties: {} };
      const tool = {
        type: 'function',
        function: { name: 'weather', parse: JSON.parse, parameters, function: fail },
      };
      const inTrace = observeOpenAI(plain, { client, traceId });
      await inTrace.chat.completions
        .runTools(ask('[tool]', { tools: [tool] }))
        .done()
        .catch(() => {});
      const [tree] = await trees();
      expect(tree?.nodes).toMatchObject([{ type: 'AGENT', level: 'ERROR', statusMessage: 'the run failed' }]);
      expect(tree?.nodes[0]?.children?.[0]?.children?.[0]).toMatchObject({
        ...{ type: 'TOOL', level: 'ERROR', statusMessage: 'RangeError: no such city' },
      });
    });

    it('traces responses with reasoning, built-in tools and images, whole and streamed', async () => {
      const body = { model: 'gpt-4o', input: '[built-in]', reasoning: { effort: 'low' } };
      await openai.responses.create(body);
      for await (const _ of await openai.responses.create({ ...body, stream: true }));
      for await (const event of await openai.responses.create({ ...body, input: '[hang]', stream: true }))
        if (event.delta === ' forest') break;
      const [whole, streamed, left] = (await nodes()) as TreeNode[];
      const usageDetails = {
        input: 30,
        input_cached_tokens: 6,
        output: 27,
        output_reasoning_tokens: 60,
        total: 123,
      };
      for (const one of [whole, streamed]) {
        expect(one).toMatchObject({ name: 'OpenAI.responses', model: 'gpt-4o-2024-08-06', usageDetails });
        expect(one?.modelParameters).toMatchObject({
          reasoning: '{"effort":"low"}',
          temperature: 1,
          store: 'true',
        });
        expect(one?.metadata).toMatchObject({ status: 'completed', reasoning: { effort: 'low' } });
      }
      expect(whole?.output).toBe('In a forest');
      expect((streamed as Anything).output.map((one: Anything) => one.type)).toEqual([
        'reasoning',
        'web_search_call',
        'image_generation_call',
        'message',
      ]);
      expect((streamed as Anything).output[2].result).toMatch(/^@@@langfuseMedia:type=image\/png/);
      expect(left).toMatchObject({ level: 'WARNING', output: 'In a forest' });
    });

    it('gives a background response its answer when it is read, once', async () => {
      const begun = await openai.responses.create({ model: 'gpt-4o', input: 'Hello', background: true });
      expect((await nodes())[0]?.metadata).toMatchObject({ status: 'queued' });
      for (let i = 0; i < 3; i++) await openai.responses.retrieve(begun.id);
      await openai.responses.retrieve('resp_pending');
      await openai.responses.cancel(`resp_of_another_${name}`);
      const [first, second, ...others] = (await nodes()) as TreeNode[];
      expect(others).toEqual([]);
      expect(first).toMatchObject({ output: 'In a forest', usageDetails: { total: 123 } });
      expect(second).toMatchObject({ level: 'WARNING', statusMessage: 'cancelled' });
    });

    it('shows a failed response, errors with status and request, and no key', async () => {
      await openai.responses.create({ model: 'gpt-4o', input: '[failed]' });
      for (const status of ['429', '401']) {
        const error = await openai.chat.completions.create(ask(`[${status}]`)).catch((one: unknown) => one);
        expect(error).toBeInstanceOf(OpenAI.APIError);
      }
      await openai.chat.completions.create(ask('[503-once]'));
      await nextMs();
      const abort = new AbortController();
      abort.abort();
      const call = openai.chat.completions.create(ask('Hello'), { signal: abort.signal });
      await expect(call).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
      await nextMs();
      const away = new OpenAI({ apiKey: KEY, baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0 });
      const refused = observeOpenAI(away, { client }).chat.completions.create(ask('Hello'));
      await expect(refused).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
      const found = await nodes();
      expect(found.map(({ level, statusMessage }) => [level, statusMessage])).toEqual([
        ['ERROR', 'server_error: The model failed'],
        [
          'ERROR',
          expect.stringMatching(/^RateLimitError: 429 Rate limit .* \(rate_limit_exceeded, request req_1\)$/),
        ],
        ['ERROR', expect.stringMatching(/^AuthenticationError: 401 Incorrect API key provided: \[key\]/)],
        [undefined, undefined],
        ['WARNING', 'aborted'],
        ['ERROR', expect.stringMatching(/^APIConnectionError: Connection error\., because: /)],
      ]);
      expect(JSON.stringify(found)).not.toMatch(/sk-proj|1234/);
    });

    it('traces embeddings, images, audio, moderation and completions, and nothing that calls no model', async () => {
      const vectors = await openai.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] });
      expect(vectors.data[0].embedding).toEqual([0.25, -0.5, 1]);
      await openai.images.generate({ model: 'gpt-image-1', prompt: 'a cat', size: '1024x1024' });
      const file = new File(['sound'], 'speech.mp3', { type: 'audio/mpeg' });
      await openai.audio.transcriptions.create({ model: 'gpt-4o-transcribe', file });
      const image = new File(['png'], 'cat.png', { type: 'image/png' });
      await openai.images.edit({ model: 'gpt-image-1', prompt: 'a hat', image });
      const speech = await openai.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hello' });
      expect(Buffer.from(await speech.arrayBuffer()).toString()).toBe('ID3 sound');
      await openai.moderations.create({ input: 'Hello' });
      await openai.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'Hello' });
      const models: string[] = [];
      for await (const model of openai.models.list()) models.push(model.id);
      expect(models).toEqual(['gpt-4o']);
      const found = (await nodes()).map(({ type, name, model, input, output, usageDetails }) => [
        ...[type, name, model, input, output, usageDetails?.total],
      ]);
      const media = [{ b64_json: expect.stringMatching(/^@@@langfuseMedia:type=image\/png/) }];
      expect(found).toEqual([
        [
          'EMBEDDING',
          'OpenAI.embeddings',
          'text-embedding-3-small',
          ['a', 'b'],
          { object: 'list', count: 2, dimensions: 3 },
          8,
        ],
        ['GENERATION', 'OpenAI.images', 'gpt-image-1', 'a cat', media, undefined],
        ['GENERATION', 'OpenAI.audio', 'gpt-4o-transcribe', { file: 'speech.mp3' }, 'Hello there.', 18],
        ['GENERATION', 'OpenAI.images', 'gpt-image-1', 'a hat', media, undefined],
        ['GENERATION', 'OpenAI.audio', 'tts-1', 'Hello', { contentType: 'audio/mpeg' }, undefined],
        [
          'GENERATION',
          'OpenAI.moderations',
          'omni-moderation-latest',
          'Hello',
          [{ flagged: false }],
          undefined,
        ],
        ['GENERATION', 'OpenAI.completions', 'gpt-3.5-turbo-instruct-0914', 'Hello', ' World', 6],
      ]);
    });

    it('takes images and audio of the input for media, and several choices for several outputs', async () => {
      const content = [
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
        { type: 'input_audio', input_audio: { data: 'UklGRiQAAABXQVZF', format: 'wav' } },
      ];
      await openai.chat.completions.create({ model: 'gpt-4o', n: 2, messages: [{ role: 'user', content }] });
      const { input, output } = (await nodes())[0] as TreeNode;
      expect(JSON.stringify(input)).toMatch(
        /langfuseMedia:type=image\/png.*langfuseMedia:type=audio\/(x-)?wav/,
      );
      expect(output).toHaveLength(2);
    });

    it('bears answers of compatible services, and other classes of client', async () => {
      await openai.chat.completions.create(ask('[compatible]'));
      expect(await textOf(await openai.chat.completions.create(ask('[compatible]', { stream: true })))).toBe(
        'Hello there',
      );
      const azure = new ((await import(name)) as Anything).AzureOpenAI({
        ...{ apiKey: KEY, apiVersion: '2024-10-21', endpoint: api.url.replace('/v1', '') },
      });
      await observeOpenAI(azure, { client }).chat.completions.create(ask('Hello'));
      expect(api.requests.at(-1)?.path).toContain('/openai/deployments/gpt-4o/chat/completions');
      expect((await nodes()).map((one) => one.name)).toEqual([
        'OpenAI.chat',
        'OpenAI.chat',
        'AzureOpenAI.chat',
      ]);
    });

    it('sets the attributes of its options, under a parent, and once if observed again', async () => {
      const options = { traceName: 't', userId: 'u', sessionId: 's', tags: ['a'], version: 'v1' };
      const prompt = { name: 'p', version: 3, isFallback: false };
      const named = { generationName: 'answer', generationMetadata: { a: 1 }, langfusePrompt: prompt };
      const again = observeOpenAI(observeOpenAI(openai, { ...options, client }), named);
      expect(again).toBeInstanceOf(OpenAI);
      await again.chat.completions.create(ask('Hello'));
      await again.withOptions({ timeout: 9000 }).chat.completions.create(ask('Hello'));
      await nextMs();
      const trace = client.trace({ name: 'outer' });
      await observeOpenAI(plain, { client, parent: trace }).chat.completions.create(ask('Hello'));
      trace.end();
      await nextMs();
      const traceId = createTraceId();
      const inTrace = observeOpenAI(plain, { client, traceId });
      await inTrace.chat.completions.create(ask('Hello'));
      await nextMs();
      await inTrace.chat.completions.create(ask('Hello'));
      const found = await trees();
      expect(found.map((one) => [one.name, one.nodes.length])).toEqual([
        ['t', 1],
        ['t', 1],
        ['outer', 1],
        [undefined, 2],
      ]);
      expect(found[0]).toMatchObject({ userId: 'u', sessionId: 's', tags: ['a'] });
      expect(found[1]?.nodes[0]).toMatchObject({
        ...{ name: 'answer', metadata: { a: 1 }, promptName: 'p', promptVersion: 3, version: 'v1' },
      });
      expect(await again.flushAsync()).toMatchObject({ pending: 0 });
    });
  });
});

async function textOf(stream: AsyncIterable<Anything>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.choices?.[0]?.delta?.content ?? '';
  return text;
}
