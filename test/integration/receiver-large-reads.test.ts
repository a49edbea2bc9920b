/** Reading what is large: row by row, refused where it is more than an answer can hold, and never indented beyond reason. */
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/receiver.js';
import { message, request, span } from '../support/otlp-wire.js';
import { call, ingestionEvent, postJson, postProtobuf, traceA } from '../unit/receiver/helpers.js';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver({ port: 0 });
});
afterEach(() => receiver.close());

const get = (path: string) => call(`${receiver.url}${path}`);

async function sendSpans(...spans: Buffer[]) {
  const zipped = gzipSync(request(...spans));
  expect((await postProtobuf(receiver.url, zipped, { 'content-encoding': 'gzip' })).status).toBe(200);
}

function spanWithInput(index: number, input: string) {
  const value = message(2, message(1, Buffer.from(input)));
  return span(index, message(9, message(1, Buffer.from('langfuse.observation.input')), value));
}

it('a list or trace whose payloads are more than an answer can hold is refused, its parts are not', async () => {
  for (const index of [0, 1, 2]) await sendSpans(spanWithInput(index, 'x'.repeat(45 * 1024 * 1024)));
  for (const path of ['observations', 'v2/observations?fields=io', `traces/${traceA}`]) {
    const { status, json } = await get(`/api/public/${path}`);
    expect({ path, status, message: json.message }).toEqual({
      path,
      status: 400,
      message: expect.stringContaining('ask for less with limit, page or fields'),
    });
  }
  for (const path of [
    'observations?limit=1',
    `traces/${traceA}?fields=core`,
    'observations/0000000000000001',
  ]) {
    expect((await get(`/api/public/${path}`)).status).toBe(200);
  }
  for (const path of ['/', `/trace/${traceA}`]) expect((await get(path)).status).toBe(200);
}, 300_000);

describe('a payload that its indents would make a thousand times as long', () => {
  const deep = `${'['.repeat(990)}${'0,'.repeat(45_000)}0${']'.repeat(990)}`;

  it('is shown as it came', async () => {
    await sendSpans(spanWithInput(0, deep), spanWithInput(1, '{"a":[1]}'));
    expect((await get(`/trace/${traceA}/0000000000000001/input`)).text === deep).toBe(true);
    expect((await get(`/trace/${traceA}/0000000000000002/input`)).text).toBe('{\n  "a": [\n    1\n  ]\n}');
  });
});

it('the page reads no payloads with a trace, and the beginning of one that it opens', async () => {
  const observation = (index: number) =>
    ingestionEvent('span-create', { id: `o${index}`, traceId: 't', input: 'y'.repeat(300_000) });
  for (let start = 0; start < 100; start += 10) {
    const batch = Array.from({ length: 10 }, (_, index) => observation(start + index));
    expect((await postJson(`${receiver.url}/api/public/ingestion`, { batch })).status).toBe(207);
  }
  const { json, text } = await get('/api/tailrace/trace/t');
  expect(json.observations.id).toHaveLength(100);
  expect(text).not.toContain('yyy');
  const { input } = (await get('/api/tailrace/trace/t/observation/o7')).json;
  expect([input.text.length, input.length]).toEqual([200_000, 300_000]);
  const list = await get('/api/tailrace/traces?id=t');
  expect(list.text.length).toBeLessThan(2_000);
});
