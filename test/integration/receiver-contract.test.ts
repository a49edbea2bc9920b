/** Every answer of the receiver's API against the types of Langfuse's, restated in test/support/langfuse-api.ts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import * as api from '../support/langfuse-api.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { fill, iso, otlpTrace } from '../support/receiver-data.js';
import { call, ingestionEvent, postJson } from '../unit/receiver/helpers.js';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver({ port: 0 });
  await fill(receiver);
});
afterAll(() => receiver.close());

const get = (path: string) => call(`${receiver.url}/api/public${path}`);

const metricsQuery = (view: string) =>
  encodeURIComponent(
    JSON.stringify({
      view,
      metrics: [{ measure: 'count', aggregation: 'count' }],
      fromTimestamp: iso(-1000),
      toTimestamp: iso(10_000),
    }),
  );

const answers: [path: string, schema: z.ZodType, items?: number][] = [
  ['/traces', api.pageOf(api.listedTrace), 4],
  ['/traces?fields=core', api.pageOf(api.listedTrace), 4],
  ['/traces/t1', api.trace],
  ['/traces/t2', api.trace],
  ['/traces/t1?fields=core,metrics', api.trace],
  [`/traces/${otlpTrace}`, api.trace],
  ['/sessions', api.pageOf(api.listedSession), 1],
  ['/sessions/s1', api.session],
  ['/observations', api.pageOf(api.observation), 7],
  ['/observations/o1', api.observation],
  ['/observations/o2', api.observation],
  ['/observations/o4', api.observation],
  ['/v2/observations', api.observationsV2('basic'), 7],
  ['/v2/observations?fields=core', api.observationsV2(), 7],
  ...api.groupNamesV2.map((group): [string, z.ZodType, number] => [
    `/v2/observations?fields=${group}`,
    api.observationsV2(group),
    7,
  ]),
  [`/v2/observations?fields=${api.groupNamesV2.join()}`, api.observationsV2(...api.groupNamesV2), 7],
  ['/scores', api.pageOf(api.listedScoreV1), 5],
  ['/scores/numeric', api.scoreV1],
  ['/scores/category', api.scoreV1],
  ['/scores/boolean', api.scoreV1],
  ['/scores/text', api.scoreV1],
  ['/v2/scores', api.pageOf(api.listedScoreV2), 8],
  ['/v2/scores?fields=score', api.pageOf(api.listedScoreV2), 8],
  ['/v2/scores/numeric', api.scoreV2],
  ['/v2/scores/correction', api.scoreV2],
  ['/v2/scores/mood', api.scoreV2],
  ['/v2/scores/run', api.scoreV2],
  ['/v3/scores', api.scoresV3(), 8],
  ['/v3/scores?fields=details,subject,annotation', api.scoresV3('details', 'subject', 'annotation'), 8],
  ['/models', api.pageOf(api.model), 50],
  ['/models?limit=100&page=3', api.pageOf(api.model), 100],
  ['/models/openai%2Fgpt-4o', api.model],
  [`/metrics?query=${metricsQuery('traces')}`, api.metrics, 1],
  [`/v2/metrics?query=${metricsQuery('observations')}`, api.metrics, 1],
  ['/projects', api.projects],
  ['/health', api.health],
  ['/health?failIfDatabaseUnavailable=true', api.health],
  ['/ready', api.health],
];

it.each(answers)('%s answers as a Langfuse server does', async (path, schema, items) => {
  const { status, json } = await get(path);
  expect(status).toBe(200);
  const result = schema.safeParse(json);
  expect(result.error?.issues).toBeUndefined();
  if (items !== undefined) expect(json.data).toHaveLength(items);
});

it('what is of tailrace alone comes only to those who ask for it', async () => {
  const trace = (await get('/traces/t1?estimates=true')).json;
  expect(trace.estimated).toEqual({ usage: false, cost: true });
  expect((await get('/observations/o2?estimates=true')).json.estimate).toMatchObject({ cost: 'computed' });
  const extra = api.trace.safeParse(trace).error?.issues.map(({ code }) => code);
  expect(extra).toContain('unrecognized_keys');
});

describe('values', () => {
  it('of token counts and costs: maps, their sums, and the names of earlier APIs', async () => {
    expect((await get('/observations/o2')).json).toMatchObject({
      usageDetails: { input: 10, input_cached: 5, output: 20, total: 35 },
      usage: { unit: 'TOKENS', input: 15, output: 20, total: 35 },
      unit: 'TOKENS',
      promptTokens: 15,
      completionTokens: 20,
      totalTokens: 35,
      promptVersion: 3,
      latency: 1,
      timeToFirstToken: 0.2,
    });
    expect((await get('/observations/o1')).json).toMatchObject({
      usageDetails: {},
      costDetails: {},
      usage: { unit: 'TOKENS', input: 0, output: 0, total: 0 },
      totalTokens: 0,
      calculatedTotalCost: null,
    });
  });

  it('of scores, in each version', async () => {
    const scores = async (path: string) =>
      Object.fromEntries((await get(path)).json.data.map((score: { id: string }) => [score.id, score]));
    const [first, second, third] = [
      await scores('/scores'),
      await scores('/v2/scores'),
      await scores('/v3/scores?fields=subject'),
    ];
    const both = ({ value, stringValue }: Record<string, unknown>) => [value, stringValue];
    expect(both(first.numeric)).toEqual([0.5, null]);
    expect(both(first.category)).toEqual([0, 'good']);
    expect(both(first.boolean)).toEqual([1, 'True']);
    expect(both(first.text)).toEqual([undefined, 'well done']);
    expect(Object.keys(first)).not.toContain('correction');
    expect(both(second.correction)).toEqual([0, 'better']);
    expect(second.numeric.trace).toEqual({
      userId: 'ada',
      tags: ['a', 'b,c', 'ü'],
      environment: 'prod',
      sessionId: 's1',
    });
    expect(second.mood.trace).toBeNull();
    expect(third.boolean).toMatchObject({ value: true, subject: { kind: 'trace', id: 't1' } });
    expect(third.category).toMatchObject({
      value: 'good',
      subject: { kind: 'observation', id: 'o2', traceId: 't1' },
    });
    expect(third.correction.value).toBe('better');
    expect(third.mood.subject).toEqual({ kind: 'session', id: 's1' });
    expect(third.run.subject).toEqual({ kind: 'experiment', id: 'run1' });
    expect(await get('/scores/mood')).toMatchObject({ status: 404 });
  });

  it('of groups of fields that are not asked for: empty, and -1 for metrics', async () => {
    const left = { input: null, output: null, metadata: {}, observations: [], scores: [] };
    const { data } = (await get('/traces?fields=core&sessionId=s1&userId=ada')).json;
    expect(data).toMatchObject([{ id: 't1', ...left, latency: -1, totalCost: -1 }]);
    expect((await get('/traces/t1?fields=metrics')).json).toMatchObject({ ...left, latency: 2 });
    const full = (await get('/traces/t1?fields=io,scores')).json;
    expect(full).toMatchObject({ input: { q: 1 }, output: 'text', observations: [], latency: -1 });
    expect(full.scores.map(({ id }: { id: string }) => id).sort()).toEqual([
      'boolean',
      'category',
      'numeric',
      'text',
    ]);
    expect((await get('/traces/t1?fields=nonsense')).json).toEqual((await get('/traces/t1')).json);
  });

  it('of payloads: parsed in the first version, as they are stored in the second', async () => {
    expect((await get('/observations/o2')).json.input).toEqual([
      { role: 'user', content: 'Needle in the hay' },
    ]);
    const [second] = (await get('/v2/observations?traceId=t1&type=GENERATION&fields=io')).json.data;
    expect(second.input).toBe('[{"role":"user","content":"Needle in the hay"}]');
  });

  it('of metadata in the second version: cut, unless it is asked for', async () => {
    const body = { id: 'long', traceId: 'long', metadata: { text: 'y'.repeat(300), list: [1, 2] } };
    const batch = [ingestionEvent('span-create', body)];
    await postJson(`${receiver.url}/api/public/ingestion`, { batch });
    const metadata = async (rest: string) =>
      (await get(`/v2/observations?traceId=long&${rest}`)).json.data[0].metadata;
    expect(await metadata('fields=metadata')).toEqual({ text: 'y'.repeat(200), list: [1, 2] });
    expect((await metadata('fields=metadata&expandMetadata=text')).text).toHaveLength(300);
    expect((await metadata('fields=metadata,io')).text).toHaveLength(300);
  });
});

describe('changes', () => {
  const scores = () => `${receiver.url}/api/public/scores`;
  const remove = (path: string, body?: unknown) =>
    call(`${receiver.url}/api/public${path}`, {
      method: 'DELETE',
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });

  it('creates a score, with an id of its own or the one that is given, and deletes it', async () => {
    const named = await postJson(scores(), { id: 'mine', traceId: 't2', name: 'n', value: 1 });
    expect(named).toMatchObject({ status: 200, json: { id: 'mine' } });
    const { status, json } = await postJson(scores(), { traceId: 't2', name: 'n', value: 'ok', id: '' });
    expect(status).toBe(200);
    const { id } = api.created.parse(json);
    expect((await get(`/v2/scores/${id}`)).json).toMatchObject({
      dataType: 'CATEGORICAL',
      stringValue: 'ok',
    });
    expect((await get('/traces/t2')).json.scores).toHaveLength(2);

    const deleted = await remove(`/scores/${id}`);
    expect(deleted.status).toBe(202);
    api.message.parse(deleted.json);
    expect((await get(`/v2/scores/${id}`)).status).toBe(404);
    expect((await get('/traces/t2')).json.scores).toMatchObject([{ id: 'mine' }]);
    expect((await remove('/scores/none')).status).toBe(202);
  });

  it.each([
    ['no name', { traceId: 't1', value: 1 }],
    ['a value of the wrong type', { traceId: 't1', name: 'n', value: {} }],
    ['no subject', { name: 'n', value: 1 }],
    ['a value that is not of its data type', { traceId: 't1', name: 'n', value: 2, dataType: 'BOOLEAN' }],
    ['a source that is the server’s own', { traceId: 't1', name: 'n', value: 1, source: 'EVAL' }],
    ['an id that is none', { id: { toString: 1 }, traceId: 't1', name: 'n', value: 1 }],
    ['nothing but an object', { toString: 1 }],
    ['an array', []],
    ['text that is not JSON', '{'],
  ])('refuses a score with %s', async (_case, body) => {
    expect(await postJson(scores(), body)).toMatchObject({
      status: 400,
      json: { message: expect.any(String), error: 'InvalidRequestError' },
    });
  });

  it('deletes traces with all that belongs to them, and nothing else', async () => {
    const batch = ['d1', 'd2', 'd3'].flatMap((id) => [
      ingestionEvent('span-create', { id, traceId: id }),
      ingestionEvent('score-create', { id: `s-${id}`, traceId: id, name: 'n', value: 1 }),
    ]);
    await postJson(`${receiver.url}/api/public/ingestion`, { batch });
    const before = await receiver.counts();
    const one = await remove('/traces/d1');
    expect(one.status).toBe(200);
    api.message.parse(one.json);
    const paths = (id: string) => [`/traces/${id}`, `/observations/${id}`, `/v2/scores/s-${id}`];
    for (const path of paths('d1')) expect((await get(path)).status).toBe(404);
    for (const path of paths('d2')) expect((await get(path)).status).toBe(200);
    const two = await remove('/traces', { traceIds: ['d2', 'd3', 'none'] });
    expect(two.status).toBe(200);
    api.message.parse(two.json);
    for (const path of paths('d3')) expect((await get(path)).status).toBe(404);
    expect(await receiver.counts()).toMatchObject({
      traces: before.traces - 3,
      observations: before.observations - 3,
      scores: before.scores - 3,
    });
  });

  it.each([
    [{}],
    [{ traceIds: [] }],
    [{ traceIds: 'd1' }],
    [{ traceIds: [1] }],
    [{ traceIds: [{ toString: 1 }] }],
    [{ traceIds: ['d1'], more: true }],
    [{ traceIds: Array.from({ length: 1001 }, String) }],
    [[]],
  ])('refuses to delete %j', async (body) => {
    expect(await remove('/traces', body)).toMatchObject({ status: 400 });
  });
});

it.each([
  ['GET', '/v2/prompts/greet', 'prompts'],
  ['POST', '/v2/prompts', 'prompts'],
  ['GET', '/v2/datasets/mine', 'datasets'],
  ['GET', '/dataset-items?datasetName=mine', 'datasets'],
  ['POST', '/dataset-run-items', 'datasets'],
  ['GET', '/experiments', 'experiments'],
  ['POST', '/models', 'model definitions'],
  ['DELETE', '/models/openai%2Fgpt-4o', 'model definitions'],
  ['GET', '/score-configs', 'score configs'],
  ['GET', '/annotation-queues/q/items', 'annotation queues'],
  ['GET', '/metrics/daily', 'daily metrics'],
  ['PUT', '/llm-connections', 'connections to models'],
  ['POST', '/projects', 'management of projects'],
  ['GET', '/projects/local/apiKeys', 'management of projects'],
  ['GET', '/organizations/memberships', 'organizations'],
  ['GET', '/integrations/blob-storage', 'blob storage'],
  ['GET', '/scim/Users', 'SCIM'],
  ['POST', '/generations', 'langfuse 2'],
  ['GET', '/unstable/evaluators', 'evaluators'],
])('%s %s is answered with 501 and a sentence: there are no %s', async (method, path, what) => {
  const answer = await call(`${receiver.url}/api/public${path}`, { method });
  expect(answer).toMatchObject({ status: 501, json: { error: 'NotImplementedError' } });
  expect(answer.json.message).toMatch(/^the local server does not have .*\. Use a Langfuse server for /);
  expect(answer.json.message).toContain(what);
});

it.each([
  ['GET', '/nonsense', 404],
  ['GET', '/v9/nonsense', 404],
  ['GET', '/promptss', 404],
  ['GET', '/v2/sessions', 404],
  ['PUT', '/traces', 405],
  ['DELETE', '/metrics', 405],
])('%s %s is no part of the API: %i', async (method, path, status) => {
  expect(await call(`${receiver.url}/api/public${path}`, { method })).toMatchObject({ status });
});
