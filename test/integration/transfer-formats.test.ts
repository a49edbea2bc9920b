/** Exports as OTLP and as conversations come back as they went, and files of other programs are read by their content. */

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Tailrace } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/receiver.js';
import { DATABASE_FILE_NAME } from '../../src/receiver/store/sqlite/folder.js';
import { openDatabase } from '../../src/receiver/store/sqlite/sqlite.js';
import { program, run } from '../support/trace-programs.js';
import { answersOf, ask, exported, imported, ingest, server, withoutArrival } from '../support/transfers.js';

const RUNS = Number(process.env.TAILRACE_FUZZ_RUNS ?? 8);
const at = '2026-01-15T12:00:00.000Z';
const event = (type: string, body: object) => ({ id: `e-${Math.random()}`, type, timestamp: at, body });

describe('OTLP JSON', () => {
  it('of what a client sent over OTLP is the same but for the scores, which it names', async () => {
    await fc.assert(
      fc.asyncProperty(program, async (one) => {
        const source = await server();
        const client = new Tailrace({
          ...{ publicKey: 'pk', secretKey: 'sk', baseUrl: source.url },
          ...{ flushAt: one.flushAt, environment: 'test' },
        });
        client.on('warning', () => {});
        await run(one, client);
        await client.shutdown();
        const { text, summary } = await exported(source, 'format=otlp');
        const copy = await server();
        expect(await imported(copy, text)).toMatchObject({ refusedCount: 0, traces: summary.traces });
        expect(withoutArrival(await answersOf(copy))).toEqual(withoutArrival(await answersOf(source)));
        expect(
          (await copy.complaints()).complaints.filter(({ severity }) => severity !== 'disagreement'),
        ).toEqual([]);
      }),
      { numRuns: RUNS, seed: 7, endOnFailure: true },
    );
  }, 60_000);

  it('has ids of OTLP, and names what it cannot hold', async () => {
    const source = await server();
    await ingest(source, [
      event('trace-create', {
        id: '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
        name: 'n',
        tags: ['a'],
        metadata: { k: '1' },
      }),
      event('span-create', {
        id: 'first',
        traceId: '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
        name: 's',
        metadata: { a: { b: [1] } },
      }),
      event('span-create', {
        id: 'second',
        traceId: '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
        parentObservationId: 'first',
        name: 's',
      }),
      event('score-create', {
        id: 's',
        traceId: '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
        name: 'reward',
        value: 1,
      }),
    ]);
    const { lines, summary } = await exported(source, 'format=otlp');
    expect(summary).toMatchObject({ traces: 1, observations: 2, scores: 0, leftOutCount: 2 });
    expect(summary.leftOut[1]).toContain('score reward of trace 9b1deb4d');
    const [first] = lines.map((line) => JSON.parse(line).resourceSpans[0].scopeSpans[0]);
    expect(first.spans.map(({ traceId }: { traceId: string }) => traceId)).toEqual(
      Array(3).fill('9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d'),
    );
    const copy = await server();
    await imported(copy, lines.join('\n'));
    const trace = JSON.parse(await ask(`${copy.url}/api/public/traces/9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d`));
    expect(trace).toMatchObject({
      name: 'n',
      tags: ['a'],
      metadata: { k: '1' },
      observations: [{ metadata: { a: { b: [1] } } }, {}],
    });
    expect(trace.observations[1].parentObservationId).toBe(trace.observations[0].id);
  });

  it('is read as the file exporter of the collector writes it, and metrics are refused by line', async () => {
    // The shape of https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/.
    const line = {
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
          scopeSpans: [
            {
              scope: { name: 'io.opentelemetry.contrib' },
              spans: [
                {
                  traceId: '5b8efff798038103d269b633813fc60c',
                  spanId: 'eee19b7ec3c1b174',
                  parentSpanId: '',
                  name: 'chat gpt-4o',
                  kind: 3,
                  startTimeUnixNano: '1768478400000000000',
                  endTimeUnixNano: '1768478401500000000',
                  attributes: [
                    { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
                    { key: 'gen_ai.usage.input_tokens', value: { intValue: '12' } },
                  ],
                  droppedAttributesCount: 0,
                  status: { code: 2, message: 'too slow' },
                },
              ],
            },
          ],
          schemaUrl: 'https://opentelemetry.io/schemas/1.7.0',
        },
      ],
    };
    const target = await server();
    const text = [
      JSON.stringify(line),
      '{"resourceMetrics":[]}',
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'x' }] }] }] }),
    ];
    const summary = await imported(target, text.join('\n'));
    expect(summary).toMatchObject({ traces: 1, observations: 1, refusedCount: 2 });
    expect(summary.refused.map(({ line: number }) => number)).toEqual([2, 3]);
    expect(
      JSON.parse(await ask(`${target.url}/api/public/traces/5b8efff798038103d269b633813fc60c`)),
    ).toMatchObject({
      name: 'chat gpt-4o',
      latency: 1.5,
      observations: [
        { type: 'GENERATION', level: 'ERROR', statusMessage: 'too slow', usageDetails: { input: 12 } },
      ],
    });
  });
});

describe('conversations', () => {
  const message = fc.oneof(
    fc.record({ role: fc.constantFrom('user', 'system'), content: fc.string({ minLength: 1 }) }),
    fc.record({ role: fc.constant('assistant'), content: fc.string({ minLength: 1 }) }),
  );
  const conversation = fc.record({
    model: fc.constantFrom('gpt-4o', 'other'),
    messages: fc
      .tuple(fc.array(message, { minLength: 1, maxLength: 6 }), fc.string({ minLength: 1 }))
      .map(([before, content]) => [
        { role: 'user', content: 'q' },
        ...before,
        {
          role: 'assistant',
          content,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
        },
      ]),
    metadata: fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.string(), fc.integer(), fc.boolean()), {
      minKeys: 1,
      maxKeys: 3,
    }),
    scores: fc.array(
      fc.record({
        name: fc.constantFrom('reward', 'quality'),
        value: fc.oneof(fc.integer(), fc.boolean(), fc.constantFrom('good', 'bad')),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  });

  it('come out as they went in, and again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(conversation, { minLength: 1, maxLength: 5 }), async (conversations) => {
        const source = await server();
        await imported(source, conversations.map((one) => JSON.stringify(one)).join('\n'));
        const first = await exported(source, 'format=conversations');
        expect(
          first.lines.map((line) => {
            const { id: _, ...rest } = JSON.parse(line);
            return rest;
          }),
        ).toEqual(conversations.map((one) => JSON.parse(JSON.stringify(one))));
        const copy = await server();
        await imported(copy, first.text);
        // And over what is there.
        await imported(copy, first.text);
        expect((await exported(copy, 'format=conversations')).text).toBe(first.text);
      }),
      { numRuns: RUNS, seed: 8, endOnFailure: true },
    );
  }, 60_000);

  it('are found in the forms of other libraries, and traces without one are named', async () => {
    const source = await server();
    const chats: Record<string, [unknown, unknown]> = {
      openai: [
        { messages: [{ role: 'user', content: 'q' }] },
        { choices: [{ message: { role: 'assistant', content: 'a' } }] },
      ],
      genai: [
        [{ role: 'user', parts: [{ type: 'text', content: 'q' }] }],
        [{ role: 'assistant', parts: [{ type: 'text', content: 'a' }] }],
      ],
      langchain: [[[{ type: 'human', content: 'q' }]], { type: 'ai', content: 'a' }],
      text: ['q', 'a'],
    };
    for (const [id, [input, output]] of Object.entries(chats)) {
      await ingest(source, [
        event('trace-create', { id, name: id }),
        event('generation-create', { id: `g-${id}`, traceId: id, input, output }),
      ]);
    }
    await ingest(source, [event('trace-create', { id: 'none', name: 'n', input: 'q' })]);
    const { lines, summary } = await exported(source, 'format=conversations');
    expect(summary).toMatchObject({ traces: 4, leftOutCount: 1, leftOut: ['trace none, which has no chat'] });
    for (const line of lines) {
      expect(JSON.parse(line).messages).toEqual([
        { role: 'user', content: 'q' },
        { role: 'assistant', content: 'a' },
      ]);
    }
  });

  it('name what a line has no place for: comments, media, scores of observations', async () => {
    const source = await full();
    await writeComment(source, { objectType: 'TRACE', objectId: 't', content: 'late' });
    await writeComment(source, { objectType: 'OBSERVATION', objectId: 'g', content: 'why?' });
    const media = await upload(source, { traceId: 't', content: 'bytes' });
    const { lines, summary } = await exported(source, 'format=conversations');
    expect(lines).toHaveLength(1);
    expect(summary).toMatchObject({ traces: 1, scores: 2, comments: 0, media: 0, leftOutCount: 4 });
    expect(summary.leftOut).toEqual([
      'score right of observation g in trace t',
      expect.stringMatching(/^comment \S+ of trace t$/),
      expect.stringMatching(/^comment \S+ of trace t$/),
      `media ${media} of trace t`,
    ]);
  });
});

async function writeComment({ url }: Receiver, comment: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ projectId: 'local', ...comment });
  await ask(`${url}/api/public/comments`, { method: 'POST', headers, body });
}

/** Returns its id. */
async function upload(
  { url }: Receiver,
  { traceId, content }: { traceId: string; content: string },
): Promise<string> {
  const sha256Hash = createHash('sha256').update(content).digest('base64');
  const announced = {
    traceId,
    field: 'input',
    contentType: 'text/plain',
    contentLength: content.length,
    sha256Hash,
  };
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(announced);
  const { mediaId, uploadUrl } = JSON.parse(
    await ask(`${url}/api/public/media`, { method: 'POST', headers, body }),
  );
  await fetch(uploadUrl, {
    method: 'PUT',
    headers: { 'content-type': 'text/plain', 'x-amz-checksum-sha256': sha256Hash },
    body: content,
  });
  return mediaId;
}

/** A server with a trace of each kind of field. */
async function full() {
  const source = await server();
  await ingest(source, [
    event('trace-create', {
      id: 't',
      name: 'n',
      userId: 'u',
      sessionId: 's',
      tags: ['a', 'b, c'],
      metadata: { k: { d: 1 } },
      input: { q: 'text, "quoted"\nline' },
      output: 'o',
      release: 'r',
      version: 'v',
      public: true,
    }),
    event('generation-create', {
      ...{
        id: 'g',
        traceId: 't',
        name: 'g',
        model: 'other',
        modelParameters: { temperature: 0.5 },
        level: 'WARNING',
        statusMessage: 'm',
      },
      ...{
        startTime: at,
        endTime: '2026-01-15T12:00:01.000Z',
        completionStartTime: '2026-01-15T12:00:00.500Z',
        metadata: { a: 1 },
      },
      ...{
        usageDetails: { input: 3, output: 4, total: 7 },
        costDetails: { total: 0.5 },
        promptName: 'p',
        promptVersion: 2,
      },
      ...{ input: [{ role: 'user', content: 'q' }], output: { role: 'assistant', content: 'a' } },
    }),
    event('span-create', {
      id: 'x',
      traceId: 't',
      parentObservationId: 'g',
      name: 'x',
      startTime: '2026-01-15T12:00:00.100Z',
      endTime: '2026-01-15T12:00:00.200Z',
    }),
    event('score-create', { id: 'c', traceId: 't', name: 'reward', value: 0.5, comment: 'c' }),
    event('score-create', {
      id: 'd',
      traceId: 't',
      observationId: 'g',
      name: 'right',
      value: 1,
      dataType: 'BOOLEAN',
    }),
    event('score-create', { id: 'e', traceId: 't', name: 'kind', value: 'good' }),
  ]);
  await source.usage();
  return source;
}

describe('answers of Langfuse’s API', () => {
  it('are read: a trace with all of it, and pages in any of the versions', async () => {
    const source = await full();
    const before = withoutArrival(await answersOf(source));
    const read = (path: string) => ask(`${source.url}/api/public/${path}`);
    const v2 = 'v2/observations?fields=core,basic,time,io,metadata,model,usage,prompt,metrics';
    const files = {
      trace: await read('traces/t'),
      indented: JSON.stringify(JSON.parse(await read('traces/t')), null, 2),
      pages: [await read('traces'), await read('observations'), await read('scores')].join('\n'),
      list: JSON.stringify([
        ...JSON.parse(await read('traces')).data,
        ...JSON.parse(await read('observations')).data,
        ...JSON.parse(await read('v2/scores')).data,
      ]),
      newest: [await read('traces'), await read(v2), await read('v3/scores?fields=details,subject')].join(
        '\n',
      ),
      gzipped: gzipSync(await read('traces/t')),
    };
    for (const [name, file] of Object.entries(files)) {
      const target = await server();
      expect(await imported(target, file), name).toMatchObject({
        traces: 1,
        observations: 2,
        scores: 3,
        refused: [],
      });
      expect(withoutArrival(await answersOf(target)), name).toEqual(before);
    }
  });

  it('are read as CSV, with quotes and line ends in fields', async () => {
    const target = await server();
    const rows = [
      'id,timestamp,name,userId,tags,metadata,input',
      't,2026-01-15T12:00:00.000Z,"a, ""b""",u,"[""x""]","{""k"":1}","{""q"":""two',
      'lines""}"',
      'broken,1',
      'u,2026-01-15T12:00:00.000Z,n,,,,',
    ];
    const summary = await imported(target, rows.join('\r\n'));
    expect(summary).toMatchObject({ traces: 2, refusedCount: 1, refused: [{ line: 4 }] });
    const trace = JSON.parse(await ask(`${target.url}/api/public/traces/t`));
    expect(trace).toMatchObject({ name: 'a, "b"', userId: 'u', tags: ['x'], metadata: { k: 1 } });
    expect(JSON.parse(await ask(`${target.url}/api/public/traces/u`))).toMatchObject({
      name: 'n',
      userId: null,
      input: null,
    });
  });

  it('are read as exports to a blob storage, with underscores and times without a zone', async () => {
    const target = await server();
    const lines = [
      {
        id: 't',
        timestamp: '2026-01-15 12:00:00.000',
        name: 'n',
        environment: 'default',
        user_id: 'u',
        session_id: '',
        metadata: {},
        tags: ['a'],
        public: false,
        bookmarked: false,
        input: '{"q":1}',
        output: null,
      },
      {
        id: 'g',
        trace_id: 't',
        type: 'GENERATION',
        start_time: '2026-01-15 12:00:00.000',
        end_time: '2026-01-15 12:00:01.250',
        name: 'g',
        provided_model_name: 'other',
        usage_details: { input: '3', total: '3' },
        cost_details: { total: 0.1 },
        model_parameters: '{"t":1}',
        level: 'DEFAULT',
      },
      {
        id: 's',
        timestamp: '2026-01-15 12:00:02.000',
        trace_id: 't',
        observation_id: null,
        name: 'reward',
        value: 1,
        string_value: '',
        data_type: 'NUMERIC',
        source: 'API',
        comment: '',
      },
    ];
    const summary = await imported(target, lines.map((line) => JSON.stringify(line)).join('\n'));
    expect(summary).toMatchObject({ traces: 1, observations: 1, scores: 1, refused: [] });
    expect(JSON.parse(await ask(`${target.url}/api/public/traces/t`))).toMatchObject({
      ...{ timestamp: at, userId: 'u', sessionId: null, input: { q: 1 }, latency: 1.25 },
      observations: [{ model: 'other', usageDetails: { input: 3, total: 3 }, modelParameters: { t: 1 } }],
      scores: [{ name: 'reward', value: 1, comment: null }],
    });
  });
});

describe('observations of Langfuse 4, which has no table of traces', () => {
  const enriched = {
    ...{ id: 'root', trace_id: 't', trace_name: 'answer', user_id: 'u', session_id: 's', tags: ['b', 'a'] },
    ...{ release: 'r', version: 'v', environment: 'prod', public: true, type: 'AGENT', name: 'agent' },
    ...{ start_time: '2026-01-15 12:00:00.000000', end_time: '2026-01-15 12:00:02.000000', level: 'DEFAULT' },
  };
  const below = {
    ...{
      ...enriched,
      id: 'g',
      parent_observation_id: 'root',
      type: 'GENERATION',
      name: 'g',
      version: 'other',
    },
    ...{ start_time: '2026-01-15 12:00:01.000000', end_time: '2026-01-15 12:00:01.500000', user_id: 'later' },
  };
  const lines = (rows: object[]) => rows.map((row) => JSON.stringify(row)).join('\n');
  const traceOf = async ({ url }: Receiver) => JSON.parse(await ask(`${url}/api/public/traces/t`));

  it('say name, user, session, tags, release, version and environment of the trace; the latest value counts', async () => {
    for (const rows of [
      [enriched, below],
      [below, enriched],
    ]) {
      const target = await server();
      expect(await imported(target, lines(rows))).toMatchObject({ traces: 1, observations: 2, refused: [] });
      expect(await traceOf(target)).toMatchObject({
        ...{ name: 'answer', userId: 'later', sessionId: 's', tags: ['a', 'b'], release: 'r', version: 'v' },
        ...{ environment: 'prod', public: true, timestamp: at, latency: 2 },
      });
    }
  });

  it('say it in answers of the API and exports of the page too, and less than a trace itself', async () => {
    const row = {
      ...{
        id: 'g',
        traceId: 't',
        traceName: 'answer',
        userId: 'u',
        sessionId: 's',
        release: 'r',
        version: null,
      },
      ...{ startTime: '2026-01-15T12:00:01.000Z', endTime: null, type: 'SPAN', name: 'g', level: 'DEFAULT' },
    };
    const forms = {
      API: JSON.stringify({ data: [{ ...row, tags: ['a'], public: false }], meta: {} }),
      page: csvOf([{ ...row, traceTags: ['a'], comments: [] }]),
    };
    const trace = { id: 't', timestamp: at, name: 'own', userId: 'own', tags: ['c'], environment: 'default' };
    for (const [form, text] of Object.entries(forms)) {
      const target = await server();
      await imported(target, text);
      const fromObservation = { name: 'answer', userId: 'u', sessionId: 's', release: 'r', tags: ['a'] };
      expect(await traceOf(target), form).toMatchObject({ ...fromObservation, public: false });
      await imported(target, JSON.stringify(trace));
      const both = { ...fromObservation, name: 'own', userId: 'own', tags: ['a', 'c'], timestamp: at };
      expect(await traceOf(target), form).toMatchObject(both);
      const turned = await server();
      await imported(turned, JSON.stringify(trace));
      await imported(turned, text);
      expect(await traceOf(turned), form).toMatchObject(both);
    }
  });

  it('of Langfuse 3 make no trace of their own values', async () => {
    const target = await server();
    await imported(
      target,
      lines([{ id: 'g', trace_id: 't', type: 'SPAN', name: 'g', version: 'v', start_time: at }]),
    );
    expect(await traceOf(target)).toMatchObject({ userId: null, version: null, tags: [] });
  });
});

/** As Langfuse's worker writes them: each field of CSV in quotes, and what is no text as JSON, times too. */
function csvOf(rows: Record<string, unknown>[]): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const names = Object.keys(rows[0] as object);
  const field = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? ''));
  const fields = (row: Record<string, unknown>) =>
    names.map((name) => quoted(row[name] == null ? '' : field(row[name])));
  return [names.map(quoted), ...rows.map(fields)].map((line) => `${line.join(',')}\n`).join('');
}

describe('exports of Langfuse’s page', () => {
  const comments = [{ id: 'k', content: 'why,\n"so"', author_email: 'ada@example.com', created_at: at }];
  const trace = {
    ...{
      id: 't',
      timestamp: new Date(at),
      name: 'n',
      userId: 'u',
      sessionId: 's',
      release: null,
      version: null,
    },
    ...{
      environment: 'default',
      tags: ['a'],
      bookmarked: false,
      public: false,
      input: '{"q":1}',
      output: 'o',
    },
    ...{ metadata: { k: '1' }, quality: [0.5], 'user id': ['good', 'bad'], absent: null, comments },
  };
  const observation = {
    ...{ id: 'g', traceId: 't', projectId: 'p', environment: 'default', parentObservationId: null },
    ...{
      startTime: new Date(at),
      endTime: new Date('2026-01-15T12:00:01.250Z'),
      type: 'GENERATION',
      name: 'g',
    },
    ...{ metadata: {}, level: 'DEFAULT', statusMessage: null, version: null, createdAt: new Date(at) },
    ...{ updatedAt: new Date(at), input: 'q', output: 'a', model: 'other', internalModelId: null },
    ...{ modelParameters: { t: 1 }, completionStartTime: null, promptId: null, promptName: null },
    ...{ promptVersion: null, latency: 1.25, timeToFirstToken: null, usageDetails: { input: 3, total: 3 } },
    ...{ costDetails: { total: 0.1 }, inputUsage: 3, totalUsage: 3, totalCost: 0.1, toolCallNames: ['f'] },
    ...{ traceName: 'n', traceTags: ['a'], traceTimestamp: '2026-01-15 12:00:00.000', userId: 'u' },
    ...{ toolCallsCount: null, modelId: null, inputPrice: null, quality: [1], comments: [] },
  };
  const score = {
    ...{
      id: 'c',
      traceId: 't',
      sessionId: null,
      datasetRunId: null,
      timestamp: new Date(at),
      source: 'ANNOTATION',
    },
    ...{ name: 'judged', dataType: 'BOOLEAN', value: 1, stringValue: 'True', comment: null, metadata: {} },
    ...{ observationId: null, traceName: 'n', userId: 'u', traceTags: ['a'], environment: 'default' },
    authorUserName: 'Ada',
  };
  const files: Record<string, (rows: Record<string, unknown>[]) => string> = {
    CSV: csvOf,
    JSON: (rows) => JSON.stringify(rows),
    JSONL: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
  };

  it.each(Object.keys(files))(
    'are read as %s, with comments, columns of scores, and scores of people',
    async (form) => {
      const write = files[form] as (typeof files)[string];
      const target = await server();
      const summary = { traces: 0, observations: 0, scores: 0, comments: 0 };
      // Twice: it is the same then.
      for (const rows of [[trace], [observation], [score], [trace]]) {
        const one = await imported(target, write(rows));
        expect(one.refused).toEqual([]);
        for (const name of Object.keys(summary) as (keyof typeof summary)[]) summary[name] += one[name];
      }
      expect(summary).toEqual({ traces: 3, observations: 1, scores: 8, comments: 2 });
      const stored = JSON.parse(await ask(`${target.url}/api/public/traces/t`));
      expect(stored).toMatchObject({
        ...{
          timestamp: at,
          name: 'n',
          userId: 'u',
          sessionId: 's',
          tags: ['a'],
          input: { q: 1 },
          metadata: { k: '1' },
        },
        observations: [
          { startTime: at, model: 'other', usageDetails: { input: 3, total: 3 }, latency: 1.25 },
        ],
      });
      const shown = stored.scores.map(
        ({ name, value, stringValue, observationId, source }: Record<string, unknown>) =>
          [name, stringValue ?? value, observationId, source].join(' '),
      );
      expect(shown.sort()).toEqual([
        'judged True  ANNOTATION',
        'quality 0.5  API',
        'quality 1 g API',
        'user id bad  API',
        'user id good  API',
      ]);
      expect(JSON.parse(await ask(`${target.url}/api/public/comments`)).data).toMatchObject([
        {
          id: 'k',
          content: 'why,\n"so"',
          objectType: 'TRACE',
          objectId: 't',
          authorUserId: 'ada@example.com',
          createdAt: at,
        },
      ]);
    },
  );

  it('of sessions hold no traces, and are refused', async () => {
    const row = {
      id: 's',
      userIds: ['u'],
      countTraces: 1,
      totalCost: 0.1,
      createdAt: at,
      totalCount: 1,
      comments: [],
    };
    expect(await imported(await server(), csvOf([row]))).toMatchObject({ traces: 0, refusedCount: 1 });
  });
});

it('observations of the same start have the same order, whichever list they came from', async () => {
  const source = await server();
  await ingest(source, [
    event('trace-create', { id: 't', name: 'n' }),
    ...['b', 'c', 'a'].map((id) => event('span-create', { id, traceId: 't', name: id, startTime: at })),
    event('span-create', { id: 'd', traceId: 't', name: 'd', startTime: '2026-01-15T11:59:59.000Z' }),
  ]);
  for (const list of ['observations', 'v2/observations?fields=core,basic,time']) {
    const target = await server();
    await imported(target, await ask(`${source.url}/api/public/${list}`));
    const { observations } = JSON.parse(await ask(`${target.url}/api/public/traces/t`));
    expect(
      observations.map(({ id }: { id: string }) => id),
      list,
    ).toEqual(['d', 'a', 'b', 'c']);
  }
});

describe('an import', () => {
  it('of nothing stores nothing', async () => {
    const target = await server();
    for (const body of ['', '\n\n', '[]', '{"batch":[]}', '{"data":[]}']) {
      expect(await imported(target, body)).toMatchObject({ traces: 0, refusedCount: 0 });
    }
  });

  it('names each line that is none, and goes on', async () => {
    const target = await server();
    const good = JSON.stringify({ batch: [event('trace-create', { id: 't', name: 'n' })] });
    const summary = await imported(
      target,
      ['{"broken":', good, '7', 'null', '"x"', '{}', '{"messages":[]}', good].join('\n'),
    );
    expect(summary.traces).toBe(1);
    expect(summary.refused.map(({ line }) => line)).toEqual([1, 3, 4, 5, 6, 7]);
    // Never a piece of what was in the line.
    expect(JSON.stringify(await imported(target, 'sk-secret-key\nsk-secret'))).not.toContain('secret');
  });

  it('notices an export that is not whole, and one that somebody has changed', async () => {
    const source = await full();
    const { lines } = await exported(source);
    const target = await server();
    expect(await imported(target, lines.slice(0, -1).join('\n'))).toMatchObject({
      refused: [{ problem: expect.stringContaining('not whole') }],
    });
    const [first = ''] = lines;
    for (const [from, to] of [
      ['"createdUs":', '"createdUs":"x","c":'],
      ['"state":{', '"state":7,"s":{'],
      ['"times":{', '"times":{"evil":1,'],
      ['"metadataTimes":{', '"metadataTimes":{"k":"x"},"m":{'],
      ['"level":"WARNING"', '"level":"LOUD"'],
      ['"traceId":"t"', '"traceId":7'],
    ] as const) {
      expect(first).toContain(from);
      const summary = await imported(await server(), first.replace(from, to));
      expect(summary.refusedCount, to).toBeGreaterThan(1);
      expect(summary.refused[0]?.problem, to).toContain('as tailrace exports it');
    }
  });

  it('answers 400 for a broken gzip, and stores what came before', async () => {
    const target = await server();
    const line = `${JSON.stringify({ batch: [event('trace-create', { id: 't', name: 'n' })] })}\n`;
    const zipped = gzipSync(line.repeat(1000));
    await expect(imported(target, zipped.subarray(0, zipped.length - 12))).rejects.toThrow('HTTP 400');
    expect(await ask(`${target.url}/api/public/health`)).toContain('OK');
  });

  it('is refused for pages of other sites, and without the keys of a server that has some', async () => {
    const target = await startReceiver({ port: 0, keys: { publicKey: 'pk', secretKey: 'other' } });
    try {
      for (const [method, path] of [
        ['POST', 'import'],
        ['GET', 'export'],
        ['DELETE', 'traces'],
      ]) {
        const url = `${target.url}/api/tailrace/${path}`;
        expect((await fetch(url, { method: method as string })).status).toBe(401);
        const foreign = { 'sec-fetch-site': 'cross-site' };
        expect((await fetch(url, { method: method as string, headers: foreign })).status).toBe(403);
      }
    } finally {
      await target.close();
    }
  });

  it('keeps when a trace arrived at its server, but retention counts from the import', async () => {
    const [year2020, folder] = ['1600000000000000', mkdtempSync(join(tmpdir(), 'tailrace-retention-'))];
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const source = await server();
    await ingest(source, [event('trace-create', { id: 'imported', name: 'n' })]);
    const old = (await exported(source)).text.replaceAll(/"(createdUs|updatedUs)":\d+/g, `"$1":${year2020}`);
    const target = await startReceiver({ port: 0, dataDir: folder });
    await ingest(target, [event('trace-create', { id: 'stale', name: 'n' })]);
    await imported(target, old);
    await target.close();
    const database = await openDatabase(join(folder, DATABASE_FILE_NAME));
    database.prepare(`UPDATE traces SET created_us = ${year2020} WHERE id = 'stale'`).run();
    database.close();
    const later = await startReceiver({ port: 0, dataDir: folder, retentionMs: 10 * 60_000 });
    onTestFinished(() => later.close());
    await expect.poll(async () => (await later.counts()).traces, { timeout: 10_000 }).toBe(1);
    expect(JSON.parse(await ask(`${later.url}/api/public/traces/imported`)).createdAt).toBe(
      '2020-09-13T12:26:40.000Z',
    );
  });
});
