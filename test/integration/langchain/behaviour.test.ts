/** The handler with the real packages: how runs end and nest, queues, roots, secrets, bounds, and faults that no run may notice. */

import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, AIMessageChunk, HumanMessage } from '@langchain/core/messages';
import { ChatGenerationChunk } from '@langchain/core/outputs';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { RunnableLambda, RunnableParallel } from '@langchain/core/runnables';
import { tool } from '@langchain/core/tools';
import {
  Annotation,
  Command,
  END,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  Send,
  START,
  StateGraph,
} from '@langchain/langgraph';
import { createDeepAgent } from 'deepagents';
import { Tailrace, type TailraceClient } from 'tailrace';
import { CallbackHandler } from 'tailrace/langchain';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createModels } from '../../fixtures/langchain/models.mjs';
import { compile, createProgram, installed, REPOSITORY } from '../../support/programs.js';
import { type Receiving, receiveHere } from '../../support/receiving.js';
import { storedTraces } from '../../support/stored.js';
import type { Tree, TreeNode } from '../../support/trees.js';

// biome-ignore lint/suspicious/noExplicitAny: values that the tests put together by hand
type Anything = any;

const Model: Anything = createModels({ BaseChatModel, AIMessageChunk, ChatGenerationChunk });
const said = (content: string, more = {}) => ({ message: new AIMessage({ content, ...more }) });
const asked = (name: string) => said('', { tool_calls: [{ type: 'tool_call', name, args: {}, id: 'c-1' }] });
const model = (...answers: unknown[]) => new Model({ answers, parameters: { model: 'm-1' } });

let receiver: Receiving;
let client: TailraceClient;
const warnings: string[] = [];

function makeClient(): TailraceClient {
  const made = new Tailrace({ publicKey: 'pk-lf-test', secretKey: 'sk-lf-test', baseUrl: receiver.url });
  made.on('warning', (text: string) => warnings.push(text));
  return made;
}

beforeAll(async () => {
  receiver = await receiveHere({ strict: true });
  client = makeClient();
});
afterEach(async () => {
  await receiver.clear();
  warnings.length = 0;
});
afterAll(async () => {
  await client.shutdown();
  expect(await receiver.complaints()).toEqual([]);
  await receiver.stop();
});

async function trees(): Promise<Tree[]> {
  await client.flush();
  return receiver.trees();
}

const lines = (nodes: readonly TreeNode[], depth = 0): string[] =>
  nodes.flatMap(({ type, name, level, wrongTimes, children = [] }) => [
    `${'  '.repeat(depth)}${type} ${name}${level ? ` ${level}` : ''}${wrongTimes ? ` ${wrongTimes}` : ''}`,
    ...lines(children, depth + 1),
  ]);
const outline = async () => (await trees()).flatMap(({ nodes }) => lines(nodes));

/** Without an order: of what begins within a millisecond it is chance. */
function paths(nodes: readonly TreeNode[], above = ''): string[] {
  return nodes.flatMap(({ name, children = [] }) => [
    `${above}${name}`,
    ...paths(children, `${above}${name}/`),
  ]);
}

function all(nodes: readonly TreeNode[]): TreeNode[] {
  return nodes.flatMap((node) => [node, ...all(node.children ?? [])]);
}
const nodesNamed = async (name: string) =>
  (await trees()).flatMap(({ nodes }) => all(nodes).filter((node) => node.name === name));

const lambda = (work: (input: Anything, config: Anything) => unknown) =>
  RunnableLambda.from(work as never) as Anything;

describe('a run', () => {
  it('leaves one whole tree, and the handler tells its ids', async () => {
    const handler = new CallbackHandler({ client, userId: 'u', sessionId: 's', tags: ['t'], version: 'v' });
    expect([handler.last_trace_id, handler.getTraceId(), handler.getTraceUrl()]).toEqual([
      null,
      undefined,
      undefined,
    ]);
    expect(handler.client).toBe(client);
    const usage_metadata = { input_tokens: 3, output_tokens: 2, total_tokens: 5 };
    const prompt = ChatPromptTemplate.fromMessages([['human', '{q}']]);
    const chain = prompt.pipe(model(said('Hello.', { usage_metadata })));
    await chain.invoke({ q: 'Hi' }, { callbacks: [handler], runName: 'greeting' });
    const counts = await handler.flushAsync();
    expect(counts.pending).toBe(0);
    const answer = { content: 'Hello.', role: 'assistant' };
    const asked = { content: 'Hi', role: 'user' };
    const shared = { type: 'SPAN', version: 'v' };
    expect(await receiver.trees()).toEqual([
      {
        ...{ name: 'greeting', userId: 'u', sessionId: 's', tags: ['t'], version: 'v' },
        input: { q: 'Hi' },
        output: answer,
        nodes: [
          {
            ...{ ...shared, name: 'greeting', input: { q: 'Hi' }, output: answer },
            children: [
              {
                ...{
                  ...shared,
                  name: 'ChatPromptTemplate',
                  input: { q: 'Hi' },
                  output: { messages: [asked] },
                },
                metadata: { tags: ['seq:step:1'] },
              },
              {
                ...{ ...shared, type: 'GENERATION', name: 'ScriptedModel', input: [asked], output: answer },
                model: 'm-1',
                usageDetails: { input: 3, output: 2, total: 5 },
                metadata: {
                  tags: ['seq:step:2'],
                  ls_model_type: 'chat',
                  ls_provider: 'ScriptedModel',
                  ls_integration: 'langchain_chat_model',
                  versions: expect.anything(),
                },
              },
            ],
          },
        ],
      },
    ]);
    expect(handler.traceId).toMatch(/^[\da-f]{32}$/);
    expect([handler.last_trace_id, handler.getTraceId()]).toEqual([handler.traceId, handler.traceId]);
    expect(handler.getTraceUrl()).toBe(`${receiver.url}/trace/${handler.traceId}`);
    expect(handler.getLangchainRunId()).toMatch(/^[\da-f-]{36}$/);
  });

  it('has the first token of a stream as completion start, not an empty chunk', async () => {
    const handler = new CallbackHandler({ client });
    handler.handleChatModelStart({ id: ['m'] }, [[]], 'run-1');
    handler.handleLLMNewToken('', {}, 'run-1', undefined, [], { chunk: { message: { content: '' } } });
    handler.handleLLMEnd({ generations: [[{ text: 'x' }]] }, 'run-1');
    handler.handleChatModelStart({ id: ['m'] }, [[]], 'run-2');
    const toolCall = { content: '', tool_call_chunks: [{ index: 0 }] };
    handler.handleLLMNewToken('', {}, 'run-2', undefined, [], { chunk: { message: toolCall } });
    handler.handleLLMEnd({ generations: [[{ text: 'x' }]] }, 'run-2');
    const found = (await trees()).flatMap(({ nodes }) =>
      nodes.map((node) => node.hasCompletionStart ?? false),
    );
    expect(found.sort()).toEqual([false, true]);
  });

  it('that ends with an error, a cancellation or an interrupt says so, and throws what it throws without tracing', async () => {
    const handler = new CallbackHandler({ client });
    const thrown = Object.assign(new Error('filtered'), { error: { code: 'content_filter' } });
    await expect(model(thrown).invoke('x', { callbacks: [handler], runName: 'fails' })).rejects.toBe(thrown);
    const reason = AbortSignal.abort().reason;
    const stops = lambda(() => {
      throw reason;
    });
    await expect(stops.invoke('x', { callbacks: [handler], runName: 'stops' })).rejects.toBe(reason);
    expect(await nodesNamed('fails')).toMatchObject([
      {
        level: 'ERROR',
        statusMessage: expect.stringMatching(/^Error: filtered\n\nError details:\n[\s\S]*content_filter/),
      },
    ]);
    expect(await nodesNamed('stops')).toMatchObject([{ level: 'WARNING' }]);
  });

  it('that calls an agent of deepagents appears with its tools', async () => {
    const handler = new CallbackHandler({ client });
    const hello = tool(() => 'hello', { name: 'hello', description: 'Says it', schema: z.object({}) });
    const agent: Anything = createDeepAgent({
      model: model(asked('hello'), said('Done.')),
      tools: [hello],
    } as Anything);
    await agent.invoke({ messages: [new HumanMessage('Go')] }, { callbacks: [handler], runName: 'deep' });
    expect(await nodesNamed('hello')).toMatchObject([{ type: 'TOOL', output: { content: 'hello' } }]);
    expect(await nodesNamed('ScriptedModel')).toHaveLength(2);
  });
});

describe('where a run belongs', () => {
  const inner = (name: string) => lambda(() => name);

  it('is the active observation, and a tool or node is the parent of what begins in its code', async () => {
    const handler = new CallbackHandler({ client });
    const look = tool(
      async () => {
        client.span({ name: 'in tool' }).end();
        await client.startActiveObservation('around', async () => {
          await inner('x').invoke('x', { callbacks: [handler], runName: 'own run' });
          client.span({ name: 'inside' }).end();
        });
        return client.getActiveTraceId();
      },
      { name: 'look', description: 'd', schema: z.object({}) },
    );
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('node', async () => {
        client.event({ name: 'in node' });
        const traceId = await look.invoke({});
        expect(traceId).toBe(handler.getTraceId());
        client.event({ name: 'after tool' });
        return {};
      })
      .addEdge(START, 'node')
      .addEdge('node', END)
      .compile();
    await client.startActiveObservation('request', async () => {
      await graph.invoke({ messages: [] }, { callbacks: [handler], runName: 'graph' });
      client.span({ name: 'after' }).end();
    });
    expect(client.getActiveObservation()).toBeUndefined();
    const [tree] = await trees();
    const found = paths(tree?.nodes ?? []).filter((path) => !path.includes('__start__'));
    expect(found.sort()).toEqual([
      'request',
      'request/after',
      'request/graph',
      'request/graph/node',
      'request/graph/node/after tool',
      'request/graph/node/in node',
      'request/graph/node/look',
      'request/graph/node/look/around',
      'request/graph/node/look/around/inside',
      'request/graph/node/look/around/own run',
      'request/graph/node/look/in tool',
    ]);
  });

  it('is the root that the handler was given, which it may update', async () => {
    const root = client.trace({ name: 'job' });
    const handler = new CallbackHandler({ root, updateRoot: true, tags: ['t'], userId: 'u' });
    await lambda((x) => `${x}!`).invoke('in', { callbacks: [handler], runName: 'run', tags: ['run'] });
    expect(handler.traceId).toBe(root.id);
    const input = { input: 'in' };
    expect(await trees()).toMatchObject([
      { name: 'run', input, output: 'in!', tags: ['t'], userId: 'u', nodes: [{ name: 'run', input }] },
    ]);
    const span = client.span({ name: 'part' });
    await lambda((x) => x).invoke('in', {
      callbacks: [new CallbackHandler({ root: span })],
      runName: 'below',
    });
    span.end();
    expect(await nodesNamed('part')).toMatchObject([{ children: [{ name: 'below' }] }]);
  });

  it.each([
    ['in the flow of the run', true],
    ["from LangChain's queue", false],
  ])('is right for runs at the same time, with hooks called %s', async (_, awaitHandlers) => {
    const handler = new CallbackHandler({ client, awaitHandlers });
    const slow = {
      name: 'slow',
      awaitHandlers: false,
      handleChainStart: () => new Promise((done) => setTimeout(done, 3)),
    };
    const work = (i: number) =>
      client.startActiveObservation(`request ${i}`, () =>
        lambda(async (_, config) => inner('y').invoke('y', { ...config, runName: `inner ${i}` })).invoke(
          'x',
          {
            callbacks: [slow, handler],
            runName: `outer ${i}`,
          },
        ),
      );
    await Promise.all([work(1), work(2), work(3)]);
    const { awaitAllCallbacks } = await import('@langchain/core/callbacks/promises');
    await awaitAllCallbacks();
    const tree = (i: number) => [`SPAN request ${i}`, `  SPAN outer ${i}`, `    SPAN inner ${i}`];
    const found = (await outline()).map((line) => line.replace(/ ends after its parent$/, ''));
    expect(found.sort()).toEqual([...tree(1), ...tree(2), ...tree(3)].sort());
  });

  it('waits for hooks unless LANGCHAIN_CALLBACKS_BACKGROUND asks for the queue', () => {
    const before = process.env.LANGCHAIN_CALLBACKS_BACKGROUND;
    process.env.LANGCHAIN_CALLBACKS_BACKGROUND = 'true';
    expect(new CallbackHandler({ client }).awaitHandlers).toBe(false);
    delete process.env.LANGCHAIN_CALLBACKS_BACKGROUND;
    expect(new CallbackHandler({ client }).awaitHandlers).toBe(true);
    if (before !== undefined) process.env.LANGCHAIN_CALLBACKS_BACKGROUND = before;
  });

  it('is a tree for each of several handlers, and one for a handler that is given twice', async () => {
    const [one, two] = [new CallbackHandler({ client }), new CallbackHandler({ client })];
    await inner('z').invoke('z', { callbacks: [one, two, one], runName: 'run' });
    expect(await outline()).toEqual(['SPAN run', 'SPAN run']);
  });

  it('gets the tags of propagateAttributes beside those of the run', async () => {
    const handler = new CallbackHandler({ client, tags: ['handler'], sessionId: 'own' });
    await client.propagateAttributes({ tags: ['around'], sessionId: 's', userId: 'u' }, () =>
      inner('z').invoke('z', { callbacks: [handler], tags: ['run'] }),
    );
    const [tree] = await trees();
    expect([tree?.userId, tree?.sessionId, [...(tree?.tags ?? [])].sort()]).toEqual([
      'u',
      'own',
      ['around', 'handler', 'run'],
    ]);
  });
});

describe('observations in the code of a run', () => {
  const handlerOf = (of: TailraceClient) => new CallbackHandler({ client: of });

  it('belong to the run of their own client, whatever another client has made active in it', async () => {
    const other = makeClient();
    const run = lambda(async () => {
      await client.startActiveObservation('active', async () => {
        other.span({ name: 'of the other' }).end();
        client.span({ name: 'of the first' }).end();
      });
    });
    await run.invoke('x', { callbacks: [handlerOf(client), handlerOf(other)], runName: 'run' });
    await other.shutdown();
    const found = (await trees()).flatMap(({ nodes }) => paths(nodes)).sort();
    expect(found).toEqual(['run', 'run', 'run/active', 'run/active/of the first', 'run/of the other']);
  });

  it('belong to what is around the run once it has ended, and in the code that reads its stream', async () => {
    const handler = handlerOf(client);
    let later: Promise<unknown> | undefined;
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const run = lambda(async () => {
      later = released.then(() => client.span({ name: 'after the run' }).end());
      return 'x';
    });
    await client.startActiveObservation('request', async () => {
      await run.invoke('x', { callbacks: [handler], runName: 'run' });
      release();
      await later;
      for await (const _ of await model(said('a b c')).stream('x', {
        callbacks: [handler],
        runName: 'stream',
      }))
        client.span({ name: 'reader' }).end();
    });
    const found = new Set((await trees()).flatMap(({ nodes }) => paths(nodes)));
    expect([...found].sort()).toEqual([
      'request',
      'request/after the run',
      'request/reader',
      'request/run',
      'request/stream',
    ]);
  });

  it("have OpenTelemetry's span as parent if it has begun inside the run, else the run", async () => {
    const { context, trace } = await import('@opentelemetry/api');
    const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    onTestFinished(() => context.disable());
    const remote = (digit: string) => ({ traceId: 'a'.repeat(32), spanId: digit.repeat(16), traceFlags: 1 });
    const inside = (digit: string, work: () => unknown) =>
      context.with(trace.setSpanContext(context.active(), remote(digit)), work);
    const run = lambda(async () => {
      client.span({ name: 'of the run' }).end();
      inside('c', () => client.span({ name: 'of the span' }).end());
    });
    await inside('b', () => run.invoke('x', { callbacks: [handlerOf(client)], runName: 'run' }));
    await client.flush();
    const [stored] = await storedTraces(receiver.url);
    const byName = new Map(stored?.observations.map((one) => [one.name, one]));
    expect(byName.get('run')?.parentObservationId).toBe('b'.repeat(16));
    expect(byName.get('of the run')?.parentObservationId).toBe(byName.get('run')?.id);
    expect(byName.get('of the span')?.parentObservationId).toBe('c'.repeat(16));
  });
});

describe('programs', () => {
  const handler = () => new CallbackHandler({ client });

  it('with batches, fallbacks and parallel branches leave each attempt, and no run open', async () => {
    const own = handler();
    const adds = lambda((x: number) => x + 1);
    const falls = lambda(() => {
      throw new Error('down');
    }).withFallbacks([lambda((x: number) => x * 10)]);
    const parallel = RunnableParallel.from({ adds, falls } as never) as Anything;
    const results = await parallel.batch([1, 2], { callbacks: [own] });
    expect(results).toEqual([
      { adds: 2, falls: 10 },
      { adds: 3, falls: 20 },
    ]);
    const found = await trees();
    expect(found).toHaveLength(2);
    const every = found.flatMap(({ nodes }) => all(nodes));
    expect(every.filter(({ level }) => level === 'ERROR')).toHaveLength(2);
    expect(JSON.stringify(every)).not.toMatch(/isOrphan|wrongTimes/);
  });

  it('of 100 runs at a time on one handler leave 100 trees', async () => {
    const own = handler();
    const step = lambda(async (x: number) => {
      await null;
      client.event({ name: `in ${x}` });
      return x;
    });
    const chain = step.pipe(step);
    const runs = Array.from({ length: 100 }, (_, i) =>
      chain.invoke(i, { callbacks: [own], runName: `run ${i}` }),
    );
    expect(await Promise.all(runs)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    const found = await trees();
    expect(found).toHaveLength(100);
    for (const { name, nodes } of found) {
      const i = name?.split(' ')[1];
      expect(
        all(nodes)
          .map((node) => node.name)
          .sort(),
      ).toEqual(['RunnableLambda', 'RunnableLambda', `in ${i}`, `in ${i}`, `run ${i}`]);
    }
  });

  it('that are streamed as events, or left early, or stopped by a signal, end their runs', async () => {
    const own = handler();
    const chain = lambda((x: string) => x).pipe(model(said('one two three'), said('one two three')));
    let events = 0;
    for await (const _ of chain.streamEvents('q', { version: 'v2', callbacks: [own], runName: 'events' }))
      events++;
    expect(events).toBeGreaterThan(4);
    for await (const _ of await chain.stream('q', { callbacks: [own], runName: 'left' })) break;
    const abort = new AbortController();
    const waits = lambda(() => new Promise(() => abort.abort()));
    const stopped = waits.invoke('q', { callbacks: [own], runName: 'stopped', signal: abort.signal });
    await expect(stopped).rejects.toThrow();
    expect((await nodesNamed('events'))[0]).toMatchObject({ output: { content: 'one two three' } });
    expect(await nodesNamed('stopped')).toMatchObject([{ level: 'WARNING' }]);
  });

  it('of LangGraph with subgraphs, branches, an interrupt and its resumption leave whole trees', async () => {
    const own = handler();
    const State = Annotation.Root({
      items: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
    });
    const inner = new StateGraph(State)
      .addNode('leaf', async () => {
        client.event({ name: 'in leaf' });
        return { items: ['leaf'] };
      })
      .addEdge(START, 'leaf')
      .addEdge('leaf', END)
      .compile();
    const graph: Anything = new StateGraph(State)
      .addNode('branch', async () => ({ items: ['branch'] }))
      .addNode('sub', inner)
      .addNode('ask', async () => ({ items: [String(interrupt('sure?'))] }))
      .addConditionalEdges(START, () => [
        new Send('branch', { items: [] }),
        new Send('branch', { items: [] }),
      ])
      .addEdge('branch', 'sub')
      .addEdge('sub', 'ask')
      .addEdge('ask', END)
      .compile({ checkpointer: new MemorySaver() });
    const config = { callbacks: [own], runName: 'graph', configurable: { thread_id: 't' } };
    await graph.invoke({ items: [] }, config);
    const { items } = await graph.invoke(new Command({ resume: 'yes' }), config);
    expect(items.at(-1)).toBe('yes');
    const found = await trees();
    expect(found).toHaveLength(2);
    const names = found.map(({ nodes }) => all(nodes).map(({ name }) => name));
    expect(names[0]?.filter((name) => name === 'branch')).toHaveLength(2);
    expect(names[0]).toContain('in leaf');
    expect(names[1]).toContain('ask');
    const asks = await nodesNamed('ask');
    expect(asks.map(({ level }) => level)).toEqual([undefined, undefined]);
    expect(asks[0]).toMatchObject({ output: { interrupts: [{ value: 'sure?' }] } });
    expect(JSON.stringify(found)).not.toMatch(/isOrphan|wrongTimes/);
  });

  it('get the handler by binding, or from the constructor of a model', async () => {
    const bound = lambda((x: string) => x).withConfig({ callbacks: [handler()], runName: 'bound' });
    await bound.invoke('x');
    const made: Anything = new Model({
      answers: [said('y')],
      parameters: { model: 'm' },
      callbacks: [handler()],
    });
    await made.invoke('x', { runName: 'made' });
    expect((await outline()).sort()).toEqual(['GENERATION made', 'SPAN bound']);
  });

  it('that mix the handler with that of Langfuse leave the same tree as without it', async () => {
    const { CallbackHandler: Theirs } = await import('@langfuse/langchain');
    const run = (callbacks: unknown[]) =>
      lambda((x: string) => x)
        .pipe(model(said('z')))
        .invoke('x', { callbacks, runName: 'mixed' });
    await run([handler()]);
    const alone = await outline();
    await receiver.clear();
    await run([new Theirs(), handler(), new Theirs()]);
    expect(await outline()).toEqual(alone);
  });
});

describe.each([
  ['1.x', '@langchain/core'],
  ['0.3', 'langchain-core-0.3'],
])('LangChain %s', (_version, name) => {
  it('is traced, and its compiler takes the handler', async () => {
    const load = (path: string): Promise<Anything> => import(`${name}/${path}`);
    const [runnables, tools, testing, retrievers] = await Promise.all(
      ['runnables', 'tools', 'utils/testing', 'retrievers'].map(load),
    );
    class Shelf extends retrievers.BaseRetriever {
      lc_namespace = ['test'];
      async _getRelevantDocuments(query: string) {
        return [{ pageContent: query, metadata: { page: 1 } }];
      }
    }
    const handler = new CallbackHandler({ client });
    const echo = tools.tool(({ x }: Anything) => `${x}`, {
      name: 'echo',
      description: 'd',
      schema: z.object({ x: z.string() }),
    });
    const fake = new testing.FakeListChatModel({ responses: ['Hello.'] });
    const chain = runnables.RunnableLambda.from(async (x: string, config: Anything) => {
      await echo.invoke({ x }, config);
      await new (Shelf as Anything)({}).invoke(x, config);
      let text = '';
      for await (const chunk of await fake.stream(x, config)) text += chunk.content;
      return text;
    });
    const result = await chain.invoke('in', { callbacks: [handler, handler], runName: 'chain' });
    expect(result).toBe('Hello.');
    expect((await outline()).sort()).toEqual([
      '  GENERATION FakeListChatModel',
      '  RETRIEVER Shelf',
      '  TOOL echo',
      'SPAN chain',
    ]);
    expect(await nodesNamed('Shelf')).toMatchObject([
      { output: [{ pageContent: 'in', metadata: { page: 1 } }] },
    ]);
    const [generation] = await nodesNamed('FakeListChatModel');
    expect(generation).toMatchObject({
      output: { content: 'Hello.', role: 'assistant' },
      hasCompletionStart: true,
    });

    const packages = { tailrace: REPOSITORY, '@langchain/core': installed(name) };
    const program = `
      import type { BaseCallbackHandler, CallbackHandlerMethods } from '@langchain/core/callbacks/base';
      import { RunnableLambda, RunnableParallel } from '@langchain/core/runnables';
      import { CallbackHandler, type CallbackHandlerOptions } from 'tailrace/langchain';
      const options: CallbackHandlerOptions = { userId: 'u' };
      const handler = new CallbackHandler(options);
      const asBase: BaseCallbackHandler = handler;
      const asMethods: CallbackHandlerMethods = handler;
      export const runs = RunnableLambda.from((x: string) => x).invoke('x', { callbacks: [handler, asBase, asMethods] });
    `;
    const folder = createProgram({ 'program.ts': program }, packages);
    // LangChain's own declarations do not pass: only errors of the program are asked for.
    const errors = await compile(folder, 'program.ts', { skipLibCheck: true, lib: ['es2023', 'dom'] });
    expect(errors).toBe('');
  });
});

describe('nothing that the handler does reaches the run', () => {
  const hostile: Anything = new Proxy(
    {},
    {
      get() {
        throw new RangeError('hostile');
      },
      has: () => true,
      ownKeys() {
        throw new RangeError('hostile');
      },
      getPrototypeOf() {
        throw new RangeError('hostile');
      },
    },
  );
  const HOOKS = ['Chain', 'LLM', 'ChatModel', 'Tool', 'Retriever'] as const;

  it.each(HOOKS)('if what its %s hooks get cannot be read', async (kind) => {
    const handler: Anything = new CallbackHandler({ client });
    const own: Anything = kind === 'ChatModel' ? 'LLM' : kind;
    const withExtra = kind === 'LLM' || kind === 'ChatModel';
    const start = (
      runId: Anything,
      component: Anything,
      input: Anything,
      tags: Anything,
      metadata: Anything,
    ) =>
      withExtra
        ? handler[`handle${kind}Start`](component, input, runId, undefined, hostile, tags, metadata, 'run')
        : handler[`handle${kind}Start`](component, input, runId, undefined, tags, metadata, undefined, 'run');
    start('r-1', { id: [kind] }, hostile, [], {});
    handler[`handle${own}End`](hostile, 'r-1');
    start(
      'r-2',
      Object.freeze({ id: Object.freeze([kind]) }),
      Object.freeze(['in']),
      Object.freeze([]),
      Object.freeze({ a: 1 }),
    );
    handler[`handle${own}Error`](hostile, 'r-2', undefined, [], hostile);
    start('r-3', hostile, hostile, hostile, hostile);
    handler[`handle${own}End`]('out', 'r-3');
    handler.handleLLMNewToken('', hostile, 'r-4', undefined, [], hostile);
    handler[`handle${own}End`]('out', 'unknown');
    handler[`handle${own}End`](null, 'r-1');
    handler[`handle${own}Error`](undefined, 'r-1');
    handler.handleAgentAction(hostile, 'r-1');
    const found = (await trees()).flatMap(({ nodes }) => nodes);
    expect(found).toHaveLength(3);
    expect(JSON.stringify(found)).not.toContain('not ended');
    expect(warnings.every((text) => !text.includes('hostile'))).toBe(true);
  });

  it('if what its code throws cannot be read, which is shown as an error', async () => {
    const unreadable = Object.defineProperty(new Error('x'), 'name', {
      get() {
        throw new RangeError('hostile');
      },
    });
    const handler = new CallbackHandler({ client });
    for (const thrown of [unreadable, hostile, Object.create(null)]) {
      const fails = lambda(() => {
        throw thrown;
      });
      const caught = await fails
        .invoke('x', { callbacks: [handler], runName: 'fails' })
        .catch((e: unknown) => [e]);
      expect(caught[0] === thrown).toBe(true);
    }
    expect((await nodesNamed('fails')).map(({ level }) => level)).toEqual(['ERROR', 'ERROR', 'ERROR']);
  });

  it('if its options have the wrong types', async () => {
    const wrong: Anything = { tags: 5, userId: 7, sessionId: {}, traceMetadata: hostile, version: 1 };
    const handler = new CallbackHandler({ client, ...wrong });
    expect(await lambda((x) => x).invoke('x', { callbacks: [handler], runName: 'run' })).toBe('x');
    expect(await outline()).toEqual(['SPAN run']);
  });

  it('if its options cannot be read, which it says once', async () => {
    const readable = { publicKey: 'pk-lf-test', secretKey: 'sk-lf-test', baseUrl: receiver.url };
    const { proxy, revoke } = Proxy.revocable({} as Anything, {});
    revoke();
    const throwing = {
      get userId() {
        throw new RangeError('secret');
      },
      get root() {
        throw new RangeError('secret');
      },
    };
    const lookAt = Object.defineProperties(
      { client, sessionId: 's-1' },
      Object.getOwnPropertyDescriptors(throwing),
    );
    for (const handler of [
      new CallbackHandler(lookAt as Anything),
      new CallbackHandler({ client, root: proxy }),
    ])
      expect(await lambda((x) => x).invoke('x', { callbacks: [handler], runName: 'run' })).toBe('x');
    expect(await outline()).toEqual(['SPAN run', 'SPAN run']);
    expect(warnings.filter((text) => text.includes('langchain options failed'))).toHaveLength(1);
    expect(warnings.join()).not.toContain('secret');

    const hidden = Object.defineProperty({ ...readable }, 'mask', {
      enumerable: true,
      get() {
        throw new RangeError('secret');
      },
    });
    const masking = new CallbackHandler(hidden);
    expect(await lambda((x) => x).invoke('visible', { callbacks: [masking], runName: 'masked' })).toBe(
      'visible',
    );
    await masking.shutdownAsync();
    expect(JSON.stringify(await trees())).not.toContain('visible');
  });

  it('if it has a proxy in place of its options: nothing is traced', async () => {
    const { proxy, revoke } = Proxy.revocable({} as Anything, {});
    revoke();
    const handler = new CallbackHandler(proxy);
    expect(await lambda((x) => x).invoke('x', { callbacks: [handler], runName: 'run' })).toBe('x');
    await handler.shutdownAsync();
    expect(await outline()).toEqual([]);
  });

  it('if its client throws in every call, and says so once for each hook', async () => {
    const own = makeClient();
    const throwing: Anything = new Proxy(own, {
      get(target, key) {
        const member: Anything = Reflect.get(target, key, target);
        if (typeof key === 'symbol') return member.bind(target);
        throw new RangeError('secret');
      },
    });
    const handler = new CallbackHandler({ client: throwing });
    const answer = said('same');
    const run = () => model(answer).invoke('x', { callbacks: [handler] });
    expect(await run()).toBe(answer.message);
    expect(await model(answer).invoke('x', { callbacks: [handler] })).toBe(answer.message);
    expect(
      warnings.filter((text) => text.includes('langchain handleLLMStart failed (RangeError)')),
    ).toHaveLength(1);
    expect(warnings.join()).not.toContain('secret');
    await own.shutdown();
  });

  it('if its client was shut down, before or during the run', async () => {
    const own = makeClient();
    const handler = new CallbackHandler({ client: own });
    const result = await lambda(async (x) => {
      await handler.shutdownAsync();
      return x;
    }).invoke('x', { callbacks: [handler] });
    expect(result).toBe('x');
    expect(await lambda((x) => x).invoke('y', { callbacks: [handler] })).toBe('y');
    expect(warnings.filter((text) => text.includes('shutdown'))).not.toEqual([]);
  });

  it('if runs never end: it follows 10,000 of them, and warns once', async () => {
    const own = new Tailrace({
      publicKey: 'pk-lf-test',
      secretKey: 'sk-lf-test',
      baseUrl: receiver.url,
      enabled: false,
    });
    const told: string[] = [];
    own.on('warning', (text: string) => told.push(text));
    const handler = new CallbackHandler({ client: own });
    for (let i = 0; i < 10_005; i++) handler.handleChainStart({ id: ['c'] }, 'in', `r-${i}`);
    handler.handleChainEnd('out', 'r-0');
    expect(handler.last_trace_id).toBe(null);
    handler.handleChainEnd('out', 'r-10004');
    expect(handler.last_trace_id).not.toBe(null);
    expect(told.filter((text) => text.includes('more than 10000 runs are open'))).toHaveLength(1);
    await own.shutdown();
  });
});

it('shows no secrets of metadata, parameters, tools and handler', async () => {
  const handler = new CallbackHandler({ client });
  const extra = {
    invocation_params: {
      model: 'm',
      apiKey: 'sk-1',
      headers: { authorization: 'sk-1' },
      tools: [
        { type: 'mcp', server_url: 'https://x', headers: { authorization: 'sk-1' }, authorization: 'sk-1' },
      ],
    },
  };
  const metadata = {
    openai_api_key: 'sk-1',
    openAIApiKey: 'sk-1',
    accessToken: 'sk-1',
    ls_max_tokens: 7,
    note: 'kept',
  };
  handler.handleChatModelStart({ id: ['m'] }, [[new HumanMessage('x')]], 'r', undefined, extra, [], metadata);
  handler.handleLLMEnd({ generations: [[{ text: 'y' }]] }, 'r');
  const found = JSON.stringify(await trees());
  expect(found).not.toContain('sk-1');
  expect(found).toContain('https://x');
  expect(await nodesNamed('m')).toMatchObject([{ metadata: { ls_max_tokens: 7, note: 'kept' } }]);
  const secretive = new CallbackHandler({ publicKey: 'pk-2', secretKey: 'sk-2', baseUrl: receiver.url });
  expect(JSON.stringify({ callbacks: [secretive], kwargs: secretive.lc_kwargs })).not.toContain('sk-2');
  await secretive.shutdownAsync();
});
