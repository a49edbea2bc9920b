/** Query parameters of the receiver's API: each is honoured, or refused by its name; none is ignored, none is a 500. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { fill, iso, otlpTrace } from '../support/receiver-data.js';
import { call } from '../unit/receiver/helpers.js';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver({ port: 0 });
  await fill(receiver);
});
afterAll(() => receiver.close());

const get = (path: string) => call(`${receiver.url}/api/public${path}`);
const ids = async (path: string): Promise<string[]> =>
  (await get(path)).json.data.map(({ id }: { id: string }) => id).sort();

const [root, child] = ['00f067aa0ba902b7', '00f067aa0ba902b8'];
const traces = ['t1', 't2', 't4', otlpTrace].sort();
const observations = ['o1', 'o2', 'o3', 'o4', 'o5', root, child].sort();
const scores = ['boolean', 'category', 'correction', 'mood', 'numeric', 'numeric2', 'run', 'text'];
const without = (all: string[], ...left: string[]) => all.filter((id) => !left.includes(id));

describe('parameters', () => {
  it.each<[string, string[]]>([
    ['/traces?tags=a&tags=b,c', ['t1']],
    ['/traces?tags=a,ü', ['t1']],
    ['/traces?tags=a', ['t1', 't4']],
    ['/traces?release=r1&version=v1', ['t1']],
    ['/traces?environment=prod,nowhere', ['t1']],
    ['/traces?useEventsTable=true', traces],
    ['/traces?somethingElse=1', traces],
    [`/traces?fromTimestamp=${iso(1000)}&toTimestamp=${iso(3000)}`, ['t2', otlpTrace].sort()],
    [`/traces?fromTimestamp=${encodeURIComponent('2026-01-15T13:00:01+01:00')}`, without(traces, 't1')],
    ['/observations?userId=ada', ['o1', 'o2', 'o3']],
    ['/observations?version=v2&environment=prod', ['o2']],
    ['/observations?type=TOOL', [child]],
    ['/v2/observations?sessionId=s1', ['o1', 'o2', 'o3', 'o5']],
    ['/v2/observations?parentObservationId=o1', ['o2']],
    ['/v2/observations?parentObservationId=', without(observations, 'o2', child)],
    ['/v2/observations?isRootObservation=true&traceId=t1', ['o1', 'o3']],
    ['/v2/observations?isRootObservation=false', [child, 'o2']],
    ['/v2/observations?parseIoAsJson=false&level=ERROR', ['o5']],
    ['/v2/observations?limit=0', []],
    ['/scores?traceTags=a,ü', ['boolean', 'category', 'numeric', 'text']],
    ['/scores?fields=score,trace&traceTags=a', ['boolean', 'category', 'numeric', 'numeric2', 'text']],
    ['/scores?traceTags=b', []],
    ['/v2/scores?datasetRunId=run1', ['run']],
    ['/v2/scores?configId=c1', ['run']],
    ['/v2/scores?observationId=o2,o1', ['category']],
    ['/v2/scores?operator=!=&value=0.5&dataType=NUMERIC', ['numeric2', 'run']],
    ['/v2/scores?operator=%3C&value=0', ['numeric2']],
    ['/v2/scores?source=API', scores],
    ['/v2/scores?source=ANNOTATION', []],
    ['/v2/scores?environment=prod', ['numeric']],
    ['/v3/scores?id=text,run', ['run', 'text']],
    ['/v3/scores?name=numeric&traceId=t4', ['numeric2']],
    ['/v3/scores?dataType=boolean,text', ['boolean', 'text']],
    ['/v3/scores?dataType=NUMERIC&valueMin=-2&valueMax=0.5', ['numeric', 'numeric2']],
    ['/v3/scores?dataType=NUMERIC&value=3,0.5', ['numeric', 'run']],
    ['/v3/scores?dataType=BOOLEAN&value=true', ['boolean']],
    ['/v3/scores?dataType=BOOLEAN&value=false', []],
    ['/v3/scores?dataType=CATEGORICAL&value=calm', ['mood']],
    ['/v3/scores?traceId=t1&observationId=o2', ['category']],
    ['/v3/scores?sessionId=s1', ['mood']],
    ['/v3/scores?experimentId=run1', ['run']],
    ['/v3/scores?source=api', scores],
    ['/sessions?environment=prod', ['s1']],
    ['/sessions?environment=default', []],
    ['/sessions?toTimestamp=2020-01-01T00:00:00Z', []],
    ['/sessions?fromTimestamp=2020-01-01T00:00:00Z', ['s1']],
  ])('%s finds %j', async (path, expected) => {
    expect(await ids(path)).toEqual(expected);
  });

  it.each([
    ['/traces?page=1e99', 'page'],
    ['/traces?page=1.5', 'page'],
    ['/traces?page=1&page=2', 'page'],
    ['/traces?limit=101', 'limit'],
    ['/traces?limit=-1', 'limit'],
    ['/traces?limit=1&limit=2', 'limit'],
    ['/traces?userId=a&userId=b', 'userId'],
    ['/traces?fromTimestamp=', 'fromTimestamp'],
    ['/traces?fromTimestamp=2026-01-15', 'fromTimestamp'],
    ['/traces?fromTimestamp=2026-02-30T00:00:00Z', 'fromTimestamp'],
    ['/traces?toTimestamp=2026-01-15T12:00:00', 'toTimestamp'],
    ['/traces?orderBy=timestamp', 'orderBy'],
    ['/traces?useEventsTable=1', 'useEventsTable'],
    ['/observations?type=', 'type'],
    ['/observations?level=error', 'level'],
    ['/v2/observations?limit=1001', 'limit'],
    ['/v2/observations?cursor=nonsense', 'cursor'],
    ['/v2/observations?cursor=e30', 'cursor'],
    ['/v2/observations?cursor=bnVsbA', 'cursor'],
    ['/v2/observations?parseIoAsJson=true', 'parseIoAsJson'],
    ['/v2/observations?isRootObservation=yes', 'isRootObservation'],
    ['/scores?queueId=q', 'queueId'],
    ['/scores?fields=score', 'fields'],
    ['/v2/scores?fields=trace', 'fields'],
    ['/v2/scores?fields=score&userId=ada', 'fields'],
    ['/v2/scores?queueId=q', 'queueId'],
    ['/v2/scores?value=1e999', 'value'],
    ['/v2/scores?operator=between', 'operator'],
    ['/v3/scores?queueId=q', 'queueId'],
    ['/v3/scores?authorUserId=u', 'authorUserId'],
    ['/v3/scores?userId=ada', 'userId'],
    ['/v3/scores?traceTags=a', 'traceTags'],
    ['/v3/scores?fields=everything', 'fields'],
    ['/v3/scores?source=me', 'source'],
    ['/v3/scores?dataType=NUMBER', 'dataType'],
    ['/v3/scores?value=1', 'dataType'],
    ['/v3/scores?valueMin=1', 'dataType'],
    ['/v3/scores?dataType=NUMERIC&value=x', 'value'],
    ['/v3/scores?dataType=BOOLEAN&value=1', 'value'],
    ['/v3/scores?observationId=o1', 'observationId'],
    ['/v3/scores?traceId=t1&sessionId=s1', 'sessionId'],
    ['/sessions?limit=1000', 'limit'],
    ['/sessions?fromTimestamp=now', 'fromTimestamp'],
    ['/traces/t1?estimates=1', 'estimates'],
  ])('%s is answered with 400 that names %s', async (path, parameter) => {
    const answer = await get(path);
    expect(answer).toMatchObject({ status: 400, json: { error: 'InvalidRequestError' } });
    expect(answer.json.message).toMatch(new RegExp(`^query parameter ${parameter} must be`));
  });

  it('an unknown one is an error in the third version of scores alone', async () => {
    expect(await get('/v3/scores?page=1')).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining('page') },
    });
  });
});

describe('cursors', () => {
  const pageThrough = async (path: string) => {
    const seen: string[] = [];
    for (let cursor: string | undefined = '', pages = 0; cursor !== undefined && pages < 20; pages += 1) {
      const { json } = await get(`${path}&cursor=${cursor}`);
      expect(json.data.length).toBeLessThanOrEqual(2);
      seen.push(...json.data.map(({ id }: { id: string }) => id));
      cursor = json.meta.cursor;
    }
    return seen;
  };

  it('lead through all observations, the newest first, once', async () => {
    expect(await pageThrough('/v2/observations?limit=2')).toEqual([
      'o5',
      child,
      root,
      'o4',
      'o3',
      'o2',
      'o1',
    ]);
    expect(await pageThrough('/v2/observations?limit=2&traceId=t1')).toEqual(['o3', 'o2', 'o1']);
  });

  it('lead through all scores, the newest first, once', async () => {
    expect((await pageThrough('/v3/scores?limit=2')).sort()).toEqual(scores);
  });

  it('are those of Langfuse: of milliseconds', async () => {
    const position = { lastStartTimeTo: iso(200), lastTraceId: 't1', lastId: 'o3' };
    const cursor = encodeURIComponent(Buffer.from(JSON.stringify(position)).toString('base64'));
    expect(await ids(`/v2/observations?cursor=${cursor}`)).toEqual(['o1', 'o2']);
  });
});

describe('filter', () => {
  const condition = (type: string, column: string, operator: string, value: unknown, key?: string) => ({
    type,
    column,
    operator,
    value,
    ...(key !== undefined && { key }),
  });
  const filtered = (path: string, filter: unknown, rest = '') =>
    `${path}?filter=${encodeURIComponent(typeof filter === 'string' ? filter : JSON.stringify(filter))}${rest}`;

  type Row = [
    path: string,
    type: string,
    column: string,
    operator: string,
    value: unknown,
    key: string | undefined,
    expected: string[],
  ];
  it.each<Row>([
    ['/traces', 'string', 'name', '=', 'chat', undefined, ['t1']],
    ['/traces', 'string', 'name', 'contains', 'root', undefined, [otlpTrace]],
    ['/traces', 'string', 'name', 'starts with', 'ch', undefined, ['t1']],
    ['/traces', 'string', 'name', 'ends with', 'at', undefined, ['t1']],
    ['/traces', 'string', 'name', 'does not contain', 'ha', undefined, [otlpTrace]],
    ['/traces', 'string', 'name', 'contains', '%', undefined, []],
    ['/traces', 'stringOptions', 'userId', 'any of', ['ada', 'bob'], undefined, ['t1', 't4']],
    ['/traces', 'stringOptions', 'environment', 'none of', ['prod'], undefined, without(traces, 't1')],
    ['/traces', 'null', 'sessionId', 'is null', '', undefined, without(traces, 't1', 't4')],
    ['/traces', 'null', 'sessionId', 'is not null', '', undefined, ['t1', 't4']],
    ['/traces', 'datetime', 'timestamp', '>', iso(2000), undefined, ['t4']],
    ['/traces', 'datetime', 'timestamp', '<=', iso(0), undefined, ['t1']],
    ['/traces', 'arrayOptions', 'tags', 'all of', ['a', 'ü'], undefined, ['t1']],
    ['/traces', 'arrayOptions', 'tags', 'any of', ['ü', 'z'], undefined, ['t1']],
    ['/traces', 'arrayOptions', 'tags', 'none of', ['a'], undefined, without(traces, 't1', 't4')],
    ['/traces', 'boolean', 'bookmarked', '=', false, undefined, traces],
    ['/traces', 'boolean', 'bookmarked', '<>', false, undefined, []],
    ['/traces', 'stringObject', 'metadata', '=', 'gold', 'tier', ['t1']],
    ['/traces', 'stringObject', 'metadata', '=', 'true', 'yes', ['t1']],
    ['/traces', 'stringObject', 'metadata', 'contains', '[1]', 'nested', ['t1']],
    ['/traces', 'stringObject', 'metadata', 'does not contain', 'old', 'tier', without(traces, 't1')],
    ['/traces', 'stringObject', 'metadata', '=', 'gold', `"' OR 1=1 --`, []],
    ['/traces', 'numberObject', 'metadata', '>=', 5, 'n', ['t1']],
    ['/traces', 'numberObject', 'metadata', '<', 5, 'tier', []],
    ['/traces', 'categoryOptions', 'metadata', 'any of', ['gold'], 'tier', ['t1']],
    ['/traces', 'categoryOptions', 'metadata', 'none of', ['gold'], 'tier', without(traces, 't1')],
    ['/traces', 'number', 'latency', '>=', 2, undefined, ['t1']],
    ['/traces', 'number', 'inputTokens', '=', 15, undefined, ['t1']],
    ['/traces', 'number', 'outputTokens', '>', 0, undefined, ['t1']],
    ['/traces', 'number', 'tokens', '=', 35, undefined, ['t1']],
    ['/traces', 'number', 'totalTokens', '=', 0, undefined, without(traces, 't1')],
    ['/traces', 'number', 'totalCost', '>', 0, undefined, ['t1']],
    ['/traces', 'number', 'outputCost', '>', 0, undefined, ['t1']],
    ['/traces', 'number', 'inputCost', '<', 0, undefined, []],
    ['/traces', 'null', 'totalCost', 'is null', '', undefined, without(traces, 't1')],
    ['/traces', 'string', 'level', '=', 'ERROR', undefined, ['t4']],
    ['/traces', 'stringOptions', 'level', 'any of', ['WARNING'], undefined, ['t1']],
    ['/traces', 'number', 'warningCount', '=', 1, undefined, ['t1']],
    ['/traces', 'number', 'errorCount', '=', 1, undefined, ['t4']],
    ['/traces', 'number', 'defaultCount', '=', 2, undefined, ['t1', otlpTrace].sort()],
    ['/traces', 'number', 'debugCount', '=', 0, undefined, traces],
    ['/traces', 'numberObject', 'scores_avg', '<', 0, 'numeric', ['t4']],
    ['/traces', 'numberObject', 'scores', '>', 0, 'numeric', ['t1']],
    ['/traces', 'categoryOptions', 'score_categories', 'any of', ['good'], 'category', ['t1']],
    ['/traces', 'booleanObject', 'score_booleans', '=', true, 'boolean', ['t1']],
    ['/traces', 'booleanObject', 'score_booleans', '<>', true, 'boolean', without(traces, 't1')],
    ['/observations', 'string', 'type', '=', 'GENERATION', undefined, ['o2', 'o5']],
    [
      '/observations',
      'stringOptions',
      'level',
      'any of',
      ['DEFAULT'],
      undefined,
      without(observations, 'o2', 'o5'),
    ],
    ['/observations', 'number', 'latency', '>', 0.5, undefined, ['o1', 'o2']],
    ['/observations', 'number', 'timeToFirstToken', '<=', 0.2, undefined, ['o2']],
    ['/observations', 'number', 'tokensPerSecond', '=', 20, undefined, ['o2']],
    ['/observations', 'number', 'totalCost', '>', 0, undefined, ['o2']],
    ['/observations', 'number', 'inputTokens', '=', 15, undefined, ['o2']],
    ['/observations', 'number', 'totalTokens', '>', 34, undefined, ['o2']],
    ['/observations', 'string', 'model', 'starts with', 'gpt', undefined, ['o2']],
    ['/observations', 'number', 'promptVersion', '=', 3, undefined, ['o2']],
    ['/observations', 'string', 'promptName', '=', 'greet', undefined, ['o2']],
    ['/observations', 'string', 'statusMessage', '=', 'slow', undefined, ['o2']],
    ['/observations', 'stringObject', 'metadata', '=', 'one', 'step', ['o1']],
    ['/observations', 'string', 'traceName', '=', 'otel root', undefined, [root, child]],
    ['/observations', 'arrayOptions', 'traceTags', 'all of', ['a', 'b,c'], undefined, ['o1', 'o2', 'o3']],
    ['/observations', 'string', 'traceEnvironment', '=', 'prod', undefined, ['o1', 'o2', 'o3']],
    ['/observations', 'datetime', 'endTime', '>=', iso(2300), undefined, [root, child]],
    ['/v2/observations', 'string', 'sessionId', '=', 's1', undefined, ['o1', 'o2', 'o3', 'o5']],
    ['/v2/observations', 'boolean', 'isRootObservation', '=', false, undefined, [child, 'o2']],
    ['/v2/observations', 'string', 'input', 'matches', 'NEEDLE', undefined, ['o2']],
    ['/v2/observations', 'string', 'output', '=', 'yes', undefined, ['o2']],
    ['/v2/observations', 'stringObject', 'metadata', 'matches', 'on', 'step', ['o1']],
    ['/v2/observations', 'stringObject', 'metadata', 'matches', 'ON', 'step', []],
    ['/v2/observations', 'string', 'providedModelName', '=', 'gpt-4o', undefined, ['o2']],
    ['/scores', 'stringObject', 'metadata', '=', 'me', 'by', ['numeric']],
    ['/v2/scores', 'number', 'value', '>', 0.5, undefined, ['boolean', 'run']],
    ['/v2/scores', 'string', 'stringValue', '=', 'good', undefined, ['category']],
    ['/v2/scores', 'string', 'comment', 'contains', 'in', undefined, ['numeric']],
    ['/v2/scores', 'stringOptions', 'source', 'none of', ['API'], undefined, []],
    ['/v2/scores', 'null', 'traceId', 'is null', '', undefined, ['mood', 'run']],
  ])(
    '%s by %s %s %s %j %s finds what it says',
    async (path, type, column, operator, value, key, expected) => {
      expect(await ids(filtered(path, [condition(type, column, operator, value, key)]))).toEqual(expected);
    },
  );

  it('holds all of its conditions, and those of other parameters', async () => {
    const both = [condition('string', 'userId', '=', 'ada'), condition('string', 'name', '=', 'chat')];
    expect(await ids(filtered('/traces', both))).toEqual(['t1']);
    expect(await ids(filtered('/traces', both, '&sessionId=s2'))).toEqual([]);
    expect(await ids(filtered('/traces', []))).toEqual(traces);
  });

  it('goes before the parameter of the same column', async () => {
    const filter = [
      condition('string', 'userId', '=', 'ada'),
      condition('datetime', 'timestamp', '>=', iso(0)),
    ];
    expect(await ids(filtered('/traces', filter, `&userId=bob&fromTimestamp=${iso(9000)}`))).toEqual(['t1']);
    expect(await ids(filtered('/traces', filter, `&toTimestamp=${iso(0)}`))).toEqual([]);
  });

  const good = condition('string', 'name', '=', 'x');
  it.each<[path: string, filter: unknown, message: string]>([
    ['/traces', 'nonsense', 'JSON array'],
    ['/traces', '{}', 'JSON array'],
    ['/traces', 'null', 'JSON array'],
    ['/traces', [1], 'the whole of condition 1'],
    ['/traces', [null], 'the whole of condition 1'],
    ['/traces', [good, []], 'the whole of condition 2'],
    ['/traces', [{ toString: 1 }], 'type of condition 1'],
    ['/traces', [{ ...good, type: 'constructor' }], 'type of condition 1'],
    ['/traces', [{ ...good, type: { toString: 1 } }], 'type of condition 1'],
    ['/traces', [{ ...good, type: 'positionInTrace' }], 'type of condition 1'],
    ['/traces', [{ ...good, type: 'number' }], 'type of condition 1'],
    ['/traces', [{ ...good, column: 'constructor' }], 'column of condition 1'],
    ['/traces', [{ ...good, column: 'password' }], '"password"'],
    ['/traces', [{ ...good, column: 'input' }], '"input"'],
    ['/traces', [{ ...good, column: { toString: 1 } }], 'column of condition 1'],
    ['/traces', [{ ...good, column: '__proto__' }], 'column of condition 1'],
    ['/traces', [{ ...good, operator: 'toString' }], 'operator of condition 1'],
    ['/traces', [{ ...good, operator: '<' }], 'operator of condition 1'],
    ['/traces', [{ ...good, operator: 'matches' }], 'operator of condition 1'],
    ['/traces', [{ ...good, value: 1 }], 'value of condition 1'],
    ['/traces', [{ ...good, value: { toString: 1 } }], 'value of condition 1'],
    ['/traces', [{ ...good, value: null }], 'value of condition 1'],
    ['/traces', [condition('stringOptions', 'name', 'any of', [])], 'value of condition 1'],
    ['/traces', [condition('stringOptions', 'name', 'any of', [1])], 'value of condition 1'],
    ['/traces', [condition('number', 'latency', '=', '1')], 'value of condition 1'],
    ['/traces', [condition('datetime', 'timestamp', '<', 'soon')], 'value of condition 1'],
    ['/traces', [condition('null', 'name', 'is null', null)], 'value of condition 1'],
    ['/traces', [condition('stringObject', 'metadata', '=', 'x')], 'key of condition 1'],
    ['/observations', [condition('string', 'input', '=', 'x')], '"input"'],
    ['/v2/observations', [condition('string', 'input', 'contains', 'x')], 'at least one'],
    ['/v2/observations', [condition('stringOptions', 'input', 'any of', ['x'])], 'type of condition 1'],
    ['/v2/scores', [condition('string', 'queueId', '=', 'x')], '"queueId"'],
    ['/traces', `${'['.repeat(2000)}${']'.repeat(2000)}`, 'the whole of condition 1'],
  ])('%s is refused where it is wrong (%#)', async (path, filter, message) => {
    const answer = await get(filtered(path, filter));
    expect(answer).toMatchObject({ status: 400, json: { error: 'InvalidRequestError' } });
    expect(answer.json.message).toMatch(/^query parameter filter/);
    expect(answer.json.message).toContain(message);
  });

  it.each([
    [
      'a long list',
      [
        condition(
          'stringOptions',
          'name',
          'any of',
          Array.from({ length: 900 }, (_, i) => `n${i}`),
        ),
      ],
    ],
    ['many conditions', Array.from({ length: 80 }, () => condition('string', 'id', '=', 'ü'))],
    ['half of a character', [condition('string', 'name', '=', '\ud800')]],
    ['a NUL', [condition('string', 'name', 'contains', 'a\0b')]],
    ['a number without end', '[{"type":"number","column":"latency","operator":">","value":1e999}]'],
  ])('finds nothing, and does not fail, with %s', async (_case, filter) => {
    expect(await get(filtered('/traces', filter))).toMatchObject({ status: 200, json: { data: [] } });
  });
});

describe('what is stored', () => {
  it('fails no filter, however deep it is', async () => {
    const deep = `${'{"a":'.repeat(1500)}1${'}'.repeat(1500)}`;
    const event = `{"id":"deep","type":"span-create","timestamp":"${iso(0)}","body":{"id":"deep","traceId":"deep","metadata":${deep}}}`;
    await call(`${receiver.url}/api/public/ingestion`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"batch":[${event}]}`,
    });
    const filter = [{ type: 'stringObject', column: 'metadata', key: 'step', operator: '=', value: 'one' }];
    expect(await ids(`/observations?filter=${encodeURIComponent(JSON.stringify(filter))}`)).toEqual(['o1']);
  });
});

it('many tags, and ids of any characters, find nothing and fail nothing', async () => {
  const tags = Array.from({ length: 1500 }, () => 'tags=x').join('&');
  expect(await get(`/traces?${tags}`)).toMatchObject({ status: 200, json: { data: [] } });
  for (const id of ['%00', '%F0%9F%98%80', "'%20OR%201=1", '%22']) {
    for (const path of ['traces', 'observations', 'sessions', 'scores', 'v2/scores']) {
      expect((await get(`/${path}/${id}`)).status).toBe(404);
    }
  }
});
