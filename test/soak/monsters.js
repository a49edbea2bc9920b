/** Bodies that would keep a server from everybody else: large, deep, or small and large once they are inflated. */
import { gzipSync } from 'node:zlib';

const MEBIBYTE = 1024 * 1024;
const TRACE_ID = Buffer.from('0af7651916cd43dd8448eb211c80319c', 'hex');

/** Each makes its body when it is called. */
export function monsters() {
  return [
    () => zipped(Buffer.alloc(60 * MEBIBYTE, Buffer.from([0x0a, 0]))),
    () => zipped(request(Buffer.alloc(60 * MEBIBYTE, Buffer.from([0x12, 0])))),
    () => zipped(Buffer.alloc(65 * MEBIBYTE)),
    () => zipped(gzipSync(Buffer.alloc(MEBIBYTE))),
    () => zipped(request(spans(60_000))),
    () => zipped(request(spans(20_000))),
    () => zipped(request(span(1, Buffer.alloc(380_000, Buffer.from([0x4a, 0]))))),
    () => zipped(request(span(2, Buffer.alloc(380_000, Buffer.from([0x5a, 0]))))),
    () =>
      zipped(
        request(
          span(
            3,
            attribute(
              'langfuse.observation.input',
              message(5, Buffer.alloc(380_000, Buffer.from([0x0a, 0]))),
            ),
          ),
        ),
      ),
    () =>
      zipped(request(span(4, ...Array.from({ length: 45_000 }, (_, i) => attribute(`k${i}`, text('v')))))),
    () =>
      zipped(
        request(span(5, attribute('langfuse.observation.input', text(`[${'[],'.repeat(20 * MEBIBYTE)}0]`)))),
      ),
    () =>
      zipped(
        request(
          span(6, attribute('langfuse.observation.metadata', text(`{"a":"${'\\n'.repeat(29 * MEBIBYTE)}"}`))),
        ),
      ),
    () =>
      zipped(
        request(span(7, attribute('langfuse.observation.metadata', text(`{"a":[${'0,'.repeat(45_000)}0]}`)))),
      ),
    () =>
      zipped(
        request(
          span(
            8,
            attribute(
              'langfuse.observation.input',
              text(`${'['.repeat(990) + '0,'.repeat(400_000)}0${']'.repeat(990)}`),
            ),
          ),
        ),
      ),
    () => otlpJson(`[${'[],'.repeat(20 * MEBIBYTE)}0]`),
    () => otlpJson('['.repeat(60 * MEBIBYTE)),
    () => otlpJson(`[{"key":"a","value":{"arrayValue":{"values":[${'{},'.repeat(45_000)}{}]}}}]`),
    () => ingestion(`[${'0,'.repeat(2 * MEBIBYTE)}0]`),
    () => ingestion('['.repeat(2 * MEBIBYTE) + ']'.repeat(2 * MEBIBYTE)),
    () => ingestion(`[${'0,'.repeat(19_998)}0]`),
    () => ingestion(`[${event('trace-create', { id: 't', tags: many(100_000, (i) => `tag ${i}`) })}]`),
    () => ingestion(`[${many(18_000, (i) => event('trace-create', { id: `many-${i % 100}` })).join()}]`),
    () => {
      const metadata = Object.fromEntries(many(45_000, (i) => [`k${i}`, 0]));
      const later = many(5_000, () => event('trace-create', { id: 't', metadata: { n: { k1: 1 } } }));
      return ingestion(`[${event('trace-create', { id: 't', metadata: { n: metadata } })},${later.join()}]`);
    },
    () => {
      const metadata = Object.fromEntries(many(45_000, (i) => [`k${i}`, 0]));
      const later = many(20, () => event('span-update', { id: 'o', traceId: 't', metadata: { k1: 1 } }));
      return ingestion(`[${event('span-create', { id: 'o', traceId: 't', metadata })},${later.join()}]`);
    },
  ];
}

function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function message(field, ...parts) {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

const text = (value) => message(1, Buffer.from(value));
const attribute = (key, value) => message(9, text(key), message(2, value));
const request = (scopeSpans) => message(1, message(2, scopeSpans));

function span(index, ...fields) {
  const spanId = Buffer.alloc(8);
  spanId.writeUInt32BE(index + 1, 4);
  return message(2, message(1, TRACE_ID), message(2, spanId), message(5, Buffer.from('monster')), ...fields);
}

const spans = (count) => Buffer.concat(many(count, (index) => span(index)));
const many = (length, make) => Array.from({ length }, (_, index) => make(index));

function zipped(body) {
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
  return { method: 'POST', path: '/api/public/otel/v1/traces', headers, body: gzipSync(body, { level: 1 }) };
}

function otlpJson(attributes) {
  const body = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${TRACE_ID.toString('hex')}","spanId":"00f067aa0ba902b7","attributes":${attributes}}]}]}]}`;
  return {
    method: 'POST',
    path: '/api/public/otel/v1/traces',
    headers: { 'content-type': 'application/json' },
    body,
  };
}

function ingestion(batch) {
  return {
    method: 'POST',
    path: '/api/public/ingestion',
    headers: { 'content-type': 'application/json' },
    body: `{"batch":${batch}}`,
  };
}

function event(type, body) {
  return JSON.stringify({ id: 'e', type, timestamp: '2026-01-15T12:00:00Z', body });
}
