/** Usage and cost that nobody gave: estimated by the receiver, or by a client that was asked to, and marked everywhere. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { Tailrace } from 'tailrace';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readIngestion } from '../../src/ingest/classic/ingestion.js';
import { type Receiver, startReceiver } from '../../src/receiver/receiver.js';
import { atOnce } from '../../src/receiver/slices.js';
import { openSqliteStore } from '../../src/receiver/store/sqlite/store.js';
import { startClient } from '../support/clients.js';
import { call, ingestionEvent, otelSpan, postJson, postProtobuf } from '../unit/receiver/helpers.js';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver({ port: 0, prices: [{ model: 'house-model', input: 1, output: 2 }] });
  onTestFinished(() => receiver.close());
});

const get = async (path: string) => {
  await receiver.usage();
  return call(`${receiver.url}${path}`);
};
const observation = async (id: string) => (await get(`/api/public/observations/${id}?estimates=true`)).json;
const ingest = (...batch: unknown[]) => postJson(`${receiver.url}/api/public/ingestion`, { batch });

const generation = {
  id: 'g1',
  traceId: 't1',
  model: 'gpt-4o',
  input: [{ role: 'user', content: 'What is the weather like?' }],
  output: { role: 'assistant', content: 'Fine.' },
};
/** 6 tokens, the role's, the message's frame of 3, the reply's of 3; and 2. */
const estimated = { input: 13, output: 2, total: 15 };

describe('the receiver', () => {
  it('estimates tokens and cost, and says so', async () => {
    await ingest(ingestionEvent('generation-create', generation));
    expect(await observation('g1')).toMatchObject({
      usage: estimated,
      usageDetails: estimated,
      calculatedInputCost: expect.closeTo(13 * 2.5e-6, 12),
      calculatedOutputCost: expect.closeTo(2 * 10e-6, 12),
      calculatedTotalCost: expect.closeTo(13 * 2.5e-6 + 2 * 10e-6, 12),
      estimate: {
        usage: 'estimated',
        cost: 'estimated',
        price: 'genai-prices 0.1.8',
        priceModel: 'openai/gpt-4o',
        tokenizer: 'o200k_base',
      },
    });
    expect((await get('/api/public/traces/t1?estimates=true')).json).toMatchObject({
      totalCost: expect.closeTo(13 * 2.5e-6 + 2 * 10e-6, 12),
      estimated: { usage: true, cost: true },
    });
  });

  it('are marked among the data of the page, and the unknown is unknown', async () => {
    await ingest(
      ingestionEvent('generation-create', generation),
      ingestionEvent('generation-create', { ...generation, id: 'g2', traceId: 't2', model: 'no-such-model' }),
    );
    const [known, unknown] = await Promise.all(
      ['t1/observation/g1', 't2/observation/g2'].map(
        async (path) => (await get(`/api/tailrace/trace/${path}`)).json,
      ),
    );
    expect(known.estimate).toMatchObject({
      usage: 'estimated',
      tokenizer: 'o200k_base',
      cost: 'estimated',
      priceModel: 'openai/gpt-4o',
      price: 'genai-prices 0.1.8',
    });
    expect(unknown).toMatchObject({ usageDetails: null, costDetails: null, estimate: null });
    const { traces } = (await get('/api/tailrace/traces?sort=-tokens')).json;
    expect(traces).toMatchObject([
      { id: 't1', totalTokens: 15, hasEstimatedTokens: true, hasEstimatedCost: true },
      { id: 't2', totalTokens: null, totalCost: null, hasEstimatedTokens: false, hasEstimatedCost: false },
    ]);
    expect(await observation('g2')).toMatchObject({
      usageDetails: {},
      costDetails: {},
      calculatedTotalCost: null,
      estimate: null,
    });
  });

  it('replaces an estimate by what a later update gives', async () => {
    await ingest(ingestionEvent('generation-create', generation));
    await receiver.usage();
    await ingest(
      ingestionEvent('generation-update', { id: 'g1', usageDetails: { input: 1000, output: 100 } }),
    );
    expect(await observation('g1')).toMatchObject({
      usageDetails: { input: 1000, output: 100, total: 1100 },
      calculatedTotalCost: 0.0035,
      estimate: { usage: 'given', cost: 'computed' },
    });
    await ingest(ingestionEvent('generation-update', { id: 'g1', costDetails: { total: 0.5 } }));
    expect(await observation('g1')).toMatchObject({ calculatedTotalCost: 0.5, estimate: null });
    expect((await get('/api/public/traces/t1?estimates=true')).json).toMatchObject({
      totalCost: 0.5,
      estimated: { usage: false, cost: false },
    });
  });

  it('counts nothing of a call that failed, and takes prices of one’s own first', async () => {
    await ingest(
      ingestionEvent('generation-create', { ...generation, level: 'ERROR' }),
      ingestionEvent('generation-create', { ...generation, id: 'g2', model: 'house-model' }),
    );
    expect(await observation('g1')).toMatchObject({ usageDetails: {}, estimate: null });
    expect(await observation('g2')).toMatchObject({
      calculatedTotalCost: expect.closeTo(17e-6, 12),
      estimate: { price: 'override' },
    });
    expect(await receiver.usage()).toMatchObject({
      generations: 2,
      tokens: { sum: 15, estimated: 1, unknown: 1 },
      prices: ['override'],
    });
  });

  it('takes the provider from OpenTelemetry’s attributes', async () => {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'azure.ai.openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 100,
    };
    const span = otelSpan({ spanId: '00000000000000aa', attributes });
    await postProtobuf(receiver.url, ProtobufTraceSerializer.serializeRequest([span]) as Uint8Array);
    expect((await observation('00000000000000aa')).estimate.priceModel).toBe('azure/gpt-4o');
  });

  it('estimates after a restart what was left when it ended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tailrace-usage-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const first = await openSqliteStore(folder);
    const { changes } = atOnce(readIngestion({ batch: [ingestionEvent('generation-create', generation)] }));
    const written = first.write(changes);
    await first.close();
    await written;
    const second = await openSqliteStore(folder);
    const stored = () => second.database.prepare('SELECT estimated_tokens AS tokens FROM observations').get();
    expect(stored()).toEqual({ tokens: null });
    await second.estimated();
    expect(stored()).toEqual({ tokens: 15 });
    await second.close();
  });
});

describe('without the optional packages', () => {
  it('says so once, leaves unknown what it cannot know, and still knows prices of one’s own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tailrace-bare-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const room of ['usage', 'messages', 'records', 'shared'])
      cpSync(new URL(`../../dist/${room}`, import.meta.url), join(folder, room), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder);
    onTestFinished(() => cwd.mockRestore());
    const { createEstimator } = (await import(
      pathToFileURL(join(folder, 'usage/estimator.js')).href
    )) as typeof import('../../src/usage/estimator.js');
    const warnings: string[] = [];
    const estimate = createEstimator([{ model: 'house-model', input: 1, output: 2 }], ({ text }) =>
      warnings.push(text),
    );
    const billed = {
      type: 'generation',
      isError: false,
      startTime: new Date(),
      costDetails: null,
      input: () => 'a',
      output: () => 'b',
    };
    const given = { input: 1e6, output: 1e6 };
    expect(estimate({ ...billed, model: 'gpt-4o', usageDetails: given })).toBeUndefined();
    expect(estimate({ ...billed, model: 'house-model', usageDetails: null })).toBeUndefined();
    expect(estimate({ ...billed, model: 'house-model', usageDetails: given })?.costDetails?.total).toBe(3);
    expect(warnings).toEqual([
      expect.stringContaining('not installed: @pydantic/genai-prices, gpt-tokenizer (npm install'),
    ]);
  });
});

describe('a client with estimateUsage', () => {
  it('adds figures in the worker, and marks them in the metadata', async () => {
    const { client, span, warnings } = await startClient({
      estimateUsage: true,
      prices: [{ model: /^house-/, input: 1, output: 2 }],
    });
    const { input, output } = generation;
    const trace = client.trace({ name: 'chat' });
    trace.generation({ name: 'known', model: 'gpt-4o', input, metadata: { mine: 1 } }).end({ output });
    trace.generation({ name: 'house', model: 'house-7b', input }).end({ output });
    trace.generation({ name: 'unknown', model: 'no-such-model', input }).end({ output });
    await client.flush();

    const details = (name: string, which: string) =>
      JSON.parse(String(span(name).attributes[`langfuse.observation.${which}_details`] ?? 'null'));
    expect(details('known', 'usage')).toEqual(estimated);
    expect(details('known', 'cost').total).toBeCloseTo(13 * 2.5e-6 + 2 * 10e-6, 12);
    expect(span('known').attributes).toMatchObject({
      'langfuse.observation.metadata.mine': '1',
      'langfuse.observation.metadata.tailrace_usage': 'estimated',
      'langfuse.observation.metadata.tailrace_price': 'genai-prices 0.1.8',
      'langfuse.observation.metadata.tailrace_tokenizer': 'o200k_base',
    });
    expect(details('house', 'cost').total).toBeCloseTo(17e-6, 12);
    expect([details('unknown', 'usage'), details('unknown', 'cost')]).toEqual([null, null]);
    expect(warnings).toEqual([]);
  });

  it('is understood by the receiver: its figures are estimates there as well', async () => {
    const client = new Tailrace({
      publicKey: 'pk',
      secretKey: 'sk',
      baseUrl: receiver.url,
      estimateUsage: true,
    });
    const { input, output } = generation;
    const given = client.trace({ name: 'chat' }).generation({ model: 'gpt-4o', input });
    given.end({ output });
    await client.shutdown();
    expect(await observation(given.id)).toMatchObject({
      usageDetails: estimated,
      estimate: { usage: 'estimated', cost: 'estimated', tokenizer: 'o200k_base' },
    });
    expect(await receiver.usage()).toMatchObject({ tokens: { sum: 15, estimated: 1 } });
  });

  it('adds nothing without being asked to', async () => {
    const { client, span } = await startClient();
    client.trace().generation({ name: 'g', model: 'gpt-4o', input: 'a' }).end({ output: 'b' });
    await client.flush();
    expect(Object.keys(span('g').attributes).filter((key) => /details|tailrace_/.test(key))).toEqual([]);
  });
});
