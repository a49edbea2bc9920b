/** A replayable export, imported into an empty server, gives the same answers of the API, byte for byte. */
import fc from 'fast-check';
import { Tailrace } from 'tailrace';
import { describe, expect, it } from 'vitest';
import type { Receiver } from '../../src/receiver/receiver.js';
import type { Protocol } from '../../src/shared/langfuse-options.js';
import { program, run } from '../support/trace-programs.js';
import { answersOf, ask, exported, imported, ingest, server } from '../support/transfers.js';

const RUNS = Number(process.env.TAILRACE_FUZZ_RUNS ?? 12);

async function copied(source: Receiver): Promise<Receiver> {
  const copy = await server();
  const { text } = await exported(source);
  expect(await imported(copy, text)).toMatchObject({ refusedCount: 0, refused: [] });
  return copy;
}

describe.each(['otel', 'ingestion'] as const)('of traces that came over %s', (protocol: Protocol) => {
  it('is imported as the same traces, observations and scores', async () => {
    await fc.assert(
      fc.asyncProperty(program, async (one) => {
        const source = await server();
        const client = new Tailrace({
          ...{ publicKey: 'pk', secretKey: 'sk', baseUrl: source.url, protocol },
          ...{ flushAt: one.flushAt, environment: 'test' },
        });
        client.on('warning', () => {});
        await run(one, client);
        await client.shutdown();
        const copy = await copied(source);
        const before = await answersOf(source);
        expect(await answersOf(copy)).toEqual(before);
        // And once more, now over what is there.
        await imported(copy, (await exported(source)).text);
        expect(await answersOf(copy)).toEqual(before);
        expect((await exported(copy)).lines.length).toBe((await exported(source)).lines.length);
      }),
      { numRuns: RUNS, seed: 5, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
    );
  }, 120_000);
});

const at = '2026-01-15T12:00:00.000Z';
const event = (type: string, body: object, timestamp = at) => ({
  id: `e-${Math.random()}`,
  type,
  timestamp,
  body,
});

/** Any JSON, with keys and texts that have broken others. */
const anyJson = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '12345678901234567890',
    '1.0',
    '"quoted"',
    '{"a": 1}',
    '[1,\n2]',
    'null',
    '0',
    '\u0000',
    '{"__proto__":{"a":1}}',
    '\ud800',
  ),
);
const anyObject = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 });
const anyText = fc.string({ unit: 'grapheme' });

async function post(source: Receiver, path: string, body: object): Promise<{ id: string }> {
  const headers = { 'content-type': 'application/json' };
  return JSON.parse(
    await ask(`${source.url}/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
  );
}

/** Of a person, on the page. */
const annotation = fc.oneof(
  fc.record({ dataType: fc.constant('NUMERIC'), value: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
  fc.record({ dataType: fc.constant('BOOLEAN'), value: fc.constantFrom(0, 1) }),
  fc.record({
    dataType: fc.constantFrom('CATEGORICAL', 'TEXT', 'CORRECTION'),
    value: fc.constantFrom('a', 'ü\n"'),
  }),
);
/** Spaces at the ends of a comment are not kept. */
const comment = fc.record({
  content: anyText.map((text) => `.${text}.`),
  on: fc.constantFrom('trace', 'observation', 'session'),
  authorUserId: fc.option(anyText),
});

const observation = fc.record({
  type: fc.constantFrom('span', 'generation', 'tool', 'agent', 'event', 'embedding'),
  name: anyText,
  input: anyJson,
  output: anyJson,
  metadata: anyObject,
  level: fc.constantFrom('DEFAULT', 'ERROR', 'WARNING', 'DEBUG'),
  statusMessage: anyText,
  offset: fc.integer({ min: 0, max: 999_999 }),
  usage: fc.dictionary(fc.constantFrom('input', 'output', 'total', 'cached'), fc.nat(), { maxKeys: 3 }),
  parameters: fc.dictionary(anyText, fc.oneof(anyText, fc.integer(), fc.boolean()), { maxKeys: 3 }),
});

it('keeps any payload, metadata and text of classic events, times to the microsecond, and what people add', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        name: anyText,
        input: anyJson,
        metadata: anyObject,
        tags: fc.array(anyText, { maxLength: 3 }),
      }),
      fc.array(observation, { maxLength: 5 }),
      fc.array(annotation, { maxLength: 3 }),
      fc.array(comment, { maxLength: 4 }),
      async (trace, observations, annotations, comments) => {
        const source = await server();
        const time = (offset: number) => `2026-01-15T12:00:00.${String(offset).padStart(6, '0')}Z`;
        await ingest(source, [
          event('trace-create', { id: 't', timestamp: at, sessionId: 's', ...trace }),
          ...observations.map(({ type, offset, usage, parameters, ...fields }, index) =>
            event(`${type}-create`, {
              ...fields,
              id: `o${index}`,
              traceId: 't',
              startTime: time(offset),
              endTime: time(999_999),
              ...(type !== 'span' &&
                type !== 'event' && { model: 'gpt-4o', usageDetails: usage, modelParameters: parameters }),
            }),
          ),
          event('score-create', { id: 'c', traceId: 't', name: 'n', value: 0.25, comment: trace.name }),
          event('score-create', { id: 'd', traceId: 't', name: 'n', value: 1, dataType: 'BOOLEAN' }),
          event('score-create', { id: 'e', sessionId: 's', name: 'n', value: 'good' }),
          event('score-create', { id: 'f', traceId: 't', name: 'n', value: 1, source: 'EVAL' }),
          event('score-create', {
            ...{ id: 'g', traceId: 't', name: 'n', value: 1, source: 'ANNOTATION', configId: 'k' },
          }),
          // Another trace of the session, and one whose comments have the same times.
          event('trace-create', { id: 'u', timestamp: at, sessionId: 's' }),
          event('span-create', { id: 'p', traceId: 'u', startTime: at }),
        ]);
        for (const [index, one] of annotations.entries()) {
          const observationId = index < observations.length ? `o${index}` : undefined;
          const given = { ...one, name: `page ${index}`, comment: trace.name };
          await post(source, 'tailrace/trace/t/scores', { ...given, observationId });
        }
        for (const { content, on, authorUserId } of comments) {
          const objects = {
            trace: ['TRACE', 't'],
            observation: ['OBSERVATION', 'p'],
            session: ['SESSION', 's'],
          };
          const [objectType, objectId] = objects[on as 'trace'];
          await post(source, 'public/comments', {
            ...{ projectId: 'p', content, objectType, objectId, authorUserId },
          });
        }
        const before = await answersOf(source);
        const copy = await copied(source);
        expect(await answersOf(copy)).toEqual(before);
        await imported(copy, (await exported(copy)).text);
        expect(await answersOf(copy)).toEqual(before);
      },
    ),
    { numRuns: RUNS, seed: 6, endOnFailure: true },
  );
}, 60_000);

it('goes on being merged by time: an older event changes nothing, a newer one does', async () => {
  const source = await server();
  await ingest(source, [
    event('trace-create', { id: 't', name: 'second', metadata: { a: 1 } }, '2026-01-15T12:00:02.000Z'),
  ]);
  const copy = await copied(source);
  await ingest(copy, [
    event('trace-create', { id: 't', name: 'first', metadata: { a: 0 } }, '2026-01-15T12:00:01.000Z'),
  ]);
  expect(JSON.parse(await ask(`${copy.url}/api/public/traces/t`))).toMatchObject({
    name: 'second',
    metadata: { a: 1 },
  });
  await ingest(copy, [event('trace-create', { id: 't', name: 'third' }, '2026-01-15T12:00:03.000Z')]);
  expect(JSON.parse(await ask(`${copy.url}/api/public/traces/t`))).toMatchObject({ name: 'third' });
});

it('is a series of batches that any Langfuse server takes', async () => {
  const source = await server();
  await ingest(source, [
    event('trace-create', { id: 't', name: 'n', input: { q: 1 } }),
    event('generation-create', {
      id: 'g',
      traceId: 't',
      model: 'm',
      usageDetails: { input: 3 },
      output: 'text',
    }),
    event('score-create', { id: 's', traceId: 't', name: 'reward', value: 1 }),
    // Its project may have no such configuration.
    event('score-create', {
      ...{ id: 'c', traceId: 't', name: 'judged', value: 1, source: 'ANNOTATION', configId: 'k' },
    }),
  ]);
  const { id } = await post(source, 'tailrace/trace/t/scores', {
    name: 'kind',
    dataType: 'TEXT',
    value: 'a',
  });
  await post(source, 'public/comments', {
    ...{ projectId: 'p', content: 'why', objectType: 'TRACE', objectId: 't' },
  });
  const other = await server();
  const { lines, summary } = await exported(source);
  expect(summary).toMatchObject({ traces: 1, observations: 1, scores: 3, comments: 1, leftOutCount: 0 });
  for (const line of lines) {
    // Of a server that does not know the fields beside the events.
    const bodies = JSON.parse(line).batch.map(({ body }: { body: object }) => body);
    expect(JSON.stringify(bodies)).not.toMatch(/configId|ANNOTATION/);
    const headers = { 'content-type': 'application/json' };
    const answer = JSON.parse(
      await ask(`${other.url}/api/public/ingestion`, { method: 'POST', headers, body: line }),
    );
    expect(answer.errors).toEqual([]);
  }
  expect(JSON.parse(await ask(`${other.url}/api/public/traces/t`))).toMatchObject({
    name: 'n',
    input: { q: 1 },
    observations: [{ id: 'g', model: 'm', output: 'text', usageDetails: { input: 3 } }],
    scores: expect.arrayContaining([
      expect.objectContaining({ id: 's', value: 1, source: 'API' }),
      expect.objectContaining({ id: 'c', name: 'judged', source: 'API', configId: null }),
      expect.objectContaining({ id, name: 'kind', source: 'API' }),
    ]),
  });
});

it('has the comments of a session once, and with any of its traces', async () => {
  const source = await server();
  await ingest(
    source,
    ['a', 'b', 'c'].map((id) => event('trace-create', { id, name: id, sessionId: id === 'c' ? 'x' : 's' })),
  );
  for (const objectId of ['s', 'x']) {
    const given = { projectId: 'p', content: `on ${objectId}`, objectType: 'SESSION', objectId };
    await post(source, 'public/comments', given);
  }
  for (let count = 0; count < 250; count += 1) {
    const given = { projectId: 'p', content: `number ${count}`, objectType: 'TRACE', objectId: 'a' };
    await post(source, 'public/comments', given);
  }
  expect((await exported(source)).summary).toMatchObject({ traces: 3, comments: 252 });
  const one = await exported(source, 'id=b');
  expect(one.summary).toMatchObject({ traces: 1, comments: 1 });
  expect(one.text).toContain('on s');
  const copy = await copied(source);
  const list = 'comments?limit=100&page=3';
  expect(await ask(`${copy.url}/api/public/${list}`)).toBe(await ask(`${source.url}/api/public/${list}`));
});

it('refuses comments that nobody exported, and those on what is not stored', async () => {
  const source = await server();
  await ingest(source, [event('trace-create', { id: 't', name: 'n' })]);
  await post(source, 'public/comments', {
    ...{ projectId: 'p', content: 'why', objectType: 'TRACE', objectId: 't' },
  });
  const { text } = await exported(source);
  for (const [from, to, problem] of [
    ['"objectType":"TRACE"', '"objectType":"PROMPT"', 'objectType must be'],
    ['"objectType":"TRACE"', '"objectType":"SESSION"', 'traceId must be'],
    ['"content":"why"', '"content":7', 'content must be a string'],
    ['"content":"why"', '"content":""', 'content must be the text'],
    ['"comments":[{', '"comments":[null,{', 'a comment must be an object'],
    ['"objectId":"t","traceId":"t"', '"objectId":"u","traceId":"u"', 'nothing is stored that it is on'],
  ] as const) {
    expect(text).toContain(from);
    const summary = await imported(await server(), text.replace(from, to));
    expect(summary.refused, to).toMatchObject([{ problem: expect.stringContaining(problem) }]);
    expect(summary.traces).toBe(1);
  }
});

it('carries media with their content, once, and names those that are too large', async () => {
  const { createHash } = await import('node:crypto');
  const content = Buffer.from('a picture');
  const sha256Hash = createHash('sha256').update(content).digest('base64');
  const source = await server();
  for (const traceId of ['t', 'u']) {
    await ingest(source, [event('trace-create', { id: traceId, name: 'n' })]);
    const announcement = {
      traceId,
      contentType: 'image/png',
      contentLength: content.length,
      sha256Hash,
      field: 'input',
    };
    const { mediaId, uploadUrl } = JSON.parse(
      await ask(`${source.url}/api/public/media`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(announcement),
      }),
    );
    if (uploadUrl === null) continue;
    await ask(uploadUrl, {
      method: 'PUT',
      headers: { 'content-type': 'image/png', 'x-amz-checksum-sha256': sha256Hash },
      body: content,
    });
    await ask(`${source.url}/api/public/media/${mediaId}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ uploadedAt: at, uploadHttpStatus: 200 }),
    });
  }
  const { text, summary } = await exported(source);
  expect(summary.media).toBe(1);
  expect(text.split(content.toString('base64'))).toHaveLength(2);
  const copy = await server();
  expect(await imported(copy, text)).toMatchObject({ media: 1, refusedCount: 0 });
  const id = sha256Hash.replaceAll('+', '-').replaceAll('/', '_').slice(0, 22);
  expect(await ask(`${copy.url}/media/${id}`)).toBe('a picture');
  // It goes with the last of its traces.
  await ask(`${copy.url}/api/public/traces/t`, { method: 'DELETE' });
  expect(await ask(`${copy.url}/media/${id}`)).toBe('a picture');
});

it('takes a filter, and ids', async () => {
  const source = await server();
  await ingest(
    source,
    ['a', 'b', 'c'].map((id) => event('trace-create', { id, name: id === 'c' ? 'other' : 'same' })),
  );
  const idsIn = (text: string) =>
    [...text.matchAll(/"type":"trace-create".*?"body":\{"id":"(\w)"/g)].map(([, id]) => id);
  expect(idsIn((await exported(source, 'name=same')).text)).toEqual(['a', 'b']);
  expect(idsIn((await exported(source, 'id=c&id=a')).text)).toEqual(['a', 'c']);
  expect((await exported(source, 'name=none')).summary).toMatchObject({ traces: 0 });
  await expect(exported(source, 'format=xml')).rejects.toThrow(
    'format must be one of replay, otlp, conversations',
  );
});

it('tells a page that gave it a key how far it is', async () => {
  const source = await server();
  await ingest(source, [event('trace-create', { id: 't', name: 'n' })]);
  await exported(source, 'key=mine&format=otlp');
  const state = JSON.parse(await ask(`${source.url}/api/tailrace/export-state?key=mine`));
  expect(state).toMatchObject({ phase: 'done', traces: 1, leftOutCount: 1 });
  await expect(ask(`${source.url}/api/tailrace/export-state?key=other`)).rejects.toThrow('404');
  // Another server has exports of its own.
  const other = await server();
  await expect(ask(`${other.url}/api/tailrace/export-state?key=mine`)).rejects.toThrow('404');
});

it('is cut into lines that a Langfuse server takes, and ends when its reader goes', async () => {
  const source = await server();
  await ingest(source, [event('trace-create', { id: 't', name: 'n' })]);
  for (let start = 0; start < 3000; start += 500) {
    await ingest(
      source,
      Array.from({ length: 500 }, (_, index) =>
        event('span-create', {
          id: `o${start + index}`,
          traceId: 't',
          output: `${start + index} ${'x'.repeat(4000)}`,
        }),
      ),
    );
  }
  const { get } = await import('node:http');
  await new Promise<void>((resolve, reject) => {
    const request = get(`${source.url}/api/tailrace/export`, (response) => {
      response.once('data', () => {
        request.destroy();
        resolve();
      });
    }).on('error', (error) => (request.destroyed ? undefined : reject(error)));
  });
  const { summary, lines } = await exported(source);
  expect(summary).toMatchObject({ traces: 1, observations: 3000 });
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(4.5 * 1024 * 1024);
});
