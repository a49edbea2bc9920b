/** The integration with AI SDK 7: streams that end in each way, nesting, privacy, registrations, and faults that no call may notice. */

import { Tailrace, type TailraceClient } from 'tailrace';
import { tailraceTelemetry } from 'tailrace/ai-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { compile, createProgram, installed, REPOSITORY } from '../../support/programs.js';
import { type Receiving, receiveHere } from '../../support/receiving.js';
import type { Tree, TreeNode } from '../../support/trees.js';

const NODE = Number(process.versions.node.split('.')[0]);

describe.skipIf(NODE < 22)('the AI SDK 7 (needs Node.js 22)', () => {
  // biome-ignore lint/suspicious/noExplicitAny: the package's types are those of version 7, which Node.js 20 cannot load
  type Anything = any;
  let ai: Anything;
  let mocks: Anything;
  let receiver: Receiving;
  let client: TailraceClient;
  const warnings: string[] = [];

  beforeAll(async () => {
    (globalThis as Anything).AI_SDK_LOG_WARNINGS = false;
    [ai, mocks] = [await import('ai'), await import('ai/test')];
    receiver = await receiveHere({ strict: true });
    client = makeClient();
  });
  afterEach(async () => {
    await client.flush();
    await receiver.clear();
    warnings.length = 0;
  });
  afterAll(async () => {
    await client.shutdown();
    await receiver.stop();
  });

  function makeClient(): TailraceClient {
    const made = new Tailrace({ publicKey: 'pk-lf-test', secretKey: 'sk-lf-test', baseUrl: receiver.url });
    made.on('warning', (text: string) => warnings.push(text));
    return made;
  }

  const usage = {
    inputTokens: { total: 12, noCache: 7, cacheRead: 3, cacheWrite: 2 },
    outputTokens: { total: 5, text: 3, reasoning: 2 },
  };
  const finish = { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage };
  const said = (text: string) => ({ content: [{ type: 'text', text }], ...finish, warnings: [] });
  const calls = (...names: string[]) => ({
    ...said(''),
    content: names.map((toolName, i) => ({ type: 'tool-call', toolCallId: `c-${i}`, toolName, input: '{}' })),
    finishReason: { unified: 'tool-calls', raw: 'tool_calls' },
  });
  const model = (...answers: unknown[]) =>
    new mocks.MockLanguageModelV4({ modelId: 'm', doGenerate: async () => answers.shift() });
  const delta = (text: string) => ({ type: 'text-delta', id: '1', delta: text });
  const start = { type: 'text-start', id: '1' };
  const streaming = (parts: unknown[]) =>
    new mocks.MockLanguageModelV4({
      modelId: 's',
      doStream: async () => ({ stream: mocks.simulateReadableStream({ chunks: parts }) }),
    });
  const tool = (execute: (...args: Anything[]) => unknown) =>
    ai.tool({ inputSchema: ai.jsonSchema({ type: 'object' }), execute });
  const several = () => ai.stepCountIs(3);
  const with_ = (...integrations: unknown[]) => ({ telemetry: { integrations } });

  /** Sends what is there; observations that are open stay open. */
  async function trees(of: TailraceClient = client): Promise<Tree[]> {
    await of.flush();
    return receiver.trees();
  }

  const lines = (nodes: readonly TreeNode[], depth = 0): string[] =>
    nodes.flatMap(({ type, name, level, children = [] }) => [
      `${'  '.repeat(depth)}${type} ${name}${level ? ` ${level}` : ''}`,
      ...lines(children, depth + 1),
    ]);
  const outline = async (of?: TailraceClient) => (await trees(of)).flatMap(({ nodes }) => lines(nodes));

  it('traces parallel tools, and what they trace and call below them', async () => {
    const inner = () =>
      ai.generateText({ model: model(said('inner')), prompt: 'i', ...with_(tailraceTelemetry({ client })) });
    const agent = new ai.ToolLoopAgent({
      model: model(calls('look', 'ask'), said('done')),
      tools: {
        look: tool(async () => client.startActiveObservation('database', async () => 'row')),
        ask: tool(async () => (await inner()).text),
      },
      ...with_(tailraceTelemetry({ client })),
    });
    const { text } = await client.startActiveObservation('request', () => agent.generate({ prompt: 'q' }));
    expect(text).toBe('done');
    const [tree] = await trees();
    expect(lines(tree?.nodes ?? []).sort()).toEqual(
      [
        'SPAN request',
        '  AGENT ai.generateText',
        '    GENERATION ai.generateText.doGenerate',
        '    GENERATION ai.generateText.doGenerate',
        '    TOOL ask',
        '      AGENT ai.generateText',
        '        GENERATION ai.generateText.doGenerate',
        '    TOOL look',
        '      SPAN database',
      ].sort(),
    );
    expect(JSON.stringify(tree)).not.toContain('wrongTimes');
    const generation = tree?.nodes[0]?.children?.[0]?.children?.[0];
    expect(generation?.usageDetails).toEqual({
      input: 7,
      output: 3,
      input_cache_read: 3,
      input_cache_creation: 2,
      output_reasoning: 2,
      total: 17,
    });
  });

  it('makes what a provider does during the call a child of the generation', async () => {
    const asking = new mocks.MockLanguageModelV4({
      doGenerate: async () => client.startActiveObservation('http', async () => said('x')),
    });
    await ai.generateText({ model: asking, prompt: 'q', ...with_(tailraceTelemetry({ client })) });
    expect(await outline()).toEqual([
      'AGENT ai.generateText',
      '  GENERATION ai.generateText.doGenerate',
      '    SPAN http',
    ]);
  });

  it('closes a stream that is aborted, one that breaks off and one that throws; one left early stays open', async () => {
    const own = makeClient();
    const telemetry = with_(tailraceTelemetry({ client: own }));
    const read = async (options: object, stop?: () => boolean) => {
      let text = '';
      for await (const part of ai.streamText({ prompt: 'q', onError() {}, ...telemetry, ...options })
        .textStream) {
        text += part;
        if (stop?.()) break;
      }
      return text;
    };
    const abort = new AbortController();
    await read(
      { model: streaming([start, delta('a'), delta('b'), finish]), abortSignal: abort.signal },
      () => {
        abort.abort();
        return false;
      },
    );
    await read({ model: streaming([start, delta('half'), { type: 'error', error: new Error('mid') }]) });
    const broken = new mocks.MockLanguageModelV4({
      doStream: async () => ({
        stream: new ReadableStream({
          pull: (controller) => controller.error(new Error('socket closed')),
        }),
      }),
    });
    await read({ model: broken }).catch(() => {});
    await read({ model: streaming([start, delta('a'), delta('b'), finish]) }, () => true);
    await own.shutdown();
    const roots = (await receiver.trees()).map(({ nodes }) => nodes[0]);
    expect(roots.map((node) => [node?.level, node?.statusMessage, node?.output])).toEqual([
      ['WARNING', 'This operation was aborted', undefined],
      ['ERROR', 'the stream ended with an error', 'half'],
      ['ERROR', 'socket closed', undefined],
      ['WARNING', 'not ended: the client was shut down', undefined],
    ]);
  });

  it('traces reranking, speech and transcription', async () => {
    const telemetry = with_(tailraceTelemetry({ client }));
    const response = { timestamp: new Date(), modelId: 'x' };
    await ai.rerank({
      model: new mocks.MockRerankingModelV4({
        modelId: 'r',
        doRerank: async () => ({ ranking: [{ index: 1, relevanceScore: 0.9 }], warnings: [] }),
      }),
      query: 'q',
      documents: ['a', 'b'],
      ...telemetry,
    });
    await ai.generateSpeech({
      model: new mocks.MockSpeechModelV4({
        modelId: 'tts',
        doGenerate: async () => ({ audio: new Uint8Array(9), warnings: [], response }),
      }),
      text: 'Hello',
      voice: 'alloy',
      ...telemetry,
    });
    await ai.transcribe({
      model: new mocks.MockTranscriptionModelV4({
        modelId: 'stt',
        doGenerate: async () => ({ text: 'Hello', segments: [], warnings: [], response, language: 'en' }),
      }),
      audio: new Uint8Array(9),
      ...telemetry,
    });
    const nodes = (await trees()).flatMap((tree) => tree.nodes);
    expect(lines(nodes)).toEqual([
      'SPAN ai.rerank',
      '  GENERATION ai.rerank.doRerank',
      'GENERATION ai.generateSpeech',
      'GENERATION ai.transcribe',
    ]);
    expect(nodes[1]).toMatchObject({ model: 'tts', input: 'Hello', modelParameters: { voice: 'alloy' } });
    expect(nodes[2]).toMatchObject({ model: 'stt', output: 'Hello' });
  });

  it('traces a streamed object, under an active span of OpenTelemetry, and the context of a tool that telemetry may show', async () => {
    const { context, trace } = await import('@opentelemetry/api');
    const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    onTestFinished(() => context.disable());
    const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
    const telemetry = { integrations: [tailraceTelemetry({ client })] };
    await context.with(trace.setSpanContext(context.active(), remote), async () => {
      const end = { type: 'text-end', id: '1' };
      const parts = [start, delta('{"city":'), delta('"Bern"}'), end, finish];
      const schema = ai.jsonSchema({ type: 'object' });
      const streamed = ai.streamObject({ model: streaming(parts), schema, prompt: 'q', telemetry });
      for await (const _ of streamed.partialObjectStream);
      expect(await streamed.object).toEqual({ city: 'Bern' });
    });
    await ai.generateText({
      model: model(calls('look'), said('x')),
      prompt: 'q',
      tools: {
        look: ai.tool({
          inputSchema: ai.jsonSchema({ type: 'object' }),
          contextSchema: ai.jsonSchema({ type: 'object' }),
          execute: async () => 1,
        }),
      },
      toolsContext: { look: { tenant: 't-1', key: 'sk-secret' } },
      stopWhen: several(),
      telemetry: { ...telemetry, includeToolsContext: { look: { tenant: true } } },
    });
    const found = await trees();
    // Its parent is a span that this server does not have.
    expect(found[0]?.nodes[0]?.isOrphan).toBe(true);
    expect(found.flatMap(({ nodes }) => lines(nodes)).slice(0, 2)).toEqual([
      'AGENT ai.streamObject',
      '  GENERATION ai.streamObject.doStream',
    ]);
    expect(found[0]?.nodes[0]?.output).toEqual({ city: 'Bern' });
    expect(found[0]?.nodes[0]?.children?.[0]).toMatchObject({
      hasCompletionStart: true,
      usageDetails: { output: 3 },
    });
    const look = found[1]?.nodes[0]?.children?.find(({ type }) => type === 'TOOL');
    expect(look?.metadata).toMatchObject({ toolContext: { tenant: 't-1' } });
    expect(JSON.stringify(found)).not.toContain('sk-secret');
  });

  it('hides inputs and outputs, credentials of tools, and calls that telemetry is off for', async () => {
    const integrations = [tailraceTelemetry({ client })];
    const secret = ai.tool({
      type: 'provider',
      id: 'mock.mcp',
      isProviderExecuted: true,
      args: { authorization: 'sk-secret' },
      inputSchema: ai.jsonSchema({ type: 'object' }),
    });
    const options = { prompt: 'private', headers: { 'x-key': 'sk-secret' } };
    const hidden = { integrations, recordInputs: false, recordOutputs: false };
    await ai.generateText({ ...options, model: model(said('private')), telemetry: hidden });
    await ai.generateText({
      ...options,
      model: model(said('private')),
      telemetry: { integrations, isEnabled: false },
    });
    await ai.generateText({
      ...options,
      prompt: 'q',
      model: model(said('x')),
      tools: { secret },
      telemetry: { integrations },
    });
    const found = await trees();
    expect(found).toHaveLength(2);
    expect(JSON.stringify(found)).not.toMatch(/private|sk-secret/);
  });

  it('traces a call once, however often it is registered with a client', async () => {
    const one = tailraceTelemetry({ client });
    const call = (...integrations: unknown[]) =>
      ai.generateText({
        model: model(calls('look', 'look'), said('x')),
        prompt: 'q',
        tools: { look: tool(async () => 1) },
        stopWhen: several(),
        ...with_(...integrations),
      });
    await call(one);
    const once = await outline();
    await receiver.clear();
    await call(one, one, tailraceTelemetry({ client }));
    expect(await outline()).toEqual(once);
  });

  it('never fails a call: hostile values, a client that is shut down, hooks out of order and twice', async () => {
    const hostile = Object.defineProperty({}, 'key', {
      enumerable: true,
      get: () => {
        throw new Error('getter');
      },
    });
    const closed = makeClient();
    await closed.shutdown();
    const broken = new Proxy({} as TailraceClient, {
      get() {
        throw new Error('broken client');
      },
    });
    for (const of of [client, closed, broken]) {
      const { text } = await ai.generateText({
        model: model(calls('look'), said('answer')),
        prompt: 'q',
        tools: { look: tool(async () => 1) },
        toolChoice: 'auto',
        stopWhen: ai.stepCountIs(1),
        runtimeContext: Object.freeze({ hostile }),
        telemetry: {
          integrations: [tailraceTelemetry({ client: of })],
          includeRuntimeContext: { hostile: true },
        },
      });
      expect(text).toBe('');
    }
    const telemetry = tailraceTelemetry({ client }) as Anything;
    const throwing = new Proxy({ callId: 'c' } as Anything, {
      get(target, key) {
        if (key === 'callId') return target.callId;
        throw new Error('no access');
      },
    });
    for (const hook of Object.getOwnPropertyNames(Object.getPrototypeOf(telemetry))) {
      if (!/on[A-Z]/.test(hook)) continue;
      for (const event of [undefined, null, {}, { callId: 'c', operationId: 'ai.generateText' }, throwing]) {
        expect(telemetry[hook](event)).toBeUndefined();
        expect(telemetry[hook](event)).toBeUndefined();
      }
    }
    const answer = { same: 'object' };
    const execute = () => Promise.resolve(answer);
    expect(await telemetry.executeTool({ callId: 'gone', toolCallId: 'x', execute })).toBe(answer);
    expect(await telemetry.executeLanguageModelCall({ callId: 'gone', execute })).toBe(answer);
    expect(warnings.some((text) => text.includes('ai-sdk onStart failed'))).toBe(true);
    expect(warnings.join()).not.toContain('no access');
  });

  it('leaves a call as it is if the options of the integration cannot be read', async () => {
    const { proxy, revoke } = Proxy.revocable({} as Anything, {});
    revoke();
    const throwing = {
      get client(): never {
        throw new RangeError('secret');
      },
    };
    for (const options of [proxy, throwing]) {
      const telemetry = { integrations: tailraceTelemetry(options as Anything) };
      const result = await ai.generateText({ model: model(said('fine')), prompt: 'p', telemetry });
      expect(result.text).toBe('fine');
    }
    expect(warnings.filter((text) => text.includes('ai-sdk options failed (RangeError)'))).toHaveLength(1);
    expect(warnings.join()).not.toContain('secret');
  });

  it('follows 10,000 calls that never end, and no more', async () => {
    const own = makeClient();
    const telemetry = tailraceTelemetry({ client: own }) as Anything;
    const begin = (i: number) => telemetry.onStart({ callId: `never-${i}`, operationId: 'ai.streamText' });
    for (let i = 0; i < 10_001; i++) begin(i);
    for (const i of [0, 1]) telemetry.onEnd({ callId: `never-${i}`, text: `end ${i}` });
    await own.flush();
    expect((await receiver.trees()).map(({ nodes }) => nodes[0]?.output)).toEqual(['end 1']);
    await own.shutdown();
  });

  it('traces a tool that needs approval in the call that runs it, and not one that was denied', async () => {
    const deletion = ai.tool({
      inputSchema: ai.jsonSchema({ type: 'object' }),
      needsApproval: true,
      execute: async () => client.startActiveObservation('sql', async () => 'gone'),
    });
    const ask = (given: unknown[], ...answers: unknown[]) =>
      ai.generateText({
        model: model(...answers),
        messages: given,
        tools: { delete: deletion },
        stopWhen: several(),
        ...with_(tailraceTelemetry({ client })),
      });
    const messages: Anything[] = [{ role: 'user', content: 'q' }];
    const first = await ask(messages, calls('delete', 'delete'));
    const requests = first.content.filter((part: Anything) => part.type === 'tool-approval-request');
    expect(requests).toHaveLength(2);
    expect(await outline()).toEqual(['AGENT ai.generateText', '  GENERATION ai.generateText.doGenerate']);
    await receiver.clear();
    const content = requests.map(({ approvalId }: Anything, i: number) => ({
      type: 'tool-approval-response',
      approvalId,
      approved: i === 0,
    }));
    const second = await ask(
      [...messages, ...first.response.messages, { role: 'tool', content }],
      said('done'),
    );
    expect(second.text).toBe('done');
    expect(await outline()).toEqual([
      'AGENT ai.generateText',
      '  TOOL delete',
      '    SPAN sql',
      '  GENERATION ai.generateText.doGenerate',
    ]);
  });

  it('traces speech, a transcription, a streamed one, and those that fail', async () => {
    const telemetry = with_(tailraceTelemetry({ client }));
    const response = { timestamp: new Date(), modelId: 'x' };
    const speak = (doGenerate: () => Promise<unknown>) =>
      ai.generateSpeech({
        model: new mocks.MockSpeechModelV4({ modelId: 'tts', doGenerate }),
        text: 'Hello',
        maxRetries: 0,
        ...telemetry,
      });
    await speak(async () => ({ audio: new Uint8Array(9), warnings: [], response }));
    const fails = () => Promise.reject(new Error('no voice'));
    await expect(speak(fails)).rejects.toThrow('no voice');
    const transcribe = (...parts: Anything[]) =>
      ai.experimental_streamTranscribe({
        model: Object.assign(new mocks.MockTranscriptionModelV4({ modelId: 'stt' }), {
          doStream: async () => ({ stream: mocks.simulateReadableStream({ chunks: parts }), response }),
        }),
        audio: new ReadableStream({ start: (controller) => controller.close() }),
        inputAudioFormat: { type: 'audio/pcm', rate: 16_000 },
        ...telemetry,
      });
    const end = { type: 'finish', text: 'Hello', segments: [], language: 'en', durationInSeconds: 1 };
    const opening = { type: 'stream-start', warnings: [] };
    expect(await transcribe(opening, { type: 'transcript-delta', id: '1', delta: 'He' }, end).text).toBe(
      'Hello',
    );
    await expect(transcribe(opening).text).rejects.toThrow();
    const nodes = (await trees()).flatMap((tree) => tree.nodes);
    expect(lines(nodes)).toEqual([
      'GENERATION ai.generateSpeech',
      'GENERATION ai.generateSpeech ERROR',
      'GENERATION ai.streamTranscribe',
      'GENERATION ai.streamTranscribe ERROR',
    ]);
    expect(nodes[0]).toMatchObject({ input: 'Hello', output: { byteLength: 9 } });
    expect(nodes[1]).toMatchObject({ statusMessage: 'no voice' });
    expect(nodes[2]).toMatchObject({
      model: 'stt',
      output: 'Hello',
      metadata: { language: 'en', durationInSeconds: 1 },
    });
  });

  it('leaves a tree for each client of several integrations', async () => {
    const other = makeClient();
    const [one, two] = [tailraceTelemetry({ client }), tailraceTelemetry({ client: other })];
    await ai.generateText({
      model: model(calls('look'), said('x')),
      prompt: 'q',
      tools: {
        look: tool(async () => {
          client.span({ name: 'one' }).end();
          other.span({ name: 'two' }).end();
        }),
      },
      stopWhen: several(),
      ...with_(one, two),
    });
    await other.shutdown();
    const found = (await trees()).flatMap(({ nodes }) => lines(nodes));
    expect(found.filter((line) => line.startsWith('AGENT'))).toHaveLength(2);
    expect(found.filter((line) => line.startsWith('    SPAN')).sort()).toEqual([
      '    SPAN one',
      '    SPAN two',
    ]);
    expect(found).toHaveLength(10);
  });

  describe('a fault in a hook', () => {
    const embedder = () =>
      new mocks.MockEmbeddingModelV4({
        doEmbed: async () => ({ embeddings: [[1, 2]], usage: { tokens: 2 }, warnings: [] }),
      });
    const reranker = () =>
      new mocks.MockRerankingModelV4({
        doRerank: async () => ({ ranking: [{ index: 0, relevanceScore: 1 }], warnings: [] }),
      });
    const opening = { type: 'stream-start', warnings: [] };
    const heard = { type: 'finish', text: 'heard', segments: [], language: 'en', durationInSeconds: 1 };
    const PROGRAMS: Record<string, (telemetry: object) => Promise<unknown>> = {
      tools: async (telemetry) => {
        const result = await ai.generateText({
          model: model(calls('look'), said('answer')),
          prompt: 'q',
          tools: { look: tool(async () => 'seen') },
          stopWhen: several(),
          ...telemetry,
        });
        return [result.text, result.steps[0].toolResults[0].output, result.totalUsage.totalTokens];
      },
      object: async (telemetry) => {
        const schema = ai.jsonSchema({ type: 'object' });
        return (await ai.generateObject({ model: model(said('{"a":1}')), schema, prompt: 'q', ...telemetry }))
          .object;
      },
      embedding: async (telemetry) =>
        (await ai.embed({ model: embedder(), value: 'v', ...telemetry })).embedding,
      ranking: async (telemetry) =>
        (await ai.rerank({ model: reranker(), query: 'q', documents: ['d'], ...telemetry }))
          .rerankedDocuments,
      transcription: async (telemetry) =>
        ai.experimental_streamTranscribe({
          model: new mocks.MockTranscriptionModelV4({
            doStream: async () => ({ stream: mocks.simulateReadableStream({ chunks: [opening, heard] }) }),
          }),
          audio: new ReadableStream({ start: (controller) => controller.close() }),
          inputAudioFormat: { type: 'audio/pcm', rate: 16_000 },
          ...telemetry,
        }).text,
      abort: async (telemetry) => {
        const abort = new AbortController();
        const { fullStream } = ai.streamText({
          model: streaming([start, delta('a'), delta('b'), finish]),
          prompt: 'q',
          abortSignal: abort.signal,
          ...telemetry,
        });
        const types: string[] = [];
        for await (const part of fullStream) {
          types.push(part.type);
          if (part.type === 'text-delta') abort.abort();
        }
        return types;
      },
      failure: (telemetry) =>
        ai.generateText({ model: model(), prompt: 'q', maxRetries: 0, ...telemetry }).catch(String),
    };

    it.each([
      ['onStart', 'tools'],
      ['onStepStart', 'tools'],
      ['onLanguageModelCallStart', 'tools'],
      ['onLanguageModelCallEnd', 'tools'],
      ['onToolExecutionStart', 'tools'],
      ['onToolExecutionEnd', 'tools'],
      ['onEnd', 'tools'],
      ['onObjectStepStart', 'object'],
      ['onObjectStepEnd', 'object'],
      ['onEmbedStart', 'embedding'],
      ['onEmbedEnd', 'embedding'],
      ['onRerankStart', 'ranking'],
      ['onRerankEnd', 'ranking'],
      ['experimental_onStreamTranscriptionStart', 'transcription'],
      ['experimental_onStreamTranscriptionEnd', 'transcription'],
      ['onAbort', 'abort'],
      ['onStepError', 'failure'],
      ['onError', 'failure'],
    ])('%s leaves the answer as it is, and warns once', async (hook, program) => {
      const run = PROGRAMS[program] as (telemetry: object) => Promise<unknown>;
      const own = makeClient();
      const telemetry = tailraceTelemetry({ client: own }) as Anything;
      const broken = new Proxy(telemetry, {
        get: (target, key) =>
          key === hook ? (event: Anything) => target[hook](unreadable(event)) : target[key]?.bind(target),
      });
      const answer = await run({ telemetry: { isEnabled: false } });
      expect(await run(with_(broken))).toEqual(answer);
      expect(await run(with_(broken))).toEqual(answer);
      await own.shutdown();
      const label = hook.replace('experimental_onStreamTranscription', 'on');
      expect(warnings).toEqual([expect.stringContaining(`ai-sdk ${label} failed (RangeError)`)]);
      const nodes = (await receiver.trees()).flatMap((tree) => tree.nodes);
      expect(nodes).toHaveLength(label === 'onStart' ? 0 : 2);
      expect(JSON.stringify(nodes)).not.toContain('not ended');
    });

    const unreadable = ({ callId }: { callId: string }) =>
      new Proxy(
        { callId },
        {
          get(target, key) {
            if (key === 'callId') return target.callId;
            throw new RangeError('no access');
          },
        },
      );

    it('of the client that runs a tool or a model leaves the answer as it is', async () => {
      const broken = new Proxy(client, {
        get(target, key) {
          if (typeof key === 'symbol') throw new RangeError('no access');
          const member = (target as Anything)[key];
          return typeof member === 'function' ? member.bind(target) : member;
        },
      });
      const run = PROGRAMS.tools as (telemetry: object) => Promise<unknown>;
      expect(await run(with_(tailraceTelemetry({ client: broken })))).toEqual(
        await run({ telemetry: { isEnabled: false } }),
      );
      expect(await outline()).toHaveLength(4);
    });
  });

  it('fits the type Telemetry of the package ai', async () => {
    const program = `import { registerTelemetry, type Telemetry } from 'ai';
import { tailraceTelemetry } from 'tailrace/ai-sdk';
const telemetry: Telemetry = tailraceTelemetry();
registerTelemetry(telemetry, tailraceTelemetry({ publicKey: 'pk' }));
`;
    const folder = createProgram({ 'program.ts': program }, { tailrace: REPOSITORY, ai: installed('ai') });
    expect(await compile(folder, 'program.ts', { skipLibCheck: true })).toBe('');
  });
});
