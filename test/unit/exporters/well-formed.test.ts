/** Half a character, which JavaScript's texts may hold, is on no wire: strict readers of UTF-8 and JSON refuse the request. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExporter } from '../../../src/exporters/langfuse/exporter.js';
import { TRACE } from '../../../src/records/kinds.js';
import { OBSERVATION_TYPES } from '../../../src/records/vocabulary.js';
import type { EncodedRecord } from '../../../src/shared/contract/exporter.js';
import type { LangfuseExporterOptions } from '../../../src/shared/langfuse-options.js';
import { eventBytes } from '../../support/event-bytes.js';
import { finishedSpan, finishedSpans } from '../../support/finished-spans.js';
import { startOtlpExporter } from '../../support/otlp-exporting.js';
import { fromProtobuf } from '../../support/otlp-messages.js';
import { exporterContext, observation, score } from '../../support/records.js';

const HALVES = ['\ud83d', '\ude00', '\udfff', '\ud800'];
/** Halves alone, side by side with text of each kind, among what JSON escapes and what looks like an escape. */
const text = fc
  .array(fc.constantFrom(...HALVES, '😀', 'é', '漢', 'a', '"', '\\', '\\ud83d', '\n', 'plain text '), {
    maxLength: 30,
  })
  .map((parts) => parts.join(''));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
}));
const object = fc.dictionary(text, value, { maxKeys: 3 });
const traceAttributes = fc.tuple(text, text, text, fc.array(text), fc.array(value), text, fc.boolean());
const observations = fc
  .record({
    kind: fc.constantFrom(0, TRACE),
    type: fc.nat(OBSERVATION_TYPES.length - 1),
    name: text,
    statusMessage: text,
    version: text,
    environment: text,
    model: text,
    modelParameters: value,
    usageDetails: fc.dictionary(text, fc.nat(), { maxKeys: 2 }),
    promptName: text,
    promptVersion: fc.constant(1),
    input: value,
    output: value,
    metadata: fc.array(value, { minLength: 1, maxLength: 3 }),
    trace: traceAttributes,
  })
  .map((fields) => observation(fields));
const scores = fc
  .record({
    id: text,
    sessionId: text,
    datasetRunId: text,
    name: text,
    value: text,
    comment: text,
    configId: text,
    environment: text,
    metadata: fc.oneof(value, object),
  })
  .map((fields) => score(fields));

function utf8Of(body: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(body);
}

/** Throws at what a strict reader throws at. */
function expectWellFormedJson(body: Uint8Array): void {
  const json: unknown = JSON.parse(utf8Of(body));
  visit(json);
  for (const text of jsonIn(json)) visit(JSON.parse(text));
}

function visit(value: unknown): void {
  if (typeof value === 'string') expect(value.isWellFormed(), JSON.stringify(value)).toBe(true);
  else if (typeof value === 'object' && value !== null)
    for (const entry of Object.entries(value).flat()) visit(entry);
}

/** The texts in it that are JSON of what was no text: none of ours begins so. */
function jsonIn(value: unknown): string[] {
  if (typeof value === 'string') return /^[[{]/.test(value) ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(jsonIn) : [];
}

async function start(options: Partial<LangfuseExporterOptions>) {
  const exporter = await createExporter(
    { baseUrl: 'http://x', publicKey: 'pk', secretKey: 'sk', sdkVersion: '1', ...options },
    exporterContext(),
  );
  const encode = (record: unknown) =>
    exporter.encodeBytes?.(eventBytes(record)) as EncodedRecord & { lane: string };
  return (record: unknown): { id: string; body: Buffer } => {
    const encoded = encode(record);
    const { body } = exporter.request(encoded.lane, [encoded]);
    return { id: encoded.id, body: Buffer.concat([body].flat() as Uint8Array[]) };
  };
}

describe('half a character is U+FFFD', () => {
  it.each(['otel', 'ingestion'] as const)(
    'in scores beside protocol %s, which are known by the same id',
    async (protocol) => {
      const send = await start({ protocol });
      fc.assert(
        fc.property(scores, (record) => {
          const { id, body } = send(record);
          expectWellFormedJson(body);
          expect(JSON.parse(body.toString()).batch[0].body.id).toBe(id);
        }),
      );
    },
  );

  it.each([undefined, 4096])('in classic events of at most %j bytes', async (maxEventBytes) => {
    const send = await start({ protocol: 'ingestion', maxEventBytes });
    fc.assert(fc.property(observations, (record) => expectWellFormedJson(send(record).body)));
  });

  it('in classic events that are cut', async () => {
    const send = await start({ protocol: 'ingestion', maxEventBytes: 4096 });
    const long = '😀\ud83d'.repeat(3000);
    const { body } = send(
      observation({ input: { long }, output: long, metadata: [{ [long.slice(0, 50)]: long }] }),
    );
    expect(body.byteLength).toBeLessThan(5000);
    expectWellFormedJson(body);
  });

  it('in spans for a Langfuse server, and in the JSON that their attributes hold', async () => {
    const send = await start({});
    fc.assert(
      fc.property(observations, (record) => {
        const message = fromProtobuf(send(record).body);
        visit(message);
        for (const one of jsonIn(message)) visit(JSON.parse(one));
      }),
    );
  });

  it('in spans of OpenTelemetry, as protobuf and as JSON', () => {
    const protobuf = startOtlpExporter({ protocol: 'http/protobuf' });
    const json = startOtlpExporter({ protocol: 'http/json' });
    fc.assert(
      fc.property(finishedSpans, text, object, (spans, name, attributes) => {
        const all = [...spans, finishedSpan({ name, attributes })];
        visit(JSON.parse(utf8Of(json.body(all))));
        visit(fromProtobuf(protobuf.body(all)));
      }),
    );
  });
});
