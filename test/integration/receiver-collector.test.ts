/** The paths of an OpenTelemetry collector: stock SDKs need the endpoint alone, and get the answers of OTLP/HTTP. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ReceiverOptions, startReceiver } from '../../src/receiver/receiver.js';
import { DATABASE_FILE_NAME } from '../../src/receiver/store/sqlite/folder.js';
import { openDatabase } from '../../src/receiver/store/sqlite/sqlite.js';
import { REPOSITORY, run } from '../support/programs.js';
import { type StoredTrace, storedTraces } from '../support/stored.js';
import { otelSpan } from '../unit/receiver/helpers.js';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

async function startHere(options: ReceiverOptions = {}) {
  const receiver = await startReceiver({ port: 0, ...options });
  onTestFinished(() => receiver.close());
  return receiver;
}

async function post(url: string, body: Uint8Array | string, type: string, headers: object = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body: body as never,
  });
  return {
    status: response.status,
    type: response.headers.get('content-type')?.split(';')[0],
    retryAfter: response.headers.get('retry-after'),
    body: Buffer.from(await response.arrayBuffer()),
  };
}

const span = otelSpan();
const asProtobuf = ProtobufTraceSerializer.serializeRequest([span]) as Uint8Array;
const asJson = JsonTraceSerializer.serializeRequest([span]) as Uint8Array;
/** google.rpc.Status: code (field 1), message (field 2). */
const statusOf = (body: Buffer) => ({ tags: [body[0], body[2]], code: body[1], text: `${body.subarray(4)}` });

describe("OpenTelemetry's own SDK", () => {
  it.each([['http/protobuf'], ['http/json']])(
    'traces by %s with OTEL_EXPORTER_OTLP_ENDPOINT alone, and complains of nothing that it sends besides',
    async (protocol) => {
      const receiver = await startHere();
      const said = await run(join(REPOSITORY, 'test/fixtures/otel'), ['stock-sdk.mjs'], {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      });
      const warnings = JSON.parse(said) as string[];
      // Warnings of one kind each, which the SDK shows only with OTEL_LOG_LEVEL; nothing counts as failed.
      expect(warnings.filter((text) => !/Partial Success/.test(text))).toEqual([]);
      expect(warnings.join()).toMatch(/stores no metrics: set OTEL_METRICS_EXPORTER=none/);
      expect(warnings.join()).toMatch(/stores no logs: set OTEL_LOGS_EXPORTER=none/);
      const [trace] = (await storedTraces(receiver.url)) as [StoredTrace];
      expect(trace).toMatchObject({ name: 'GET /answer' });
      const { observations } = trace;
      expect(observations.find(({ name }) => name === 'chat gpt-4o')).toMatchObject({
        type: 'GENERATION',
        model: 'gpt-4o',
        usageDetails: { input: 12, output: 3 },
      });
      expect(observations.find(({ name }) => name === 'SELECT orders')).toMatchObject({
        type: 'SPAN',
        level: 'ERROR',
        statusMessage: 'no such table',
      });
      expect((await receiver.complaints()).complaints).toEqual([]);
    },
  );
});

describe('POST /v1/traces', () => {
  it('is answered in the content type of the request', async () => {
    const { url } = await startHere();
    const answers = [
      await post(`${url}/v1/traces`, asProtobuf, PROTOBUF),
      await post(`${url}/v1/traces`, gzipSync(asProtobuf), PROTOBUF, { 'content-encoding': 'gzip' }),
      await post(`${url}/v1/traces`, asJson, JSON_TYPE),
      await post(`${url}/v1/traces`, gzipSync(asJson), JSON_TYPE, { 'content-encoding': 'gzip' }),
    ];
    expect(answers.map(({ status, type, body }) => [status, type, body.toString()])).toEqual([
      [200, PROTOBUF, ''],
      [200, PROTOBUF, ''],
      [200, JSON_TYPE, '{}'],
      [200, JSON_TYPE, '{}'],
    ]);
  });

  it('reports spans that are not stored as a partial success, without --strict', async () => {
    const { url } = await startHere();
    // A server refuses a prompt without its version, and with it the observation.
    const wrong = otelSpan({
      attributes: {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.prompt.name': 'greeting',
      },
    });
    const { status, body } = await post(
      `${url}/v1/traces`,
      JsonTraceSerializer.serializeRequest([wrong]) as Uint8Array,
      JSON_TYPE,
    );
    expect(status).toBe(200);
    expect(JSON.parse(body.toString())).toMatchObject({ partialSuccess: { rejectedSpans: '1' } });
  });

  it('answers errors with a Status message in the content type of the request', async () => {
    const { url } = await startHere();
    const broken = await post(`${url}/v1/traces`, 'no protobuf', PROTOBUF);
    expect(broken).toMatchObject({ status: 400, type: PROTOBUF });
    expect(statusOf(broken.body)).toEqual({
      tags: [0x08, 0x12],
      code: 3,
      text: expect.stringMatching(/^the body is not an OTLP trace request: /),
    });
    const noJson = await post(`${url}/v1/traces`, '{', JSON_TYPE);
    expect(noJson).toMatchObject({ status: 400, type: JSON_TYPE });
    expect(JSON.parse(noJson.body.toString())).toEqual({
      code: 3,
      message: expect.stringMatching(/^the body is not valid JSON/),
    });
    const text = await post(`${url}/v1/traces`, 'x', 'text/plain');
    expect(text).toMatchObject({ status: 415, type: JSON_TYPE });
  });

  it('that cannot be stored is answered so that a client repeats it', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'tailrace-collector-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true }));
    const receiver = await startHere({ dataDir });
    const other = await openDatabase(join(dataDir, DATABASE_FILE_NAME));
    other.exec('BEGIN IMMEDIATE');
    const refused = await post(`${receiver.url}/v1/traces`, asProtobuf, PROTOBUF);
    expect(refused).toMatchObject({ status: 503, type: PROTOBUF, retryAfter: '1' });
    other.exec('ROLLBACK');
    other.close();
    expect((await post(`${receiver.url}/v1/traces`, asProtobuf, PROTOBUF)).status).toBe(200);
    expect(await receiver.counts()).toMatchObject({ observations: 1 });
  });

  it('is refused to pages of other origins, and under names of other hosts', async () => {
    const receiver = await startHere();
    for (const origin of ['https://evil.example', 'http://localhost:5173', 'null']) {
      const answer = await post(`${receiver.url}/v1/traces`, asJson, JSON_TYPE, { origin });
      expect(answer.status, origin).toBe(403);
    }
    const request = httpRequest(`${receiver.url}/v1/traces`, {
      method: 'POST',
      headers: { host: `evil.example:${receiver.port}`, 'content-type': JSON_TYPE },
    });
    request.end(asJson);
    const [response] = await once(request, 'response');
    response.resume();
    expect(response.statusCode).toBe(403);
    expect(await receiver.counts()).toMatchObject({ traces: 0 });
  });
});

describe('metrics and logs', () => {
  it.each([
    ['metrics', 'OTEL_METRICS_EXPORTER', ProtobufMetricsSerializer],
    ['logs', 'OTEL_LOGS_EXPORTER', ProtobufLogsSerializer],
  ])('of /v1/%s are discarded with a warning, not an error', async (signal, variable, serializer) => {
    const receiver = await startHere();
    const inJson = await post(`${receiver.url}/v1/${signal}`, '{}', JSON_TYPE);
    const errorMessage = `the local receiver stores no ${signal}: set ${variable}=none`;
    expect(inJson).toMatchObject({ status: 200, type: JSON_TYPE });
    expect(JSON.parse(inJson.body.toString())).toEqual({ partialSuccess: { errorMessage } });
    const { status, type, body } = await post(`${receiver.url}/v1/${signal}`, 'anything', PROTOBUF);
    expect({ status, type }).toEqual({ status: 200, type: PROTOBUF });
    expect(serializer.deserializeResponse(body)).toMatchObject({ partialSuccess: { errorMessage } });
    expect((await receiver.complaints()).complaints).toEqual([]);
  });
});
