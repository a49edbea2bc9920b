/** What no client sends: bodies that would keep a server from everybody else, or take its memory. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/receiver.js';
import { emptyFields, message, request, span } from '../support/otlp-wire.js';
import { authorization, call, ingestionEvent, postJson, postProtobuf } from '../unit/receiver/helpers.js';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver({ port: 0 });
});
afterEach(() => receiver.close());

const ingest = (...batch: unknown[]) => postJson(`${receiver.url}/api/public/ingestion`, { batch });
const postOtlpJson = (body: unknown) => postJson(`${receiver.url}/api/public/otel/v1/traces`, body);
const postZipped = (body: Uint8Array) =>
  postProtobuf(receiver.url, gzipSync(body), { 'content-encoding': 'gzip' });
const mebibyte = 1024 * 1024;
const manySpans = (count: number) => Buffer.concat(Array.from({ length: count }, (_, index) => span(index)));

describe('a request is refused that holds', () => {
  const attribute = (...value: Buffer[]) => message(9, message(1, Buffer.from('a')), message(2, ...value));
  const tooLarge: Record<string, () => [Buffer, string]> = {
    'too many spans': () => [request(manySpans(50_001)), '50000 spans'],
    'too many empty spans': () => [request(emptyFields(2, 1_000_000)), '50000 spans'],
    'too many empty messages': () => [emptyFields(1, 30 * mebibyte), '1000000 fields'],
    'too many unknown fields': () => [emptyFields(2, 2_000_000, 0), '1000000 fields'],
    'a span with too many events': () => [request(span(1, emptyFields(11, 300_000))), 'a span'],
    'a span with too many attributes': () => [request(span(1, emptyFields(9, 300_000))), 'a span'],
    'a value with too many items': () => [
      request(span(1, attribute(message(5, emptyFields(1, 300_000))))),
      'a span',
    ],
  };
  it.each(Object.entries(tooLarge))('%s', async (_, make) => {
    const [body, words] = make();
    const { status, json } = await postZipped(body);
    expect({ status, message: json.message }).toEqual({
      status: 413,
      message: expect.stringContaining(words),
    });
    const { json: complaints } = await call(`${receiver.url}/api/public/tailrace/complaints`);
    expect(complaints.data).toMatchObject([{ code: 'request-refused' }]);
    expect(await receiver.counts()).toMatchObject({ observations: 0 });
  });

  it('the same in JSON', async () => {
    const lists = `[${'[],'.repeat(1_000_000)}0]`;
    expect((await postOtlpJson(`{"resourceSpans":${lists}}`)).json.message).toContain('1000000 values');
    const id = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: '00f067aa0ba902b7' };
    const inOne = (spans: object[]) => postOtlpJson({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    const values = Array.from({ length: 60_000 }, () => ({}));
    const list = [{ key: 'a', value: { arrayValue: { values } } }];
    expect((await inOne([{ ...id, attributes: list }])).json.message).toContain(
      'a span must hold at most 50000',
    );
    expect((await inOne([{ ...id, events: values }])).json.message).toContain(
      'a span must hold at most 50000',
    );
    expect((await inOne(Array.from({ length: 50_001 }, () => id))).json.message).toContain('50000 spans');
  });

  it('too many classic events', async () => {
    expect(await ingest(...Array.from({ length: 20_001 }, () => 0))).toMatchObject({ status: 413 });
    const answer = await ingest(...Array.from({ length: 20_000 }, () => 0));
    expect(answer).toMatchObject({ status: 207, json: { successes: [] } });
    expect(answer.json.errors).toHaveLength(20_000);
  });

  it('metadata of too many values, of which only the event is refused', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${index}`, 0]));
    const [bad, good] = [{ id: 't', metadata }, { id: 'u' }].map((body) =>
      ingestionEvent('trace-create', body),
    );
    const { json } = await ingest(bad, good);
    expect(json).toMatchObject({ successes: [{ id: good?.id }], errors: [{ id: bad?.id, status: 400 }] });
  });
});

it('metadata of too many characters lose what is beyond', async () => {
  const entry = (key: string, text: string) =>
    message(9, message(1, Buffer.from(key)), message(2, message(1, Buffer.from(text))));
  const long = 'x'.repeat(10 * mebibyte);
  const prefix = 'langfuse.observation.metadata';
  const all = [entry(`${prefix}.a`, long), entry(`${prefix}.b`, long), entry(`${prefix}.c`, 'short')];
  expect((await postZipped(request(span(0, ...all)))).status).toBe(200);
  const { json } = await call(`${receiver.url}/api/public/observations/0000000000000001`);
  expect(Object.keys(json.metadata)).toEqual(expect.arrayContaining(['a', 'c']));
  expect(json.metadata.b).toBeUndefined();
  const path = '/api/public/tailrace/complaints?code=metadata-dropped';
  expect((await call(`${receiver.url}${path}`)).json.data).toMatchObject([{ field: `${prefix}.b` }]);
});

describe('a compressed body', () => {
  it('is cut off where it grows too large', async () => {
    const answer = await postZipped(Buffer.alloc(65 * mebibyte));
    expect(answer).toMatchObject({
      status: 413,
      json: { message: expect.stringContaining('decompression') },
    });
  });

  it('that is compressed twice is not read', async () => {
    expect(await postZipped(gzipSync(request(span(1))))).toMatchObject({ status: 400 });
  });
});

it('a body without an end is cut off at its limit', async () => {
  const socket = connect(receiver.port, '127.0.0.1');
  socket.on('error', () => {});
  const head = ['POST /api/public/ingestion HTTP/1.1', `Host: 127.0.0.1:${receiver.port}`];
  head.push(
    `Authorization: ${authorization}`,
    'Content-Type: application/json',
    'Transfer-Encoding: chunked',
  );
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(mebibyte, ' '), Buffer.from('\r\n')]);
  const write = () => {
    while (!socket.destroyed && socket.write(chunk));
    socket.once('drain', write);
  };
  // Cut off, it meets a reset connection.
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const answered = once(socket, 'data');
  write();
  expect(String(await answered)).toMatch(/^HTTP\/1\.1 413 /);
  await closed;
  expect((await call(`${receiver.url}/`)).status).toBe(200);
});

describe('while a large request is dealt with', () => {
  it.each([
    ['OTLP', () => postZipped(request(manySpans(15_000)))],
    [
      'classic ingestion',
      () =>
        ingest(...Array.from({ length: 15_000 }, (_, i) => ingestionEvent('span-create', { id: `${i}` }))),
    ],
  ])('others are answered: %s', async (_, sendLarge) => {
    let isAnswered = false;
    const large = sendLarge().finally(() => {
      isAnswered = true;
    });
    const counts = { pages: 0, reads: 0, writes: 0 };
    for (; !isAnswered; counts.writes += 1) {
      expect((await call(`${receiver.url}/`)).status).toBe(200);
      if (!isAnswered) counts.pages += 1;
      expect((await call(`${receiver.url}/api/public/observations`)).status).toBe(200);
      if (!isAnswered) counts.reads += 1;
      const small = ingestionEvent('trace-create', { id: `small-${counts.writes}` });
      expect((await ingest(small)).status).toBe(207);
    }
    expect((await large).status).toBeLessThan(300);
    // Its slices are of 10 ms, however fast the machine is, and it takes a hundred of them or more.
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(3);
    expect(await receiver.counts()).toMatchObject({ observations: 15_000 });
  });
});
