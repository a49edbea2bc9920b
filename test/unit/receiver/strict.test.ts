/** A strict receiver answers with what a Langfuse server would not have stored as it came. */
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { afterEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/ingest/findings.js';
import { type Receiver, startReceiver } from '../../../src/receiver/receiver.js';
import { atOnce } from '../../../src/receiver/slices.js';
import { MAX_COMPLAINTS } from '../../../src/receiver/store/contract.js';
import { openSqliteStore } from '../../../src/receiver/store/sqlite/store.js';
import { prepareComplaints } from '../../../src/receiver/store/sqlite/write/complaint-writer.js';
import { call, ingestionEvent, otelSpan, postJson, type SpanSpec } from './helpers.js';

let receiver: Receiver;
afterEach(() => receiver?.close());

const dropped = { 'langfuse.observation.type': 'generation', 'langfuse.observation.prompt.name': 'p' };
const changed = { 'langfuse.observation.level': 'LOUD' };

function spans(...attributes: SpanSpec['attributes'][]): Uint8Array {
  const list = attributes.map((one, index) =>
    otelSpan({ scope: 'langfuse-sdk', spanId: `000000000000000${index + 1}`, attributes: one }),
  );
  return ProtobufTraceSerializer.serializeRequest(list) as Uint8Array;
}

/** The official decoder reads what this receiver has written by hand. */
async function post(body: Uint8Array) {
  const response = await fetch(`${receiver.url}/api/public/otel/v1/traces`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('a:b')}`, 'content-type': 'application/x-protobuf' },
    body: body as Uint8Array<ArrayBuffer>,
  });
  expect(response.status).toBe(200);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.length === 0 ? {} : ProtobufTraceSerializer.deserializeResponse(bytes);
}

describe('an OTLP request', () => {
  it('is answered with the spans that are dropped, and why', async () => {
    receiver = await startReceiver({ port: 0, strict: true });
    const answer = await post(spans(dropped, changed, dropped));
    expect(answer).toEqual({ partialSuccess: { rejectedSpans: 2, errorMessage: expect.any(String) } });
    const words = answer.partialSuccess?.errorMessage;
    expect(words).toMatch(/^a Langfuse server does not store: prompt-incomplete ×2, level-unknown \(/);
    expect(await receiver.counts()).toMatchObject({ observations: 1 });
  });

  it('is answered with a warning where spans are only changed', async () => {
    receiver = await startReceiver({ port: 0, strict: true });
    const answer = await post(spans(changed));
    expect(answer.partialSuccess?.rejectedSpans ?? 0).toBe(0);
    expect(answer.partialSuccess?.errorMessage).toMatch(/^a Langfuse server changes: level-unknown \(/);
  });

  it('is answered in JSON where it is JSON', async () => {
    receiver = await startReceiver({ port: 0, strict: true });
    const attributes = [{ key: 'langfuse.observation.level', value: { stringValue: 'LOUD' } }];
    const span = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: '00f067aa0ba902b7',
      startTimeUnixNano: '1',
      endTimeUnixNano: '1000000000',
      attributes,
    };
    const body = { resourceSpans: [{ scopeSpans: [{ scope: { name: 'langfuse-sdk' }, spans: [span] }] }] };
    const { json } = await postJson(`${receiver.url}/api/public/otel/v1/traces`, body);
    expect(json.partialSuccess).toMatchObject({
      rejectedSpans: '0',
      errorMessage: expect.stringContaining('level-unknown'),
    });
  });

  it('with nothing to say, or to a receiver that is not strict, is answered with nothing', async () => {
    receiver = await startReceiver({ port: 0, strict: true });
    expect(await post(spans({}))).toEqual({});
    await receiver.close();
    receiver = await startReceiver({ port: 0 });
    expect(await post(spans(dropped))).toEqual({});
    expect((await receiver.complaints()).complaints).toMatchObject([{ code: 'prompt-incomplete' }]);
  });
});

describe('a classic batch', () => {
  it.each([
    [true, 2],
    [false, 1],
  ])(
    'with strictness %s has %i errors: also for what a server acknowledges and leaves out',
    async (strict, errors) => {
      receiver = await startReceiver({ port: 0, strict });
      const batch = [
        ingestionEvent('trace-create', { name: 'without id' }),
        ingestionEvent('trace-create', { id: 't', public: 1 }),
        ingestionEvent('trace-create', { id: 't', environment: 'Prod' }),
      ];
      const { json } = await postJson(`${receiver.url}/api/public/ingestion`, { batch });
      expect(json.errors).toHaveLength(errors);
      expect(json.successes).toHaveLength(3 - errors);
      for (const { status } of json.errors) expect(status).toBe(400);
    },
  );
});

describe('complaints beyond the limit', () => {
  it('are counted, and not kept', async () => {
    const store = await openSqliteStore();
    const finding = (index: number): Finding => ({
      code: 'level-unknown',
      traceId: 't',
      observationId: `o${index}`,
      field: 'level',
      message: 'level must be another one',
    });
    const findings = Array.from({ length: MAX_COMPLAINTS + 25 }, (_, index) => finding(index));
    await store.write({ traces: [], observations: [], scores: [], findings: findings.slice(0, 5000) });
    await store.write({ traces: [], observations: [], scores: [], findings: findings.slice(4000) });
    expect(await store.complaints.all()).toHaveLength(MAX_COMPLAINTS);
    expect(await store.complaints.beyond()).toBe(25);
    // A start on the same file goes on counting.
    atOnce(prepareComplaints(store.database).write([finding(-1), finding(0)], 1));
    expect(await store.complaints.beyond()).toBe(26);
    await store.close();
  });
});

describe('any number of tags', () => {
  it('is stored, merged and asked for', async () => {
    receiver = await startReceiver({ port: 0 });
    const tags = Array.from({ length: 1500 }, (_, index) => `t${index}`);
    const event = (id: string, some: string[]) => ingestionEvent('trace-create', { id, tags: some });
    await postJson(`${receiver.url}/api/public/ingestion`, {
      batch: [event('a', tags.slice(0, 900)), event('b', tags)],
    });
    await postJson(`${receiver.url}/api/public/ingestion`, { batch: [event('a', tags.slice(600))] });
    const found = await call(`${receiver.url}/api/public/traces?tags=${tags.join(',')}`);
    expect(found.json.data).toHaveLength(2);
    expect(found.json.data[0].tags).toHaveLength(1500);
  });
});
