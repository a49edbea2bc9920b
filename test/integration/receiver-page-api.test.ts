/** What the page of the local server asks for, over real sockets: the list and its filters, facets, chart, traces, events. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { segmentOf } from '../../src/viewer/path-segments.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { fill, iso, otlpTrace } from '../support/receiver-data.js';
import { baseMs, call, ingestionEvent, postJson } from '../unit/receiver/helpers.js';

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
type Json = any;

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver({ port: 0 });
  await fill(receiver);
});
afterAll(() => receiver.close());

/** As the page does: without keys. */
async function ask(path: string, headers: Record<string, string> = {}, from = receiver): Promise<Json> {
  const response = await fetch(`${from.url}/api/tailrace/${path}`, { headers });
  return { status: response.status, ...((await response.json()) as object) };
}

const ids = async (query: string) => (await ask(`traces?${query}`)).traces.map(({ id }: Json) => id);
const ingest = (batch: object[], into = receiver) => postJson(`${into.url}/api/public/ingestion`, { batch });

describe('the list', () => {
  it('has the newest first, with previews, totals and scores by name', async () => {
    const { traces, total, stored, next } = await ask('traces');
    expect({ total, stored, next }).toEqual({ total: 4, stored: 4, next: null });
    expect(traces.map(({ id }: Json) => id)).toEqual(['t4', otlpTrace, 't2', 't1']);
    const t1 = traces.at(-1);
    expect(t1).toMatchObject({ name: 'chat', input: '{"q":1}', output: 'text', tags: ['a', 'b,c', 'ü'] });
    expect(t1.scores.map(({ name }: Json) => name)).toEqual([
      'boolean',
      'category',
      'numeric',
      'output',
      'text',
    ]);
  });

  it.each([
    ['name=chat', ['t1']],
    ['name=chat&name=none', ['t1']],
    ['user=ada&user=bob', ['t4', 't1']],
    ['session=s1&user=bob', ['t4']],
    ['environment=prod', ['t1']],
    ['environment=default', ['t4', otlpTrace, 't2']],
    ['release=r1&version=v1', ['t1']],
    ['tag=a', ['t4', 't1']],
    ['tag=b%2Cc', ['t1']],
    ['level=ERROR', ['t4']],
    ['level=WARNING&level=ERROR', ['t4', 't1']],
    ['type=TOOL', [otlpTrace]],
    ['model=gpt-4o', ['t1']],
    ['status=SLOW', ['t1']],
    ['minDuration=1&maxDuration=2', ['t1']],
    ['minTokens=35', ['t1']],
    ['minCost=0.0000001', ['t1']],
    [`from=${iso(1000)}&to=${iso(3000)}`, [otlpTrace, 't2']],
    ['score=numeric', ['t4', 't1']],
    ['score=numeric%3D0.5', ['t1']],
    ['score=numeric%3C0', ['t4']],
    ['score=numeric%3E%3D-2&score=category', ['t1']],
    ['score=category%3DGOOD', ['t1']],
    ['score=boolean%3Dtrue', ['t1']],
    ['score=boolean%3D1', ['t1']],
    ['scored=yes', ['t4', 't1']],
    ['scored=no', [otlpTrace, 't2']],
    ['metadata=tier%3Dgold', ['t1']],
    ['metadata=yes%3Dtrue', ['t1']],
    ['metadata=step%3Done', ['t1']],
    ['q=needle', ['t1']],
    ['q=100%25', []],
    ['q=OTEL+child', [otlpTrace]],
    ['id=t2&id=t1', ['t2', 't1']],
    ["name=' OR 1=1 --", []],
  ])('has with %s the traces %s', async (query, expected) => expect(await ids(query)).toEqual(expected));

  it.each(['start', 'name', 'duration', 'tokens', 'cost', 'observations', 'errors', 'score:numeric'])(
    'goes on from a cursor without loss in order of %s, in both directions',
    async (column) => {
      for (const sort of [column, `-${column}`]) {
        const whole = await ask(`traces?sort=${sort}`);
        const pages: string[] = [];
        let cursor = '';
        do {
          const page = await ask(`traces?sort=${sort}&limit=1${cursor}`);
          pages.push(...page.traces.map(({ id }: Json) => id));
          cursor = page.next === null ? '' : `&cursor=${page.next}`;
        } while (cursor !== '');
        expect(pages).toEqual(whole.traces.map(({ id }: Json) => id));
        expect(pages).toHaveLength(4);
      }
    },
  );

  it('sorts unknown values last, and by a score', async () => {
    expect((await ids('sort=score:numeric')).slice(0, 2)).toEqual(['t4', 't1']);
    expect((await ids('sort=-score:numeric')).slice(0, 2)).toEqual(['t1', 't4']);
  });

  it.each([
    'sort=x',
    'limit=0',
    'limit=1000',
    'cursor=e30',
    'minCost=x',
    'from=today',
    'score=a%3Ex',
    'metadata=x',
  ])('refuses %s and names the parameter', async (query) => {
    const { status, message } = await ask(`traces?${query}`);
    expect(status).toBe(400);
    expect(message).toContain(`query parameter ${query.split('=')[0]}`);
  });
});

describe('the search', () => {
  it('finds texts in short, compressed, shared and very long payloads, with any characters, in any case', async () => {
    const from = await startReceiver({ port: 0 });
    onTestFinished(() => from.close());
    const filler = 'lorem ipsum dolor '.repeat(100);
    const turn = (text: string) => ({ role: 'user', content: `${text} ${filler}` });
    const [first, second] = [turn('About [the] Needle.*'), turn('ÄPFEL "quoted"')];
    await ingest(
      [
        ingestionEvent('trace-create', { id: 'short', input: 'a needle' }),
        ingestionEvent('generation-create', { id: 'g1', traceId: 'chat', input: [first] }),
        ingestionEvent('generation-create', {
          id: 'g2',
          traceId: 'chat',
          input: [first, second],
          output: '100% sure',
        }),
        ingestionEvent('span-create', {
          id: 's',
          traceId: 'long',
          output: `${'x'.repeat(2_000_000)} the end`,
        }),
        ingestionEvent('span-create', { id: 'n', traceId: 'named', name: 'Needlework' }),
      ],
      from,
    );
    const found = async (q: string) => {
      const list = await ask(`traces?sort=name&q=${encodeURIComponent(q)}`, {}, from);
      expect(list.searchedFromUs).toBe(null);
      return list.traces.map(({ id }: Json) => id).sort();
    };
    expect(await found('NEEDLE')).toEqual(['chat', 'named', 'short']);
    expect(await found('[the] needle.*')).toEqual(['chat']);
    expect(await found('äpfel')).toEqual(['chat']);
    expect(await found('the END')).toEqual(['long']);
    expect(await found('100%')).toEqual(['chat']);
    expect(await found('1_0%')).toEqual([]);
    expect(await found('nowhere')).toEqual([]);
  });
});

describe('facets', () => {
  it('count the traces by value, and leave their own filter out', async () => {
    const { values, scores } = await ask('facets?tag=a&level=ERROR');
    expect(values.level).toEqual([
      { value: 'DEFAULT', count: 1 },
      { value: 'ERROR', count: 1 },
      { value: 'WARNING', count: 1 },
    ]);
    expect(values.tag).toEqual([{ value: 'a', count: 1 }]);
    expect(values.user).toEqual([{ value: 'bob', count: 1 }]);
    expect(scores).toEqual([
      { name: 'numeric', count: 1, min: -2, max: -2, values: [{ value: '-2', count: 1 }] },
    ]);
  });
});

describe('the series', () => {
  it('has counts, errors, latency and cost by time', async () => {
    const { bucketUs, buckets } = await ask(`series?from=${iso(0)}&to=${iso(60_000)}`);
    expect(bucketUs).toBe(1_000_000);
    expect(buckets.map(({ count, errors }: Json) => [count, errors])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
      [1, 1],
    ]);
    expect(buckets[0]).toMatchObject({ p50Us: 2_000_000, p95Us: 2_000_000 });
  });
});

describe('a trace', () => {
  it('has its observations by column, the first as a parent too', async () => {
    const { trace, observations, observationTotal, scores } = await ask('trace/t1');
    expect(trace).toMatchObject({ id: 't1', name: 'chat', durationUs: 2_000_000 });
    expect(observations).toMatchObject({
      id: ['o1', 'o2', 'o3'],
      parent: [-1, 0, -1],
      type: ['SPAN', 'GENERATION', 'EVENT'],
      level: ['DEFAULT', 'WARNING', 'DEFAULT'],
      startUs: [0, 100_000, 200_000],
      durationUs: [2_000_000, 1_000_000, null],
      tokens: [null, 35, null],
      model: [null, 'gpt-4o', null],
      status: [null, 'slow', null],
    });
    expect(observationTotal).toBe(3);
    expect(scores).toHaveLength(5);
  });

  it('has no start and no duration of an observation that was sent without a start time', async () => {
    const traceId = '11111111111111111111111111111111';
    const at = (ms: number) => `${(baseMs + ms) * 1e6}`;
    const spans = [
      { spanId: '1111111111111111', startTimeUnixNano: at(0), endTimeUnixNano: at(1000) },
      { spanId: '2222222222222222', parentSpanId: '1111111111111111' },
      { spanId: '3333333333333333', parentSpanId: '1111111111111111', endTimeUnixNano: at(500) },
    ].map((span) => ({ traceId, name: span.spanId, ...span }));
    await postJson(`${receiver.url}/v1/traces`, { resourceSpans: [{ scopeSpans: [{ spans }] }] });
    const { observations } = await ask(`trace/${traceId}`);
    const startOf = (id: string) => observations.startUs[observations.id.indexOf(id)];
    expect(startOf('1111111111111111')).toBe(0);
    expect(observations.durationUs[observations.id.indexOf('1111111111111111')]).toBe(1_000_000);
    expect(startOf('2222222222222222')).toBeNull();
    expect(observations.durationUs[observations.id.indexOf('2222222222222222')]).toBeNull();
    // A server takes the one from the other.
    expect(startOf('3333333333333333')).toBe(500_000);
    await call(`${receiver.url}/api/public/traces/${traceId}`, { method: 'DELETE' });
  });

  it('is reached by any id, as no URL has a form for the steps of a path', async () => {
    const ids = ['.', '..', '~.', '~~..', 'a/b?c#d', '%2e'];
    await ingest(
      ids.flatMap((id) => [
        ingestionEvent('trace-create', { id, name: id, input: `of ${id}` }),
        ingestionEvent('span-create', { id, traceId: id, output: `of ${id}` }),
      ]),
    );
    for (const id of ids) {
      const path = `trace/${segmentOf(id)}`;
      expect((await ask(path)).trace).toMatchObject({ id, name: id });
      expect((await ask(`${path}/observation/${segmentOf(id)}`)).output.text).toBe(`of ${id}`);
      expect(await (await fetch(`${receiver.url}/${path}/input`)).text()).toBe(`of ${id}`);
      expect((await fetch(`${receiver.url}/${path}`)).status).toBe(200);
    }
    // Langfuse's API takes an id as it is.
    expect((await call(`${receiver.url}/api/public/traces/~.`)).json.id).toBe('~.');
    await fetch(`${receiver.url}/api/tailrace/traces`, {
      method: 'DELETE',
      body: JSON.stringify({ traceIds: ids }),
      headers: { 'content-type': 'application/json' },
    });
  });

  it('has payloads when they are asked for: long ones cut, with their length, and whole with `all`', async () => {
    const long = 'ü'.repeat(300_000);
    await ingest([
      ingestionEvent('trace-create', { id: 'long', input: long, metadata: { of: 'trace' } }),
      ingestionEvent('span-create', { id: 'below', traceId: 'long', output: long }),
    ]);
    const cut = await ask('trace/long/payloads');
    expect(cut.input).toEqual({ text: 'ü'.repeat(200_000), length: 300_000 });
    expect(cut.metadata.text).toBe('{"of":"trace"}');
    expect((await ask('trace/long/payloads?all=true')).input.text).toBe(long);
    const below = await ask('trace/long/observation/below');
    expect(below).toMatchObject({ input: null, output: { length: 300_000 } });
    expect(await ask('trace/t1/observation/o2')).toMatchObject({
      statusMessage: 'slow',
      firstTokenUs: 200_000,
      modelParameters: { temperature: 0.5 },
      promptName: 'greet',
      promptVersion: 3,
    });
  });

  it('answers 404 for what is not there', async () => {
    for (const path of ['trace/none', 'trace/none/payloads', 'trace/t1/observation/none']) {
      expect((await ask(path)).status).toBe(404);
    }
  });

  it('with 20,000 observations is whole and compressed, and of fewer bytes than 40 for each', async () => {
    const big = await startReceiver({ port: 0 });
    onTestFinished(() => big.close());
    const count = 20_000;
    for (let start = 0; start < count; start += 5_000) {
      const batch = Array.from({ length: 5_000 }, (_, at) =>
        ingestionEvent('span-create', {
          id: `o${start + at}`,
          traceId: 'big',
          parentObservationId: start + at === 0 ? undefined : `o${Math.floor((start + at - 1) / 3)}`,
          name: 'step',
          startTime: iso(start + at),
          endTime: iso(start + at + 1),
        }),
      );
      await ingest(batch, big);
    }
    const response = httpRequest(`${big.url}/api/tailrace/trace/big`, {
      headers: { 'accept-encoding': 'gzip' },
    }).end();
    const [answer] = await once(response, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(body.length).toBeLessThan(40 * count);
    const { observations } = JSON.parse(gunzipSync(body).toString());
    expect(observations.id).toHaveLength(count);
    expect(observations.parent.slice(0, 5)).toEqual([-1, 0, 0, 0, 1]);
  });
});

describe('the stream of events', () => {
  interface Event {
    id: string;
    data: Json;
  }

  /** Reads events until there are so many. */
  async function read(query: string, count: number, headers = {}): Promise<Event[]> {
    const request = httpRequest(`${receiver.url}/api/tailrace/events${query}`, { headers }).end();
    const [response] = await once(request, 'response');
    expect(response.headers['content-type']).toBe('text/event-stream');
    let text = '';
    const events = () =>
      Array.from(text.matchAll(/id: (.+)\ndata: (.+)\n\n/g), ([, id = '', data = '']) => ({
        id,
        data: JSON.parse(data),
      }));
    for await (const chunk of response) {
      text += chunk;
      if (events().length >= count) break;
    }
    request.destroy();
    return events();
  }

  const create = (id: string) => ingest([ingestionEvent('trace-create', { id })]);

  it('names the traces that have changed, many at once, and goes on where a page left it', async () => {
    const { since } = await ask('traces?limit=1');
    await Promise.all([create('e1'), create('e2')]);
    const [first] = await read(`?since=${since}`, 1);
    expect(first?.data.kind).toBe('ids');
    expect(new Set(first?.data.ids)).toEqual(new Set(['e1', 'e2']));
    await create('e3');
    const [second] = await read('', 1, { 'last-event-id': first?.id });
    expect(second?.data).toEqual({ kind: 'ids', ids: ['e3'] });
  });

  it.each(['of-another', 'x-1', 'nonsense'])('tells a page that knows %s to read anew', async (since) => {
    const [event] = await read(`?since=${since}`, 1);
    expect(event?.data).toEqual({ kind: 'reload' });
    expect(event?.id).toBe((await ask('traces?limit=1')).since);
  });

  it('tells pages to read anew when traces are deleted, or very many have changed', async () => {
    const { since } = await ask('traces?limit=1');
    await fetch(`${receiver.url}/api/public/traces/e3`, {
      method: 'DELETE',
      headers: { authorization: `Basic ${btoa('pk:sk')}` },
    });
    const [removed] = await read(`?since=${since}`, 1);
    expect(removed?.data).toEqual({ kind: 'reload' });
    await ingest(Array.from({ length: 100 }, (_, at) => ingestionEvent('trace-create', { id: `m${at}` })));
    const [many] = await read(`?since=${removed?.id}`, 1);
    expect(many?.data).toEqual({ kind: 'reload' });
  });

  it('does not hold the server up when it closes', async () => {
    const closing = await startReceiver({ port: 0 });
    const request = httpRequest(`${closing.url}/api/tailrace/events`).end();
    const [response] = await once(request, 'response');
    response.resume();
    const ended = once(response, 'end');
    await closing.close();
    await ended;
  });
});

describe('other sites', () => {
  const PATHS = ['traces', 'facets', 'series', 'complaints', 'events', 'trace/t1'];

  it.each(PATHS)('may not ask for %s', async (path) => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'http://localhost:5173' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { host: `evil.example:${receiver.port}` },
    ]) {
      const request = httpRequest(`${receiver.url}/api/tailrace/${path}`, { headers }).end();
      const [response] = await once(request, 'response');
      response.resume();
      expect(response.statusCode).toBe(403);
    }
  });
});

describe('errors', () => {
  const observation = (id: string, traceId: string, fields: object) =>
    ingestionEvent('span-create', { id, traceId, name: 'call', startTime: iso(0), ...fields });
  const message = (text: string) => ({ level: 'ERROR', statusMessage: text });

  it('are grouped by message, the most frequent first, in the traces that the filters leave', async () => {
    const own = await startReceiver({ port: 0 });
    onTestFinished(() => own.close());
    await ingest(
      [
        ingestionEvent('trace-create', { id: 'a', userId: 'ada' }),
        ingestionEvent('trace-create', { id: 'b', userId: 'bob' }),
        observation('1', 'a', { ...message('no seat 12 left'), startTime: iso(1000) }),
        observation('2', 'b', { ...message('no seat 7 left'), startTime: iso(3000) }),
        observation('3', 'b', { ...message('late'), model: 'gpt-4o' }),
        observation('4', 'b', { level: 'ERROR' }),
        observation('5', 'b', { level: 'WARNING', statusMessage: 'slow' }),
      ],
      own,
    );
    const all = await ask('errors', {}, own);
    expect(all).toMatchObject({ status: 200, groupTotal: 3, observationTotal: 4, isComplete: true });
    expect(all.groups[0]).toEqual({
      message: 'no seat <n> left',
      count: 2,
      firstUs: Date.parse(iso(1000)) * 1000,
      lastUs: Date.parse(iso(3000)) * 1000,
      traceCount: 2,
      traceIds: ['b', 'a'],
      newest: { traceId: 'b', observationId: '2', message: 'no seat 7 left' },
      sources: [{ type: 'SPAN', name: 'call', model: null, count: 2 }],
      sourceTotal: 1,
    });
    expect(all.groups.map(({ message: text }: Json) => text).sort()).toEqual([
      '',
      'late',
      'no seat <n> left',
    ]);
    expect(await ask('errors?user=ada', {}, own)).toMatchObject({ groupTotal: 1, observationTotal: 1 });
    expect(await ask('errors?user=none', {}, own)).toMatchObject({ groups: [], groupTotal: 0 });
    expect(await ask('errors?warnings=true&limit=1', {}, own)).toMatchObject({
      groupTotal: 4,
      observationTotal: 5,
    });
    expect((await ask('errors?warnings=true&limit=1', {}, own)).groups).toHaveLength(1);
    expect(await ask('errors?limit=0', {}, own)).toMatchObject({ status: 400 });
    expect(await ask('errors?warnings=1', {}, own)).toMatchObject({ status: 400 });
  });

  it('say if there are more than are read', async () => {
    const own = await startReceiver({ port: 0 });
    onTestFinished(() => own.close());
    for (let part = 0; part < 5; part += 1) {
      const batch = Array.from({ length: 5_000 }, (_, index) =>
        observation(`${part}-${index}`, 'a', message('x')),
      );
      await ingest(batch, own);
    }
    const { groups, isComplete } = await ask('errors', {}, own);
    expect(isComplete).toBe(false);
    expect(groups[0].count).toBe(20_000);
  });

  it('are none in an empty store', async () => {
    const own = await startReceiver({ port: 0 });
    onTestFinished(() => own.close());
    expect(await ask('errors', {}, own)).toMatchObject({ groups: [], observationTotal: 0, isComplete: true });
  });
});
