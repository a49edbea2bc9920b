/** Records of a client on their way to collectors: bodies, lanes, endpoints with their credentials, and whose spool is whose. */
import { describe, expect, it } from 'vitest';
import { createExporter } from '../../../../src/exporters/otlp/records-exporter.js';
import type { EncodedRecord } from '../../../../src/shared/contract/exporter.js';
import type { OtlpRecordsOptions, OtlpServers } from '../../../../src/shared/contract/otlp-options.js';
import { eventBytes } from '../../../support/event-bytes.js';
import { decodeRequest } from '../../../support/otlp.js';
import { exporterContext, idBytes, observation, score } from '../../../support/records.js';

const A: OtlpServers = { url: 'http://a:4318/v1/traces', headers: { 'x-key': 'key-of-a' } };
const B: OtlpServers = { url: 'http://b:4318/v1/traces', headers: { authorization: 'Bearer token-of-b' } };
const C: OtlpServers = { url: 'http://c:4318/v1/traces' };

async function start(servers: OtlpServers, options: Partial<OtlpRecordsOptions> = {}) {
  const exporter = await createExporter(
    { sdkVersion: '1', otlp: { ...servers, resource: { 'service.name': 'shop' } }, ...options },
    exporterContext(),
  );
  const encode = (record: unknown) => exporter.encodeBytes?.(eventBytes(record)) as EncodedRecord;
  return { exporter, encode };
}

const bodyOf = (body: Uint8Array | readonly Uint8Array[]) => Buffer.concat([body].flat() as Uint8Array[]);
const ofTrace = (n: number) => observation({ traceId: idBytes(n.toString(16).padStart(32, 'f')) });

describe('records to one collector', () => {
  it('are in one lane, and in one body with the resource, whose size is known', async () => {
    const { exporter, encode } = await start(A);
    const records = [1, 2, 3].map((n) => encode(ofTrace(n)));
    expect(new Set(records.map(({ lane }) => lane))).toEqual(new Set(['spans']));
    const { url, headers, body } = exporter.request('spans', records);
    expect({ url, headers }).toMatchObject({
      url: A.url,
      headers: { 'x-key': 'key-of-a', 'content-type': 'application/x-protobuf' },
    });
    const bytes = records.reduce((sum, one) => sum + one.bytes.byteLength, 0);
    expect(exporter.bodyBytes?.('spans', 3, bytes)).toBe(bodyOf(body).byteLength);
    const { resource, spans } = decodeRequest(bodyOf(body));
    expect(resource).toMatchObject({ 'service.name': 'shop' });
    expect(spans).toHaveLength(3);
    expect(exporter.endpoints?.('spans')).toBeUndefined();
  });

  it('may be refused for good by 401: there is nowhere else to go', async () => {
    const { exporter } = await start(A);
    const answer = { status: 401, headers: {}, body: new Uint8Array() };
    expect(exporter.outcome('spans', [], answer)).toMatchObject({ kind: 'failure' });
  });

  it('have no place for scores, and a Langfuse server has', async () => {
    const { exporter, encode } = await start(A);
    expect(exporter.refusal?.(encode(score()).lane)).toContain('OTLP has no form for them');
    expect(exporter.refusal?.('spans')).toBeUndefined();
    const langfuse = { baseUrl: 'http://lf', publicKey: 'pk', secretKey: 'sk' };
    const both = await start(A, { langfuse });
    const record = both.encode(score());
    expect(both.exporter.refusal?.(record.lane)).toBeUndefined();
    const request = both.exporter.request(record.lane, [record]);
    expect(request.url).toBe('http://lf/api/public/ingestion');
    expect(JSON.stringify(request.headers)).not.toContain('key-of-a');
  });
});

describe('records to several collectors', () => {
  it('go with the headers of none, which each endpoint adds', async () => {
    const { exporter, encode } = await start({ ...A, others: [B] });
    const request = exporter.request('spans', [encode(ofTrace(1))]);
    expect(JSON.stringify(request.headers)).not.toMatch(/key-of-a|token-of-b/);
    expect(exporter.endpoints?.('spans')).toMatchObject([
      { url: A.url, headers: { 'x-key': 'key-of-a' } },
      { url: B.url, headers: { authorization: 'Bearer token-of-b' } },
    ]);
  });

  it('may be taken by the next one if one refuses the credentials, and names the one that answered', async () => {
    const { exporter } = await start({ ...A, others: [B] });
    const second = exporter.endpoints?.('spans')?.[1];
    const answer = { status: 401, headers: {}, body: new Uint8Array() };
    expect(exporter.outcome('spans', [], answer, second)).toMatchObject({
      kind: 'retryable',
      misconfigured: true,
      reason: expect.stringContaining('b:4318'),
    });
  });

  it.each([429, 502, 503, 504, 401, 403, 404, 405, 407, 302])(
    'go to the next one after %d',
    async (status) => {
      const { exporter } = await start({ ...A, others: [B] });
      const answer = { status, headers: {}, body: new Uint8Array() };
      expect(exporter.outcome('spans', [], answer)).toMatchObject({ kind: 'retryable' });
    },
  );

  it.each([400, 422, 500])(
    'do not after %d: it is about the spans, as far as anybody knows',
    async (status) => {
      const { exporter } = await start({ ...A, others: [B] });
      const answer = { status, headers: {}, body: new Uint8Array() };
      expect(exporter.outcome('spans', [], answer)).toMatchObject({ kind: 'failure' });
    },
  );

  it('have a lane for each first and second endpoint, if traces are kept together', async () => {
    const { exporter, encode } = await start({ ...A, others: [B, C], balance: 'trace' });
    const lanes = new Map<string, number>();
    for (let n = 0; n < 600; n++) {
      const { lane } = encode(ofTrace(n));
      lanes.set(lane, (lanes.get(lane) ?? 0) + 1);
      expect(encode(ofTrace(n)).lane).toBe(lane);
    }
    expect(lanes.size).toBe(6);
    for (const count of lanes.values()) expect(count).toBeGreaterThan(50);
    for (const lane of lanes.keys()) {
      const [, first, second] = /^spans for endpoint (\d), else (\d)$/.exec(lane) ?? [];
      const urls = exporter.endpoints?.(lane)?.map(({ url }) => url) as string[];
      const all = [A, B, C].map(({ url }) => url);
      expect(urls.slice(0, 2)).toEqual([all[Number(first) - 1], all[Number(second) - 1]]);
      expect([...urls].sort()).toEqual(all);
      expect(exporter.bodyBytes?.(lane, 1, 100)).toBe(exporter.bodyBytes?.('spans', 1, 100));
    }
  });

  it('have a spool of their own, by addresses, their order, the balance and the headers', async () => {
    const identities = await Promise.all(
      [
        A,
        B,
        { ...A, others: [B] },
        { ...B, others: [A] },
        { ...A, others: [B], balance: 'trace' as const },
        { ...A, others: [{ ...B, headers: {} }] },
        { ...A, others: [B, C] },
      ].map(async (servers) => (await start(servers)).exporter.spoolIdentity),
    );
    expect(new Set(identities).size).toBe(identities.length);
    expect(identities.join()).not.toMatch(/key-of-a|token-of-b/);
  });
});
