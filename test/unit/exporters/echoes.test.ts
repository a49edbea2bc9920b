/**
 * Whatever a server makes of what it was sent, in whatever part of its answer: no message shows it. By a seed, which is named
 * where it fails: `SEED=7 ROUNDS=40 npx vitest run test/unit/exporters/echoes.test.ts`.
 */
import { describe, expect, it } from 'vitest';
import { createExporter as createLangfuse } from '../../../src/exporters/langfuse/exporter.js';
import { createExporter as createOtlp } from '../../../src/exporters/otlp/exporter.js';
import type { EncodedRecord, ExportOutcome, HttpExporter } from '../../../src/shared/contract/exporter.js';
import { noteHeaders } from '../../../src/shared/untrusted-text/sent-headers.js';
import { ENCODINGS, holdsControls, randomBy, shownPiece } from '../../support/echoes.js';
import { exporterContext } from '../../support/records.js';

const SEED = Number(process.env.SEED ?? 14);
const ROUNDS = Number(process.env.ROUNDS ?? 3);

const SECRET_KEY = 'sk-lf-0d9f5weep-7c1e-4bd2-hunterzwei';
const HEADER = 'Bearer quokka.Zw5vY2g-kiln';
const PROXY_PASSWORD = 'm4rzipan/gr0tto+';
const BASIC = Buffer.from(`pk-lf-wombat:${SECRET_KEY}`).toString('base64');

const PAYLOADS = [
  'PATIENT Jane Dœ has diabetes; insulin 12 IU',
  '{"kunde":"Zoë","iban":"DE89370400440532013000"}',
  'la contraseña es murciélago/42 & <ok>',
  '患者の名前は山田太郎です。血液型はAB型',
  'zebra-quilt_lava.umbrella',
];

const bodyOf = (payload: string) =>
  Buffer.from(
    JSON.stringify({ id: 'e1', type: 'span-create', body: { input: payload, name: 'support agent' } }),
  );

interface Bench {
  readonly exporter: HttpExporter;
  readonly lane: string;
  readonly told: string[];
}

async function langfuse(lane: string): Promise<Bench> {
  const told: string[] = [];
  const options = {
    baseUrl: 'https://langfuse.example.com',
    publicKey: 'pk-lf-wombat',
    secretKey: SECRET_KEY,
    sdkVersion: '1',
    additionalHeaders: { 'x-proxy': HEADER },
    protocol: lane === 'observations' ? 'ingestion' : 'otel',
  };
  const context = exporterContext({ warning: (_, message) => told.push(message) });
  return { exporter: await createLangfuse(options, context), lane, told };
}

async function otlp(): Promise<Bench> {
  const told: string[] = [];
  const options = {
    url: 'https://collector.example.com/v1/traces',
    headers: { 'x-proxy': HEADER, authorization: `Basic ${BASIC}` },
  };
  const context = exporterContext({ warning: (_, message) => told.push(message) });
  return { exporter: await createOtlp(options, context), lane: 'spans', told };
}

const field = (number: number, bytes: Uint8Array): Buffer => {
  const length: number[] = [];
  for (let left = bytes.byteLength; ; left >>>= 7) {
    length.push(left > 0x7f ? (left & 0x7f) | 0x80 : left);
    if (left <= 0x7f) break;
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
};

type Answer = { status: number; headers?: Record<string, string>; body?: string | Buffer };

/** Each part of an answer that comes into words. */
const FIELDS: Readonly<Record<string, (words: string) => Answer>> = {
  'a text': (words) => ({ status: 400, headers: { 'content-type': 'text/plain' }, body: words }),
  'a text with another status': (words) => ({ status: 503, body: words }),
  'JSON of wrong keys': (words) => ({ status: 401, body: JSON.stringify({ message: words }) }),
  'JSON of what is not there': (words) => ({
    status: 404,
    body: JSON.stringify({ error: words, path: [words] }),
  }),
  'a page': (words) => ({ status: 502, body: `<html><title>Bad Gateway</title><pre>${words}</pre></html>` }),
  'a page with a success': (words) => ({
    status: 200,
    body: `<!doctype html><p title="${words}">${words}</p>`,
  }),
  'the body that is too large': (words) => ({ status: 413, body: words }),
  'where a redirect leads': (words) => ({
    status: 302,
    headers: { location: `https://${words.replace(/[^\w.-]/g, '')}.example.com/${words}?${words}` },
    body: words,
  }),
  'the host of a redirect alone': (words) => ({
    status: 307,
    headers: { location: `//${encodeURIComponent(words)}` },
  }),
  'the type': (words) => ({ status: 500, headers: { 'content-type': `text/${words}` }, body: 'ß' }),
  'when to try again': (words) => ({ status: 429, headers: { 'retry-after': words }, body: words }),
  'the refusal of an event': (words) => ({
    status: 207,
    body: JSON.stringify({
      successes: [],
      errors: [{ id: words, status: words, message: words, error: [{ received: words }] }],
    }),
  }),
  'the refusal of an event by its error alone': (words) => ({
    status: 207,
    body: JSON.stringify({ successes: [], errors: [{ id: 'e1', status: 400, error: words }] }),
  }),
  'a partial success in JSON': (words) => ({
    status: 200,
    body: JSON.stringify({ partialSuccess: { rejectedSpans: 1, errorMessage: words } }),
  }),
  'a warning in JSON': (words) => ({
    status: 200,
    body: JSON.stringify({ partialSuccess: { errorMessage: words } }),
  }),
  'a partial success in protobuf': (words) => ({
    status: 200,
    body: field(1, Buffer.concat([Buffer.from([8, 1]), field(2, Buffer.from(words))])),
  }),
  'a status in protobuf': (words) => ({
    status: 400,
    headers: { 'content-type': 'application/x-protobuf' },
    body: field(2, Buffer.from(words)),
  }),
};

function messagesOf(
  { exporter, lane, told }: Bench,
  payload: string,
  { status, headers = {}, body = '' }: Answer,
): string {
  told.length = 0;
  const records: EncodedRecord[] = [{ lane, id: 'e1', bytes: bodyOf(payload) }];
  const response = { status, headers, body: Buffer.from(body as string) };
  noteHeaders(response, {
    ...exporter.request(lane, []).headers,
    'proxy-authorization': `Basic ${Buffer.from(`puffin:${PROXY_PASSWORD}`).toString('base64')}`,
  });
  const outcome: ExportOutcome = exporter.outcome(lane, records, response);
  const reasons = 'reason' in outcome ? [outcome.reason] : [];
  const refused = outcome.kind === 'partial' ? outcome.refused.map(({ reason }) => reason) : [];
  return [...reasons, ...refused, ...told].join('\n');
}

const ORIGINS = [SECRET_KEY, HEADER.slice(7), BASIC, PROXY_PASSWORD, `puffin:${PROXY_PASSWORD}`];

describe.each([
  ['spans to Langfuse', () => langfuse('spans')],
  ['scores to Langfuse', () => langfuse('scores')],
  ['events to Langfuse', () => langfuse('observations')],
  ['spans to a collector', otlp],
])('of %s', (_, start) => {
  it.each(Object.entries(FIELDS))('no message shows what is in %s', async (name, answerOf) => {
    const bench = await start();
    const random = randomBy(SEED);
    const encodings = Object.entries(ENCODINGS);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [first, encode] of encodings) {
        const payload = PAYLOADS[Math.floor(random() * PAYLOADS.length)] as string;
        const origin = [payload, payload, ...ORIGINS][Math.floor(random() * (ORIGINS.length + 2))] as string;
        const [second, encodeAgain] = encodings[Math.floor(random() * encodings.length)] as [
          string,
          typeof encode,
        ];
        // What is left of a cut is less than what is put around it.
        const isTwice = round % 2 === 1 && !(/cut/.test(first) && /among/.test(second));
        const echo = isTwice ? encodeAgain(encode(origin, random), random) : encode(origin, random);
        const words = (middle: string) => `invalid request: cannot read ${middle} of this event`;
        const message = messagesOf(bench, payload, answerOf(words(echo)));
        const without = messagesOf(bench, payload, answerOf(words('')));
        const isCut = /cut/.test(first + (isTwice ? second : ''));
        const shown =
          shownPiece(message, echo, without) ?? (isCut ? undefined : shownPiece(message, origin, without));
        const how = `seed ${SEED}, round ${round}: ${origin} ${first}${isTwice ? `, ${second}` : ''}, in ${name}`;
        expect({ how, shown, message: shown && message }).toEqual({
          how,
          shown: undefined,
          message: undefined,
        });
        expect(holdsControls(message.replaceAll('\n', ''))).toBe(false);
      }
    }
  });
});
