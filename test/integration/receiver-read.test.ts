import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { Langfuse } from 'langfuse';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Receiver, startReceiver } from '../support/receiver.js';
import {
  baseMs,
  call,
  ingestionEvent,
  otelSpan,
  postJson,
  postProtobuf,
  traceA,
} from '../unit/receiver/helpers.js';

const iso = (ms: number) => new Date(baseMs + ms).toISOString();

function stockClient(receiver: Receiver): Langfuse {
  return new Langfuse({ publicKey: 'pk-lf-test', secretKey: 'sk-lf-test', baseUrl: receiver.url });
}

describe("Langfuse's stock client", () => {
  let receiver: Receiver;
  let langfuse: Langfuse;
  let traceId: string;

  beforeAll(async () => {
    receiver = await startReceiver({ port: 0 });
    langfuse = stockClient(receiver);
    const trace = langfuse.trace({
      name: 'chat',
      userId: 'ada',
      sessionId: 's1',
      tags: ['x', 'y'],
      input: { q: 'hi' },
      metadata: { k: 1 },
    });
    const span = trace.span({ name: 'retrieve', startTime: new Date(baseMs), input: 'docs' });
    const generation = span.generation({
      name: 'answer',
      model: 'gpt-4o',
      modelParameters: { temperature: 0.2 },
      startTime: new Date(baseMs + 100),
      input: [{ role: 'user', content: 'hi' }],
    });
    // The client may give an update an earlier time than the creation, which then has no say in the start.
    await vi.waitFor(async () => {
      await langfuse.flushAsync();
      expect((await receiver.counts()).observations).toBe(2);
    });
    generation.update({
      output: { role: 'assistant', content: 'hello' },
      usage: { input: 12, output: 3 },
      level: 'WARNING',
      endTime: new Date(baseMs + 600),
      completionStartTime: new Date(baseMs + 200),
    });
    span.update({ endTime: new Date(baseMs + 700), output: [1, 2] });
    trace.event({ name: 'clicked', startTime: new Date(baseMs + 650) });
    trace.score({ name: 'helpful', value: 0.9, comment: 'thanks' });
    trace.update({ output: 'done' });
    await langfuse.flushAsync();
    await receiver.usage();
    traceId = trace.id;
  });
  afterAll(async () => {
    await langfuse.shutdownAsync();
    await receiver.close();
  });

  it('writes by classic ingestion, and finds it counted', async () => {
    expect(await receiver.counts()).toEqual({
      traces: 1,
      observations: 3,
      observationsByType: { span: 1, generation: 1, event: 1 },
      scores: 1,
      scoreMeans: { helpful: 0.9 },
    });
  });

  it('reads the list of traces', async () => {
    const { data, meta } = await langfuse.fetchTraces({ limit: 10, tags: ['x', 'y'] });
    expect(meta).toEqual({ page: 1, limit: 10, totalItems: 1, totalPages: 1 });
    expect(data[0]).toMatchObject({
      id: traceId,
      name: 'chat',
      userId: 'ada',
      sessionId: 's1',
      tags: ['x', 'y'],
      input: { q: 'hi' },
      output: 'done',
      metadata: { k: 1 },
      environment: 'default',
      htmlPath: `/project/local/traces/${traceId}`,
      totalCost: 0.00006,
    });
    expect(data[0]?.observations).toHaveLength(3);
    expect(data[0]?.scores).toHaveLength(1);
  });

  it('reads a trace with all that belongs to it', async () => {
    const { data } = await langfuse.fetchTrace(traceId);
    const [span, generation, event] = data.observations;
    expect(span).toMatchObject({
      type: 'SPAN',
      name: 'retrieve',
      startTime: iso(0),
      input: 'docs',
      output: [1, 2],
      latency: 0.7,
    });
    expect(generation).toMatchObject({
      type: 'GENERATION',
      parentObservationId: span?.id,
      model: 'gpt-4o',
      modelParameters: { temperature: 0.2 },
      input: [{ role: 'user', content: 'hi' }],
      output: { role: 'assistant', content: 'hello' },
      level: 'WARNING',
      latency: 0.5,
      timeToFirstToken: 0.1,
      usage: { input: 12, output: 3, total: 15, unit: 'TOKENS' },
      usageDetails: { input: 12, output: 3, total: 15 },
      costDetails: { input: 0.00003, output: 0.00003, total: 0.00006 },
      calculatedTotalCost: 0.00006,
    });
    expect(event).toMatchObject({
      type: 'EVENT',
      name: 'clicked',
      endTime: null,
      usage: { input: 0, total: 0 },
      usageDetails: {},
      calculatedTotalCost: null,
    });
    expect(data.scores).toMatchObject([
      { name: 'helpful', value: 0.9, comment: 'thanks', dataType: 'NUMERIC', source: 'API' },
    ]);
  });

  it('reads observations, all or by type', async () => {
    expect((await langfuse.fetchObservations()).data.map(({ name }) => name)).toEqual([
      'clicked',
      'answer',
      'retrieve',
    ]);
    const { data } = await langfuse.fetchObservations({ type: 'GENERATION', traceId });
    expect(data).toHaveLength(1);
    expect((await langfuse.fetchObservation(data[0]?.id ?? '')).data).toMatchObject({
      name: 'answer',
      traceId,
    });
  });
});

describe('the read API', () => {
  let receiver: Receiver;
  const get = async (path: string) => call(`${receiver.url}/api/public${path}`);
  const names = async (path: string) => (await get(path)).json.data.map(({ name }: { name: string }) => name);

  beforeAll(async () => {
    receiver = await startReceiver({ port: 0 });
    const at = (ms: number) => ({ timestamp: iso(ms) });
    const batch = [
      ingestionEvent('trace-create', {
        id: 't1',
        name: 'one',
        userId: 'ada',
        tags: ['a', 'b'],
        environment: 'prod',
        ...at(0),
      }),
      ingestionEvent('trace-create', {
        id: 't2',
        name: 'two',
        userId: 'bob',
        tags: ['b'],
        sessionId: 's',
        ...at(1000),
      }),
      ingestionEvent('trace-create', { id: 't3', name: 'three', userId: 'ada', ...at(2000) }),
      ingestionEvent('tool-create', {
        id: 'o1',
        traceId: 't1',
        name: 'tool',
        startTime: iso(0),
        level: 'ERROR',
      }),
      ingestionEvent('span-create', {
        id: 'o2',
        traceId: 't1',
        name: 'span',
        startTime: iso(10),
        parentObservationId: 'o1',
      }),
      ingestionEvent('score-create', { id: 'sc1', traceId: 't1', name: 'reward', value: 0.2, ...at(0) }),
      ingestionEvent('score-create', { id: 'sc2', traceId: 't2', name: 'reward', value: 0.8, ...at(1) }),
      ingestionEvent('score-create', { id: 'sc3', sessionId: 's', name: 'mood', value: 'good', ...at(2) }),
      ingestionEvent('score-create', {
        id: 'sc4',
        traceId: 't1',
        observationId: 'o1',
        name: 'ok',
        value: 1,
        dataType: 'BOOLEAN',
        ...at(3),
      }),
    ];
    expect((await postJson(`${receiver.url}/api/public/ingestion`, { batch })).json.errors).toEqual([]);
  });
  afterAll(() => receiver.close());

  it.each([
    ['/traces', ['three', 'two', 'one']],
    ['/traces?orderBy=timestamp.asc', ['one', 'two', 'three']],
    ['/traces?orderBy=name.asc&limit=2', ['one', 'three']],
    ['/traces?limit=2&page=2', ['one']],
    ['/traces?page=7', []],
    ['/traces?userId=ada', ['three', 'one']],
    ['/traces?name=two', ['two']],
    ['/traces?sessionId=s', ['two']],
    ['/traces?tags=b', ['two', 'one']],
    ['/traces?tags=b&tags=a', ['one']],
    ['/traces?tags=a,b', ['one']],
    ['/traces?environment=prod', ['one']],
    ['/traces?environment=prod&environment=default', ['three', 'two', 'one']],
    [`/traces?fromTimestamp=${iso(1000)}`, ['three', 'two']],
    [`/traces?toTimestamp=${iso(1000)}`, ['one']],
    [`/traces?name=${encodeURIComponent("' OR 1=1 --")}`, []],
    ['/observations', ['span', 'tool']],
    ['/observations?type=TOOL', ['tool']],
    ['/observations?level=ERROR', ['tool']],
    ['/observations?level=DEFAULT', ['span']],
    ['/observations?parentObservationId=o1', ['span']],
    ['/observations?traceId=t2', []],
    ['/observations?userId=ada&name=span', ['span']],
    [`/observations?fromStartTime=${iso(5)}`, ['span']],
    [`/observations?toStartTime=${iso(5)}`, ['tool']],
    ['/scores', ['ok', 'reward', 'reward']],
    ['/v2/scores', ['ok', 'mood', 'reward', 'reward']],
    ['/v2/scores?name=mood', ['mood']],
    ['/scores?userId=bob', ['reward']],
    ['/scores?operator=>=&value=0.8', ['ok', 'reward']],
    ['/scores?dataType=CATEGORICAL', []],
    ['/v2/scores?dataType=CATEGORICAL', ['mood']],
    ['/v2/scores?scoreIds=sc1,sc3', ['mood', 'reward']],
    ['/scores?source=EVAL', []],
    ['/v2/scores?sessionId=s', ['mood']],
  ])('%s finds %j', async (path, expected) => {
    expect(await names(path)).toEqual(expected);
  });

  it.each([
    ['/traces?page=0', 'page'],
    ['/traces?page=x', 'page'],
    ['/traces?limit=101', 'limit'],
    ['/traces?limit=0', 'limit'],
    ['/traces?fromTimestamp=yesterday', 'fromTimestamp'],
    ['/traces?orderBy=password.desc', 'orderBy'],
    ['/traces?orderBy=timestamp.down', 'orderBy'],
    ['/traces?orderBy=constructor.asc', 'orderBy'],
    ['/observations?type=FROB', 'type'],
    ['/observations?level=LOUD', 'level'],
    ['/observations?toStartTime=x', 'toStartTime'],
    ['/scores?dataType=X', 'dataType'],
    ['/scores?value=many', 'value'],
    ['/scores?operator=~&value=1', 'operator'],
  ])('%s is answered with 400 that names %s', async (path, parameter) => {
    const answer = await get(path);
    expect(answer).toMatchObject({ status: 400, json: { error: 'InvalidRequestError' } });
    expect(answer.json.message).toMatch(new RegExp(`^query parameter ${parameter} must be`));
  });

  it('gives single scores in either version, with the trace they belong to in lists', async () => {
    const boolean = { id: 'sc4', observationId: 'o1', value: 1, stringValue: 'True', dataType: 'BOOLEAN' };
    expect((await get('/scores/sc4')).json).toMatchObject(boolean);
    expect((await get('/v2/scores/sc4')).json).toMatchObject(boolean);
    const [score] = (await get('/scores?scoreIds=sc1')).json.data;
    expect(score.trace).toEqual({ userId: 'ada', tags: ['a', 'b'], environment: 'prod' });
  });

  it.each(['/traces/none', '/observations/none', '/scores/none'])('%s is answered with 404', async (path) => {
    expect(await get(path)).toMatchObject({ status: 404, json: { error: 'NotFoundError' } });
  });
});

describe('with a data directory', () => {
  it('everything is there after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tailrace-receiver-'));
    try {
      const dataDir = join(folder, 'data');
      const first = await startReceiver({ port: 0, dataDir });
      await postProtobuf(
        first.url,
        ProtobufTraceSerializer.serializeRequest([otelSpan({ name: 'kept' })]) as Uint8Array,
      );
      const counts = await first.counts();
      await first.close();
      await first.close();

      const second = await startReceiver({ port: 0, dataDir });
      expect(await second.counts()).toEqual(counts);
      expect((await call(`${second.url}/api/public/traces/${traceA}`)).json).toMatchObject({ name: 'kept' });
      await second.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a receiver that cannot start', () => {
  it('says that the port is taken, and how to take another', async () => {
    const first = await startReceiver({ port: 0 });
    await expect(startReceiver({ port: first.port })).rejects.toThrow(
      new RegExp(`port ${first.port} .*in use.*--port`),
    );
    await first.close();
  });

  it('says which file it cannot open', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tailrace-receiver-'));
    mkdirSync(join(folder, 'tailrace.db'));
    await expect(startReceiver({ port: 0, dataDir: folder })).rejects.toThrow(
      /tailrace\.db is a folder where the database should be/,
    );
    rmSync(folder, { recursive: true });
  });

  it('refuses to be seen from elsewhere', async () => {
    await expect(startReceiver({ host: '0.0.0.0', port: 0 })).rejects.toThrow(/loopback.*--public-key/);
  });
});
