/** Feedback of the page over real sockets: scores of people, comments, the filter for both, and who may send them. */

import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import * as api from '../support/langfuse-api.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { fill, iso } from '../support/receiver-data.js';
import { call, ingestionEvent, postJson } from '../unit/receiver/helpers.js';

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
type Json = any;

let receiver: Receiver;
beforeEach(async () => {
  const started = await startReceiver({ port: 0 });
  receiver = started;
  onTestFinished(() => started.close());
  await fill(receiver);
});

async function page(method: string, path: string, body?: unknown, headers = {}): Promise<Json> {
  const response = await fetch(`${receiver.url}/api/tailrace/${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, ...((await response.json()) as object) };
}
const read = async (path: string) => (await call(`${receiver.url}/api/public${path}`)).json;
const ids = async (query: string) => (await page('GET', `traces?${query}`)).traces.map(({ id }: Json) => id);
const score = (more: object = {}) => ({ name: 'right', dataType: 'NUMERIC', value: 0.5, ...more });

describe('a score of a person', () => {
  it.each([
    ['NUMERIC', 0.25, 0.25, null],
    ['BOOLEAN', 0, 0, 'False'],
    ['CATEGORICAL', 'kind', 0, 'kind'],
    ['TEXT', 'a\nb', undefined, 'a\nb'],
  ])(
    'of the type %s is read by API, with the environment of the trace',
    async (dataType, value, ...read2) => {
      const { status, id } = await page('POST', 'trace/t1/scores', score({ dataType, value, comment: 'so' }));
      expect(status).toBe(200);
      const [read_, text] = read2;
      const wanted = { source: 'ANNOTATION', environment: 'prod', comment: 'so', stringValue: text };
      const found = await read(`/v2/scores/${id}`);
      expect(found).toMatchObject({ ...wanted, ...(read_ !== undefined && { value: read_ }) });
      api.scoreV2.parse(found);
      api.scoreV1.parse(await read(`/scores/${id}`));
      const { data } = await read('/v2/scores?source=ANNOTATION');
      expect(data.map((one: Json) => one.id)).toEqual([id]);
      expect((await read('/v3/scores?source=ANNOTATION&limit=10')).data).toHaveLength(1);
      expect((await read('/scores?source=API')).data.map((one: Json) => one.id)).not.toContain(id);
    },
  );

  it('is on an observation, is replaced by the next of its name, changed by its id, and deleted', async () => {
    const first = await page('POST', 'trace/t1/scores', score({ observationId: 'o2' }));
    const second = await page('POST', 'trace/t1/scores', score({ observationId: 'o2', value: 1 }));
    expect(second.id).toBe(first.id);
    const onTrace = await page('POST', 'trace/t1/scores', score());
    expect(onTrace.id).not.toBe(first.id);
    await page(
      'POST',
      'trace/t1/scores',
      score({ id: first.id, observationId: 'o2', name: 'better', value: 2 }),
    );
    expect(await read(`/v2/scores/${first.id}`)).toMatchObject({
      name: 'better',
      value: 2,
      observationId: 'o2',
    });
    const { scores, trace } = await page('GET', 'trace/t1');
    expect(scores.find(({ id }: Json) => id === first.id)).toMatchObject({
      source: 'ANNOTATION',
      value: '2',
    });
    expect(trace.scores.map(({ name }: Json) => name)).toContain('better');
    expect((await page('DELETE', `trace/t1/scores/${first.id}`)).status).toBe(200);
    expect((await page('DELETE', `trace/t1/scores/${first.id}`)).status).toBe(404);
    expect((await page('GET', 'trace/t1')).trace.scores.map(({ name }: Json) => name)).not.toContain(
      'better',
    );
  });

  it('of the application is neither changed nor deleted by the page', async () => {
    expect((await page('POST', 'trace/t1/scores', score({ id: 'numeric' }))).status).toBe(404);
    expect((await page('DELETE', 'trace/t1/scores/numeric')).status).toBe(404);
    expect(await read('/v2/scores/numeric')).toMatchObject({ value: 0.5, source: 'API', comment: 'fine' });
    // Nor does one of the page replace it.
    const { id } = await page('POST', 'trace/t1/scores', score({ name: 'numeric' }));
    expect(id).not.toBe('numeric');
  });

  it.each([
    ['trace/none/scores', score(), 404, 'there is no trace'],
    ['trace/t1/scores', score({ observationId: 'o5' }), 404, 'no observation'],
    ['trace/t1/scores', score({ name: '' }), 400, 'name'],
    ['trace/t1/scores', score({ value: 'x' }), 400, 'NUMERIC'],
    ['trace/t1/scores', score({ value: null }), 400, 'value'],
    ['trace/t1/scores', score({ dataType: 'BOOLEAN', value: 2 }), 400, 'BOOLEAN'],
    ['trace/t1/scores', score({ dataType: 'TEXT', value: 'x'.repeat(501) }), 400, 'TEXT'],
    ['trace/t1/scores', score({ dataType: 'STARS' }), 400, 'dataType'],
    ['trace/t1/scores', score({ more: 1 }), 400, 'more'],
    ['trace/t1/scores', [], 400, 'object'],
    ['trace/t1/scores', '{', 400, 'JSON'],
    ['trace/t1/comments', { content: ' ' }, 400, 'content'],
    ['trace/t1/comments', { content: 'x'.repeat(5001) }, 400, '5001'],
    ['trace/t1/comments', { content: {} }, 400, 'content'],
    ['trace/t1/comments', { content: 'x', id: 'none' }, 404, 'no comment'],
    ['trace/t1/comments', { content: 'x', observationId: 'o5' }, 404, 'no observation'],
    ['trace/none/comments', { content: 'x' }, 404, 'there is no trace'],
    ['trace/t1/comments', { content: 'x', a: 1 }, 400, 'no field a'],
  ])('sent to %s as %j is refused with %i', async (path, body, status, text) => {
    const answer = await page('POST', path, body);
    expect(answer.status).toBe(status);
    expect(answer.message).toContain(text);
    expect((await read('/v2/scores?source=ANNOTATION')).data).toEqual([]);
    expect((await read('/comments')).data).toEqual([]);
  });

  it('has names and categories to choose from, those in use', async () => {
    await page('POST', 'trace/t2/scores', score({ name: 'category', dataType: 'CATEGORICAL', value: 'bad' }));
    const response = await fetch(`${receiver.url}/api/tailrace/score-names`);
    const names = (await response.json()) as Json[];
    expect(names).toContainEqual({ name: 'category', dataType: 'CATEGORICAL', values: ['bad', 'good'] });
    expect(names).toContainEqual({ name: 'boolean', dataType: 'BOOLEAN', values: [] });
    expect(names.map(({ dataType }) => dataType)).not.toContain('CORRECTION');
  });
});

describe('a comment', () => {
  it('is read by API as on a Langfuse server, changed and deleted by the page', async () => {
    const { id } = await page('POST', 'trace/t1/comments', { content: ' <b>odd</b> ' });
    const on = await page('POST', 'trace/t1/comments', { content: 'here', observationId: 'o2' });
    const found = await read(`/comments/${id}`);
    api.comment.parse(found);
    expect(found).toMatchObject({
      objectType: 'TRACE',
      objectId: 't1',
      content: '<b>odd</b>',
      authorUserId: null,
    });
    const list = await read('/comments?objectType=OBSERVATION');
    api.pageOf(api.comment).parse(list);
    expect(list.data).toMatchObject([{ id: on.id, objectId: 'o2' }]);
    await page('POST', 'trace/t1/comments', { id, content: 'even' });
    const { comments } = await page('GET', 'trace/t1');
    expect(comments).toMatchObject([
      { id, observationId: null, content: 'even', isChanged: true },
      { id: on.id, observationId: 'o2', content: 'here', isChanged: false },
    ]);
    expect((await page('DELETE', `trace/t2/comments/${id}`)).status).toBe(404);
    expect((await page('DELETE', `trace/t1/comments/${id}`)).status).toBe(200);
    expect((await page('GET', 'trace/t1')).comments).toHaveLength(1);
  });

  it.each([
    ['objectType=OTHER', 'objectType'],
    ['objectId=t1', 'objectType'],
    ['limit=0', 'limit'],
    ['page=0', 'page'],
    ['traceId=t1', 'traceId'],
  ])('is not listed by %s, which is refused with the name', async (query, name) => {
    const answer = await call(`${receiver.url}/api/public/comments?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.json.message).toContain(name);
  });

  it.each([
    [{ objectType: 'PROMPT', objectId: 'p' }, 404],
    [{ objectType: 'SESSION', objectId: 'none' }, 404],
    [{ objectType: 'OBSERVATION', objectId: 't1' }, 404],
    [{ objectType: 'trace' }, 400],
    [{ objectId: 5 }, 400],
    [{ content: '' }, 400],
    [{ authorUserId: 5 }, 400],
    [{ projectId: undefined }, 400],
    [{ dataField: 'input' }, 400],
  ])('with %j is refused by the API with %i', async (more, status) => {
    const body = { projectId: 'p', objectType: 'TRACE', objectId: 't1', content: 'x', ...more };
    expect((await postJson(`${receiver.url}/api/public/comments`, body)).status).toBe(status);
  });
});

it('is found by the filters: with and without feedback, and without a score of a name', async () => {
  await page('POST', 'trace/t2/comments', { content: 'x' });
  await page('POST', 'trace/t4/scores', score());
  expect(await ids('feedback=yes')).toEqual(['t4', 't2']);
  expect(await ids('feedback=no')).not.toContain('t2');
  expect(await ids('unscored=numeric&user=ada&user=bob')).toEqual([]);
  expect(await ids('unscored=category&user=ada&user=bob')).toEqual(['t4']);
  expect((await page('GET', 'traces?feedback=maybe')).status).toBe(400);
});

it('comes to open pages by the stream', async () => {
  const stream = await fetch(`${receiver.url}/api/tailrace/events`);
  const reader = stream.body!.getReader();
  let text = '';
  const heard = async (part: string): Promise<void> => {
    while (!text.includes(part)) text += new TextDecoder().decode((await reader.read()).value);
    text = '';
  };
  // What was stored before is told together, so a single id is that of the write.
  await page('POST', 'trace/t4/comments', { content: 'x' });
  await heard('t4');
  await page('POST', 'trace/t1/comments', { content: 'x' });
  await heard('"ids":["t1"]');
  await page('POST', 'trace/t2/scores', score());
  await heard('"ids":["t2"]');
  await reader.cancel();
});

describe('a request of another page', () => {
  const writes: [string, string, object?][] = [
    ['POST', 'trace/t1/scores', score()],
    ['POST', 'trace/t1/comments', { content: 'x' }],
    ['DELETE', 'trace/t1/scores/x'],
    ['DELETE', 'trace/t1/comments/x'],
    ['DELETE', 'all-traces'],
    ['POST', 'sample', {}],
  ];
  it.each(writes)('%s %s is refused, by its origin and by its site', async (method, path, body) => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'http://localhost:1' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      expect((await page(method, path, body, headers)).status).toBe(403);
    }
    const own = { origin: receiver.url, 'sec-fetch-site': 'same-origin' };
    expect((await page(method, path, body, own)).status).not.toBe(403);
  });

  it('is refused under another name of the host, and as a form', async () => {
    const request = httpRequest(`${receiver.url}/api/tailrace/traces`, {
      method: 'DELETE',
      headers: { host: `evil.example:${receiver.port}` },
    });
    request.end();
    const [response] = await once(request, 'response');
    response.resume();
    expect(response.statusCode).toBe(403);
    const form = { 'content-type': 'text/plain' };
    expect((await page('POST', 'trace/t1/comments', '{"content":"x"}', form)).status).toBe(415);
    expect((await receiver.counts()).traces).toBe(4);
  });
});

it('stores who has made a score: a source without its configuration is refused', async () => {
  const batch = [
    ingestionEvent('score-create', { id: 'a', traceId: 't1', name: 'n', value: 1, source: 'ANNOTATION' }),
    ingestionEvent('score-create', { id: 'b', traceId: 't1', name: 'n', value: 1, source: 'EVAL' }),
    ingestionEvent('score-create', {
      id: 'c',
      traceId: 't1',
      name: 'n',
      value: 1,
      source: 'ANNOTATION',
      configId: 'c',
    }),
    ingestionEvent('score-create', { id: 'd', traceId: 't1', name: 'n', value: 1, source: 'ME' }),
  ].map((event) => ({ ...event, timestamp: iso(0) }));
  const { json } = await postJson(`${receiver.url}/api/public/ingestion`, { batch });
  expect(json.errors).toHaveLength(2);
  expect(await read('/v2/scores/b')).toMatchObject({ source: 'EVAL' });
  expect(await read('/v2/scores/c')).toMatchObject({ source: 'ANNOTATION' });
});
