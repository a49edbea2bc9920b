/** The addresses of the page of the local server: what each answers, under which policy. What the page shows is in test/browser. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/receiver.js';
import { call, ingestionEvent, postJson } from '../unit/receiver/helpers.js';

const hostileId = `<img src=x onerror="alert('id')">/../?#%`;

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver({ port: 0 });
});
afterAll(() => receiver.close());

/** As a browser asks. */
const page = (path: string) =>
  call(`${receiver.url}${path}`, {
    headers: { authorization: '', accept: 'text/html' },
    redirect: 'manual',
  });

const ingest = (...batch: object[]) => postJson(`${receiver.url}/api/public/ingestion`, { batch });

describe('the document', () => {
  it('is the same at each address, and holds nothing of what was sent', async () => {
    const hostile = `</pre></details><script>alert("payload")</script>`;
    await ingest(ingestionEvent('trace-create', { id: hostileId, name: hostile, input: hostile }));
    const list = await page('/');
    const trace = await page(`/trace/${encodeURIComponent(hostileId)}`);
    expect([list.status, trace.status]).toEqual([200, 200]);
    expect(trace.text).toBe(list.text);
    expect(list.text).not.toContain('alert');
  });

  it('is answered with 404 where there is nothing, to programs as JSON', async () => {
    for (const path of ['/trace/none', '/nowhere']) {
      const { status, headers, text } = await page(path);
      expect(status).toBe(404);
      expect(headers.get('content-type')).toMatch(/^text\/html/);
      expect(text).toContain('<div id="page">');
      const asProgram = await call(`${receiver.url}${path}`);
      expect([asProgram.status, path === '/nowhere' ? asProgram.json.error : '']).toEqual([
        404,
        path === '/nowhere' ? 'NotFoundError' : '',
      ]);
    }
  });

  it('allows no script but that of its files, no style beside them, no frame, nothing from elsewhere', async () => {
    for (const path of ['/', '/trace/none', `/trace/${encodeURIComponent(hostileId)}/input`]) {
      const { headers } = await page(path);
      const policy = headers.get('content-security-policy')?.split('; ');
      expect(policy).toEqual([
        `default-src 'none'`,
        `script-src 'self'`,
        `style-src 'self'`,
        `connect-src 'self'`,
        `img-src 'self' data:`,
        `media-src 'self' data:`,
        `base-uri 'none'`,
        `form-action 'none'`,
        `frame-ancestors 'none'`,
        `require-trusted-types-for 'script'`,
        `trusted-types 'none'`,
      ]);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  it('names files that are kept for ever, and compressed where the browser accepts it', async () => {
    const { text } = await page('/');
    const files = Array.from(text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g), ([, path]) => String(path));
    expect(files.map((path) => path.split('.').at(-1)).sort()).toEqual(['css', 'js', 'svg']);
    for (const path of files) {
      const {
        status,
        headers,
        text: plain,
      } = await call(`${receiver.url}${path}`, {
        headers: { 'accept-encoding': 'identity' },
      });
      expect([status, headers.get('cache-control'), headers.get('content-encoding')]).toEqual([
        200,
        'public, max-age=31536000, immutable',
        null,
      ]);
      const compressed = await fetch(`${receiver.url}${path}`, { headers: { 'accept-encoding': 'gzip' } });
      expect(compressed.headers.get('content-encoding')).toBe('gzip');
      expect(await compressed.text()).toBe(plain);
    }
  });

  it.each(['/assets/none.js', '/assets/index.html', '/assets/..%2f..%2fcli.js'])(
    'has no file %s',
    async (path) => expect((await call(`${receiver.url}${path}`)).status).toBe(404),
  );

  it('has the address of a trace on a Langfuse server', async () => {
    const { status, headers } = await page(`/project/local/traces/${encodeURIComponent(hostileId)}`);
    expect([status, headers.get('location')]).toEqual([302, `/trace/${encodeURIComponent(hostileId)}`]);
  });

  it('gives way to a message if the request is wrong', async () => {
    const { status, headers, text } = await page('/trace/%zz');
    expect([status, headers.get('content-type')]).toEqual([400, 'text/plain; charset=utf-8']);
    expect(text).toContain('wrong percent-encoding');
  });
});

describe('a payload as text', () => {
  it('is laid out if it is JSON, and as it is if that would make it much longer', async () => {
    const value = { text: `</pre><script>alert(1)</script>${'x'.repeat(150_000)}` };

    await ingest(
      ingestionEvent('tool-create', {
        id: 'a/b',
        traceId: 'texts',
        input: JSON.stringify(value),
        output: 'plain',
      }),
      ingestionEvent('trace-create', { id: 'texts', metadata: { a: 1 } }),
    );
    const input = await page('/trace/texts/a%2Fb/input');
    expect(input.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(input.text).toBe(JSON.stringify(value, null, 2));
    expect((await page('/trace/texts/a%2Fb/output')).text).toBe('plain');
    expect((await page('/trace/texts/metadata')).text).toBe('{\n  "a": 1\n}');
    const nested = '[[],'.repeat(40_000);
    await ingest(ingestionEvent('trace-create', { id: 'nested', output: nested }));
    expect((await page('/trace/nested/output')).text).toBe(nested);
    expect((await page('/trace/none/output')).status).toBe(404);
  });
});
