/** Real bodies: what the client sends of the sample agent, and of recorded agent runs where these are at hand. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { replayFile } from '../../dist/cli/replay/replay.js';
import { runSampleAgent } from '../../dist/cli/sample/agent.js';
import { Tailrace } from '../../dist/esm/index.js';

const require = createRequire(import.meta.url);
const { opentelemetry } = require('otlp-transformer-0.205/build/src/generated/root');
const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;

const AGENT_RUNS = fileURLToPath(new URL('../../../shared/data/airline-agent-runs.jsonl', import.meta.url));
const OTLP = '/api/public/otel/v1/traces';
const MAX_EACH = 60;

/** @returns {Promise<{ path: string, method: string, type: string, body: Buffer }[]>} */
export async function realBodies() {
  const captured = [];
  const server = createServer(async (incoming, response) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const wire = Buffer.concat(chunks);
    const body = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire;
    captured.push({ path: incoming.url, method: 'POST', type: incoming.headers['content-type'], body });
    if (incoming.url === OTLP) response.end();
    else {
      const successes = JSON.parse(body).batch.map(({ id }) => ({ id, status: 201 }));
      response
        .writeHead(207, { 'content-type': 'application/json' })
        .end(JSON.stringify({ successes, errors: [] }));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  for (const protocol of ['otel', 'ingestion']) {
    const client = new Tailrace({
      publicKey: 'pk',
      secretKey: 'sk',
      baseUrl,
      protocol,
      flushAt: 10,
      proxy: false,
    });
    runSampleAgent(client);
    if (existsSync(AGENT_RUNS)) await replayFile(client, AGENT_RUNS, { name: 'airline', repeat: 1 });
    await client.shutdown();
  }
  server.close();
  const isOtlp = ({ path }) => path === OTLP;
  const isClassic = (one) => !isOtlp(one);
  const chosen = [isOtlp, isClassic].flatMap((isOfKind) => spread(captured.filter(isOfKind), MAX_EACH));
  const json = chosen
    .filter(({ path }) => path === OTLP)
    .map(({ body }) => ({ path: OTLP, method: 'POST', type: 'application/json', body: otlpJson(body) }));
  return [...chosen, ...json, ...otherBodies()];
}

function spread(list, count) {
  const step = Math.max(1, Math.floor(list.length / count));
  return list.filter((_, index) => index % step === 0).slice(0, count);
}

function otlpJson(body) {
  const request = ExportTraceServiceRequest.toObject(ExportTraceServiceRequest.decode(body), {
    longs: String,
    bytes: String,
  });
  const hex = (base64) => Buffer.from(base64, 'base64').toString('hex');
  const ids = ['traceId', 'spanId', 'parentSpanId'];
  return Buffer.from(
    JSON.stringify(request, (key, value) =>
      ids.includes(key) && typeof value === 'string' ? hex(value) : value,
    ),
  );
}

function otherBodies() {
  const body = (value) => Buffer.from(JSON.stringify(value));
  const type = 'application/json';
  const media = {
    contentType: 'image/png',
    contentLength: 4,
    sha256Hash: `${'A'.repeat(43)}=`,
    traceId: 't',
    observationId: 'o',
    field: 'input',
  };
  const report = { uploadedAt: '2026-01-15T12:00:00Z', uploadHttpStatus: 200, uploadHttpError: null };
  const path = '/api/public';
  return [
    {
      path: `${path}/scores`,
      method: 'POST',
      type,
      body: body({
        traceId: 't',
        name: 'n',
        value: 1,
        comment: 'c',
        metadata: { a: 1 },
        dataType: 'NUMERIC',
      }),
    },
    {
      path: `${path}/scores`,
      method: 'POST',
      type,
      body: body({ sessionId: 's', name: 'n', value: 'good' }),
    },
    { path: `${path}/media`, method: 'POST', type, body: body(media) },
    { path: `${path}/media/${'A'.repeat(22)}`, method: 'PATCH', type, body: body(report) },
    { path: `/media/${'A'.repeat(22)}`, method: 'PUT', type: 'image/png', body: Buffer.from('data') },
    { path: `${path}/traces`, method: 'DELETE', type, body: body({ traceIds: ['t', 'u'] }) },
  ];
}
