/** What Langfuse's official clients read, make and delete by their own methods, against a receiver. */
import { LangfuseClient } from '@langfuse/client';
import { Langfuse, LangfuseMedia } from 'langfuse';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as shape from '../support/langfuse-api.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { fill, iso, otlpTrace } from '../support/receiver-data.js';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver({ port: 0 });
  await fill(receiver);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await receiver.close();
});

const keys = { publicKey: 'pk-lf-test', secretKey: 'sk-lf-test' };
const ids = (items: { id: string }[]) => items.map(({ id }) => id).sort();

describe('@langfuse/client', () => {
  let langfuse: LangfuseClient;
  beforeEach(() => {
    langfuse = new LangfuseClient({ ...keys, baseUrl: receiver.url });
  });
  afterEach(() => langfuse.shutdown());

  it('fetches traces', async () => {
    const { data, meta } = await langfuse.fetchTraces({
      tags: ['a', 'b,c'],
      environment: ['prod', 'test'],
      fromTimestamp: iso(0),
      orderBy: 'timestamp.asc',
      fields: 'core,metrics',
      filter: JSON.stringify([{ type: 'string', column: 'name', operator: '=', value: 'chat' }]),
      limit: 1,
    });
    expect(meta).toEqual({ page: 1, limit: 1, totalItems: 1, totalPages: 1 });
    expect(data).toMatchObject([{ id: 't1', input: null, latency: 2 }]);
    const trace = await langfuse.fetchTrace('t1');
    expect(ids(trace.observations)).toEqual(['o1', 'o2', 'o3']);
    expect(trace.scores).toHaveLength(4);
    await expect(langfuse.fetchTrace('none')).rejects.toMatchObject({ statusCode: 404 });
  });

  it('fetches observations, by cursor', async () => {
    const first = await langfuse.fetchObservations({
      limit: 4,
      fields: 'core,io,usage',
      environment: ['prod', 'default'],
    });
    const second = await langfuse.fetchObservations({
      limit: 4,
      fields: 'core,io,usage',
      cursor: first.meta.cursor,
    });
    expect(second.meta.cursor).toBeUndefined();
    expect([...first.data, ...second.data]).toHaveLength(7);
    const generation = [...first.data, ...second.data].find(({ id }) => id === 'o2');
    expect(generation).toMatchObject({ output: 'yes', usageDetails: { total: 35 } });
    expect((await langfuse.fetchObservations()).data).toHaveLength(7);
    expect(await langfuse.fetchObservation('o2')).toMatchObject({ id: 'o2', model: 'gpt-4o' });
    expect((await langfuse.api.legacy.observationsV1.getMany({ type: 'EVENT' })).data).toMatchObject([
      { id: 'o3' },
    ]);
  });

  it('fetches sessions', async () => {
    expect(await langfuse.fetchSessions('s1')).toMatchObject({
      id: 's1',
      environment: 'prod',
      traces: [{ id: 't1' }, { id: 't4' }],
    });
    expect((await langfuse.api.sessions.list()).data).toMatchObject([{ id: 's1' }]);
  });

  it('makes a link that leads to the page of the trace', async () => {
    const link = await langfuse.getTraceUrl(otlpTrace);
    expect(link).toBe(`${receiver.url}/project/local/traces/${otlpTrace}`);
    const page = await fetch(link);
    expect(page.url).toBe(`${receiver.url}/trace/${otlpTrace}`);
    expect(page.status).toBe(200);
    const { htmlPath } = await langfuse.fetchTrace(otlpTrace);
    expect(`${receiver.url}${htmlPath}`).toBe(link);
  });

  it('creates scores, in batches and at once, reads them in each version, and deletes them', async () => {
    langfuse.score.create({ id: 'queued', traceId: 't2', name: 'n', value: 1, dataType: 'BOOLEAN' });
    await langfuse.flush();
    const { id } = await langfuse.api.scores.create({ traceId: 't2', name: 'n', value: 'fine' });
    const { data } = await langfuse.api.scoresV3.getManyV3({ traceId: 't2', fields: 'subject' });
    expect(ids(data)).toEqual(['queued', id].sort());
    expect(await langfuse.api.scores.getById(id)).toMatchObject({ value: 0, stringValue: 'fine' });
    expect((await langfuse.api.scores.getMany({ traceTags: ['a', 'ü'] })).data).toHaveLength(5);
    await langfuse.api.legacy.scoreV1.delete(id);
    await expect(langfuse.api.scores.getById(id)).rejects.toMatchObject({ statusCode: 404 });
    expect((await langfuse.fetchTrace('t2')).scores).toMatchObject([{ id: 'queued' }]);
    await expect(
      langfuse.api.scores.create({ traceId: 't2', name: 'n', value: 3, dataType: 'BOOLEAN' }),
    ).rejects.toMatchObject({ statusCode: 400 });
  });

  it('writes comments, reads them by object and by author, and finds none of a deleted trace', async () => {
    const { comments } = langfuse.api;
    const base = { projectId: 'local', objectType: 'TRACE', objectId: 't1' } as const;
    const { id } = await comments.create({ ...base, content: ' right ', authorUserId: 'ada' });
    await comments.create({ ...base, objectType: 'OBSERVATION', objectId: 'o2', content: 'slow' });
    await comments.create({ ...base, objectType: 'SESSION', objectId: 's1', content: 'calm' });
    expect(await comments.getById(id)).toMatchObject({ ...base, content: 'right', authorUserId: 'ada' });
    const all = await comments.get();
    expect(all.data.map(({ content }) => content)).toEqual(['right', 'slow', 'calm']);
    expect(all.meta).toEqual({ page: 1, limit: 50, totalItems: 3, totalPages: 1 });
    const contents = async (query: Parameters<typeof comments.get>[0]) =>
      (await comments.get(query)).data.map(({ content }) => content);
    expect(await contents({ objectType: 'OBSERVATION', objectId: 'o2' })).toEqual(['slow']);
    expect(await contents({ authorUserId: 'ada' })).toEqual(['right']);
    expect(await contents({ limit: 1, page: 2 })).toEqual(['slow']);
    await expect(comments.create({ ...base, objectId: 'none', content: 'x' })).rejects.toMatchObject({
      statusCode: 404,
    });
    await expect(comments.get({ objectId: 't1' })).rejects.toMatchObject({ statusCode: 400 });
    await langfuse.api.trace.delete('t1');
    // The session has another trace.
    expect(await contents({})).toEqual(['calm']);
    await langfuse.api.trace.delete('t4');
    expect(await contents({})).toEqual([]);
    await expect(comments.getById(id)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('deletes traces', async () => {
    expect(await langfuse.api.trace.delete('t1')).toMatchObject({ message: expect.any(String) });
    await langfuse.api.trace.deleteMultiple({ traceIds: ['t2', otlpTrace] });
    expect(ids((await langfuse.fetchTraces()).data)).toEqual(['t4']);
    expect(ids((await langfuse.fetchObservations()).data)).toEqual(['o5']);
    expect(ids((await langfuse.api.scoresV3.getManyV3()).data)).toEqual(['mood', 'numeric2', 'run']);
  });

  it('hears clearly what a receiver does not have', async () => {
    const message = /the local server does not have prompts/;
    vi.spyOn(console, 'error').mockImplementation(() => {});
    await expect(langfuse.prompt.get('greet', { cacheTtlSeconds: 0, maxRetries: 0 })).rejects.toThrow(
      message,
    );
    const fallback = await langfuse.prompt.get('greet', { fallback: 'Hello', maxRetries: 0 });
    expect(fallback.prompt).toBe('Hello');
  });

  it('finds it healthy', async () => {
    expect(await langfuse.api.health.health()).toMatchObject({ status: 'OK' });
  });
});

describe('langfuse 3', () => {
  let langfuse: Langfuse;
  beforeEach(() => {
    langfuse = new Langfuse({ ...keys, baseUrl: receiver.url });
  });
  afterEach(() => langfuse.shutdownAsync());

  it('fetches traces, observations and sessions', async () => {
    expect(ids((await langfuse.fetchTraces({ tags: ['a'], fromTimestamp: new Date(iso(1)) })).data)).toEqual([
      't4',
    ]);
    expect((await langfuse.fetchTrace('t1')).data).toMatchObject({
      id: 't1',
      htmlPath: '/project/local/traces/t1',
    });
    expect(ids((await langfuse.fetchObservations({ environment: ['prod'] })).data)).toEqual(['o2']);
    expect((await langfuse.fetchObservation('o2')).data).toMatchObject({ totalTokens: 35, unit: 'TOKENS' });
    expect((await langfuse.fetchSessions({ limit: 5 })).data).toMatchObject([
      { id: 's1', projectId: 'local' },
    ]);
  });

  it('reads answers of the shapes that Langfuse declares', async () => {
    shape.pageOf(shape.listedTrace).parse(await langfuse.fetchTraces({ limit: 2 }));
    shape.trace.parse((await langfuse.fetchTrace('t1')).data);
    shape.pageOf(shape.observation).parse(await langfuse.fetchObservations({ type: 'GENERATION' }));
    shape.observation.parse((await langfuse.fetchObservation('o2')).data);
    shape.pageOf(shape.listedSession).parse(await langfuse.fetchSessions());
  });

  it('sends scores, of traces, observations and sessions', async () => {
    langfuse.score({ id: 'of-trace', traceId: 't2', name: 'n', value: 1 });
    langfuse.score({ id: 'of-observation', traceId: 't1', observationId: 'o1', name: 'n', value: 'good' });
    langfuse.score({ id: 'of-session', sessionId: 's1', name: 'n', value: 0, dataType: 'BOOLEAN' });
    await langfuse.flushAsync();
    expect((await langfuse.fetchTrace('t2')).data.scores).toMatchObject([{ id: 'of-trace', value: 1 }]);
    expect((await langfuse.fetchTrace('t1')).data.scores).toHaveLength(5);
    expect((await receiver.counts()).scores).toBe(11);
  });

  it('fetches media that it has uploaded', async () => {
    const media = new LangfuseMedia({ contentBytes: Buffer.from('bytes'), contentType: 'text/plain' });
    langfuse.trace({ id: 'with-media', metadata: { media } });
    await langfuse.flushAsync();
    const reference = (await langfuse.fetchTrace('with-media')).data.metadata as { media: string };
    const { mediaId } = LangfuseMedia.parseReferenceString(reference.media);
    const fetched = await langfuse.fetchMedia(mediaId);
    expect(fetched).toMatchObject({ contentType: 'text/plain', contentLength: 5 });
    expect(await (await fetch(fetched.url)).text()).toBe('bytes');
  });

  it('uses the fallback of a prompt, as a receiver has none', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const prompt = await langfuse.getPrompt('greet', undefined, { fallback: 'Hello', maxRetries: 0 });
    expect(prompt).toMatchObject({ prompt: 'Hello', isFallback: true });
  });

  it('makes a link that leads to the page of the trace', async () => {
    const trace = langfuse.trace({ name: 'linked' });
    await langfuse.flushAsync();
    expect((await fetch(trace.getTraceUrl())).status).toBe(200);
  });
});
