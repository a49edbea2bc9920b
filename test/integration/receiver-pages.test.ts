import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/receiver.js';
import { call, ingestionEvent, otelSpan, postJson, postProtobuf } from '../unit/receiver/helpers.js';

const hostileId = `<img src=x onerror="alert('id')">/../?#%`;

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver({ port: 0 });
});
afterAll(() => receiver.close());

/** As a browser follows a link: character references in an attribute stand for characters. */
const page = (path: string) =>
  call(`${receiver.url}${path.replaceAll('&#39;', "'")}`, {
    headers: { authorization: '', accept: 'text/html' },
  });

describe('the pages', () => {
  it('tell where to send traces while there are none', async () => {
    const { status, text } = await page('/');
    expect(status).toBe(200);
    expect(text).toContain(`LANGFUSE_BASE_URL=${receiver.url}`);
  });

  it('show hostile names, ids and payloads as text, and link to them', async () => {
    const hostile = `</pre></details><script>alert("payload")</script>`;
    const large = JSON.stringify({ text: `${hostile}${'x'.repeat(150_000)}` });
    await postJson(`${receiver.url}/api/public/ingestion`, {
      batch: [
        ingestionEvent('trace-create', {
          id: hostileId,
          name: hostile,
          userId: hostile,
          tags: [hostile],
          metadata: { [hostile]: hostile },
        }),
        ingestionEvent('tool-create', {
          id: hostileId,
          traceId: hostileId,
          name: hostile,
          level: 'ERROR',
          statusMessage: hostile,
          input: [{ role: hostile, content: hostile }],
          output: large,
        }),
        ingestionEvent('score-create', {
          traceId: hostileId,
          name: hostile,
          value: hostile,
          comment: hostile,
        }),
      ],
    });
    const list = await page('/');
    const link = /href="(\/trace\/[^"]+)"/.exec(list.text)?.[1] ?? '';
    const trace = await page(link);
    for (const { status, text } of [list, trace]) {
      expect(status).toBe(200);
      expect(text).toContain('&lt;script&gt;alert(&quot;payload&quot;)');
      expect(text).not.toMatch(/<script|<img/);
    }
    const full = /href="([^"]+\/output)"/.exec(trace.text)?.[1] ?? '';
    const text = await page(full);
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text.text).toBe(JSON.stringify(JSON.parse(large), null, 2));
  });

  it('allow no script, no frame and nothing from elsewhere', async () => {
    for (const path of ['/', '/trace/none', `/trace/${encodeURIComponent(hostileId)}/metadata`]) {
      const { headers } = await page(path);
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[^']+';.*frame-ancestors 'none'/,
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('say what is not there, to people in HTML', async () => {
    const missing = await page('/trace/none');
    expect(missing.status).toBe(404);
    expect(missing.text).toContain('<h1>Not found</h1>');
    expect((await page('/nowhere')).status).toBe(404);
    expect((await page('/?page=x')).status).toBe(400);
  });

  it('show a trace as a tree, and its roll-ups in the list', async () => {
    const root = otelSpan({ spanId: '0000000000000001', name: 'plan the trip', endMs: 2000 });
    const below = otelSpan({
      spanId: '0000000000000002',
      parentSpanId: '0000000000000001',
      name: 'book a flight',
      error: 'no seats left',
      attributes: {
        'langfuse.observation.type': 'tool',
        'langfuse.observation.usage_details': '{"input":1200,"output":34}',
      },
    });
    await postProtobuf(
      receiver.url,
      ProtobufTraceSerializer.serializeRequest([below, root] as ReadableSpan[]) as Uint8Array,
    );
    const { text } = await page(`/trace/${root.spanContext().traceId}`);
    expect(text).toMatch(
      /plan the trip[\s\S]*<ul><li>[\s\S]*class="node error"[\s\S]*book a flight[\s\S]*no seats left/,
    );
    const row = (await page('/')).text.split('<tr>').find((part) => part.includes('plan the trip')) ?? '';
    expect(row).toContain('2.00 s');
    expect(row).toContain('1,234');
    expect(row).toContain('<span class="bad">1</span>');
  });
});
