/** Masking, redaction and the size limit as an application uses them, seen from the server's side of the socket. */
import { Tailrace, type TailraceOptions } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startReceiver } from '../../src/receiver/receiver.js';
import { startClient } from '../support/clients.js';
import { startSink } from '../support/sink.js';
import { call } from '../unit/receiver/helpers.js';

const MASK = new URL('../support/masks/mask.mjs', import.meta.url);
const FULLY_MASKED = '<fully masked due to failed mask function>';
const INPUT = 'langfuse.observation.input';
const OUTPUT = 'langfuse.observation.output';
const METADATA = 'langfuse.observation.metadata';
const MiB = 1024 * 1024;

describe('a mask module', () => {
  it('masks input, output and metadata of all that is sent', async () => {
    const { client, span, scores, warnings } = await startClient({ maskModule: MASK });
    const trace = client.trace({ name: 'trace', input: 'secret', metadata: { k: 'secret' } });
    const generation = trace.generation({ name: 'g', input: ['secret'], metadata: { a: 'secret' } });
    generation.end({ output: 'secret', metadata: { b: 'secret' } });
    trace.score({ name: 's', value: 1, comment: 'secret', metadata: { c: 'secret' } });
    trace.end({ output: 'secret' });
    await client.flush();
    expect(span('g').attributes).toMatchObject({
      [INPUT]: '["***"]',
      [OUTPUT]: '***',
      [`${METADATA}.a`]: '***',
      [`${METADATA}.b`]: '***',
      'langfuse.trace.metadata.k': '***',
    });
    expect(span('trace').attributes).toMatchObject({
      [INPUT]: '***',
      [OUTPUT]: '***',
      'langfuse.trace.metadata.k': '***',
    });
    expect(scores()[0]?.body).toMatchObject({ comment: '***', metadata: { c: '***' } });
    expect(warnings).toEqual([]);
  });

  it('that throws masks fully, with one warning that holds no payload', async () => {
    const { client, spans, warnings } = await startClient({ maskModule: MASK });
    const trace = client.trace({ name: 'trace' });
    for (let i = 0; i < 50; i++)
      trace.span({ name: 's', input: `throw payload ${i}` }).end({ output: 'fine' });
    expect(await client.flush()).toMatchObject({ sent: 51, failed: 0 });
    for (const { name, attributes } of spans()) {
      if (name === 's') expect(attributes).toMatchObject({ [INPUT]: FULLY_MASKED, [OUTPUT]: 'fine' });
    }
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toContain('payload');
  });

  it.each(['file:///no/such/mask.mjs', './mask.mjs'])(
    'that cannot be loaded (%s) lets nothing out',
    async (maskModule) => {
      const { client, sink, span, warnings } = await startClient({ maskModule });
      client
        .trace({ name: 'trace', input: 'payload', metadata: { a: 'payload' } })
        .end({ output: 'payload' });
      expect(await client.flush()).toMatchObject({ sent: 1 });
      expect(span('trace').attributes).toMatchObject({ [INPUT]: FULLY_MASKED });
      expect(sink.requests.map(({ body }) => body.toString('latin1')).join()).not.toContain('payload');
      expect(warnings.filter((message) => message.includes('everything is masked'))).toHaveLength(1);
    },
  );
});

describe('an option that is wrong hides more, not less', () => {
  it.each<[string, object]>([
    ['redact: a number', { redact: 42 }],
    ['redact: paths that are none', { redact: { paths: [5] } }],
    ['redact: a pattern that is none', { redact: { patterns: ['ssn'] } }],
    ['redact: a name that is none', { redact: { keys: ['ssn'] } }],
    ['mask: a text', { mask: 'ssn' }],
    ['maskModule: a relative path', { maskModule: './mask.mjs' }],
    ['a name that is none', { redaction: ['ssn'] }],
    ['enabled', { enabled: 'no, thanks' }],
  ])('%s', async (_, options) => {
    const { client, sink, warnings } = await startClient(options as TailraceOptions);
    const trace = client.trace({ name: 't', input: 'ssn q078zw', metadata: { a: 'ssn q078zw' } });
    trace.generation({ name: 'g', input: [{ ssn: 'ssn q078zw' }] }).end({ output: 'ssn q078zw' });
    trace.score({ name: 's', value: 1, comment: 'ssn q078zw' });
    trace.end();
    expect(await client.flush()).toMatchObject({ failed: 0, pending: 0 });
    expect(sink.requests.map(({ body }) => body.toString('latin1')).join()).not.toContain('q078zw');
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.join()).toMatch(/option|maskModule/);
  });

  it.each<[string, object]>([
    ['a RegExp', { redact: /ssn \w+/ }],
    ['an array of them', { redact: [/ssn \w+/] }],
    ['pattern', { redact: { pattern: [/ssn \w+/] } }],
    ['path', { redact: { path: ['input', 'output', 'metadata', 'comment'] } }],
  ])('and what it obviously means is done: %s', async (_, options) => {
    const { client, sink, span, warnings } = await startClient(options as TailraceOptions);
    client
      .trace({ name: 't', input: 'ssn q078zw', metadata: { a: 'ssn q078zw' } })
      .end({ output: 'ssn q078zw' });
    await client.flush();
    expect(span('t').attributes[INPUT]).toBe('[REDACTED]');
    expect(sink.requests.map(({ body }) => body.toString('latin1')).join()).not.toContain('q078zw');
    expect(warnings).toEqual([]);
  });
});

it('mask, maskModule, redact and media come in this order: the first in the call, the second in the worker', async () => {
  const uri = `data:image/png;base64,${'A'.repeat(400)}`;
  const module = `import { isMainThread } from 'node:worker_threads';
    export const mask = ({ data }) => isMainThread ? 'in the wrong thread' : 'two then ' + data;`;
  const calls: string[] = [];
  const { client, span } = await startClient({
    mask({ data }) {
      calls.push(String(data));
      return `one ${uri}`;
    },
    maskModule: `data:text/javascript,${encodeURIComponent(module)}`,
    redact: /two/,
  });
  const trace = client.trace({ name: 't', input: 'zero' });
  expect(calls).toEqual(['zero']);
  trace.end();
  await client.flush();
  expect(span('t').attributes[INPUT]).toMatch(/^\[REDACTED\] then one @@@langfuseMedia:/);
});

describe('redaction', () => {
  it('reaches the worker with its regular expressions, and comes after the mask', async () => {
    const { client, span } = await startClient({
      maskModule: MASK,
      redact: {
        patterns: ['email', /user-\d+/i, { pattern: /\*{3}/, replacement: '[MASKED]' }],
        paths: ['**.password'],
      },
    });
    const input = { text: 'User-1 <me@example.com> has a secret', password: 'pw' };
    client.trace().span({ name: 's', input }).end();
    await client.flush();
    expect(JSON.parse(span('s').attributes[INPUT] as string)).toEqual({
      text: '[REDACTED] <[REDACTED:email]> has a [MASKED]',
      password: '[REDACTED]',
    });
  });

  it('shows in what a server stores', async () => {
    const receiver = await startReceiver({ port: 0 });
    const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: receiver.url, redact: true });
    onTestFinished(async () => {
      await client.shutdown();
      await receiver.close();
    });
    const trace = client.trace({ name: 'trace', metadata: { mail: 'me@example.com' } });
    trace.span({ name: 's', input: { card: '4111 1111 1111 1111' } }).end({ output: 'Bearer abc123.def456' });
    trace.end();
    expect(await client.flush()).toMatchObject({ sent: 2, failed: 0 });
    const { json } = await call(`${receiver.url}/api/public/traces/${trace.id}`);
    const stored = json as { metadata: unknown; observations: Record<string, unknown>[] };
    expect(stored.metadata).toMatchObject({ mail: '[REDACTED:email]' });
    expect(stored.observations[0]).toMatchObject({
      input: { card: '[REDACTED:card]' },
      output: 'Bearer [REDACTED:bearer]',
    });
  });
});

describe('an exporter of your own', () => {
  const url = new URL('../support/json-exporter.mjs', import.meta.url);

  it.each<[string, object]>([
    ['redact', { redact: [/secret/] }],
    ['maskModule', { maskModule: MASK }],
    ['redact that is wrong', { redact: 42 }],
  ])('gets nothing that %s is to hide', async (_, options) => {
    const sink = await startSink();
    const client = new Tailrace({
      exporter: { url, options: { url: sink.url } },
      ...options,
    } as TailraceOptions);
    client.on('warning', () => {});
    onTestFinished(async () => {
      await client.shutdown();
      await sink.close();
    });
    client.trace({ name: 't', input: ['a secret'], metadata: { k: 'secret' } }).end({ output: 'secret' });
    expect(await client.flush()).toMatchObject({ sent: 1, failed: 0 });
    const wire = sink.requests.map(({ body }) => body.toString()).join();
    expect(wire).toContain('"t"');
    expect(wire).not.toContain('secret');
  });
});

it('a worker that dies in between lets nothing out unmasked, and loses nothing', async () => {
  const { sink } = await startClient();
  const livesLeft = new Int32Array(new SharedArrayBuffer(4));
  const lives = [20, 7];
  livesLeft[0] = lives.length;
  const langfuse = {
    baseUrl: sink.url,
    publicKey: 'pk',
    secretKey: 'sk',
    sdkVersion: '1',
    maskModule: MASK.href,
    redact: { patterns: ['email'], paths: [] },
    maxEventBytes: 4096,
  };
  const url = new URL('../support/dying-langfuse-exporter.mjs', import.meta.url);
  const client = new Tailrace({ exporter: { url, options: { langfuse, lives, livesLeft } }, flushAt: 5 });
  client.on('warning', () => {});
  const trace = client.trace({ name: 'trace' });
  for (let i = 0; i < 100; i++) {
    trace.span({ name: `s${i}`, input: `secret me@example.com ${'x'.repeat(10_000)}` }).end();
  }
  const counts = await client.shutdown();
  expect(counts).toMatchObject({ accepted: 101, sent: 101, failed: 0, pending: 0 });
  expect(counts.truncated).toBeGreaterThanOrEqual(100);
  const sent = sink.requests.map(({ body }) => body.toString('latin1')).join();
  expect(sent).not.toContain('secret');
  expect(sent).not.toContain('example.com');
  for (let i = 0; i < 100; i++) expect(sent).toContain(`s${i}`);
});

describe('an event', () => {
  it('of 3 MB comes out within 1 MiB, with its beginning, counted and named once', async () => {
    const { client, sink, span, warnings } = await startClient({ compression: 'none' });
    const input = `the beginning ${'漢字'.repeat(500_000)}`;
    const id = client.trace({ name: 'trace' }).span({ name: 's', input }).end({ output: 'whole' }).id;
    expect(await client.flush()).toMatchObject({ sent: 2, failed: 0, truncated: 1 });
    const { attributes } = span('s');
    expect(attributes[INPUT]).toMatch(
      /^the beginning (漢字)+漢?… \[truncated by tailrace: \d+ of 3000014 bytes left out\]$/,
    );
    expect(attributes[OUTPUT]).toBe('whole');
    expect(Math.max(...sink.requests.map(({ wireBytes }) => wireBytes))).toBeLessThan(MiB + 1000);
    expect(warnings).toEqual([
      expect.stringMatching(`observation ${id} takes \\d+ bytes, more than maxEventBytes`),
    ]);
  });

  it.each([
    ['ASCII', 'x'.repeat(64 * MiB)],
    ['Chinese', '漢'.repeat(Math.floor((64 * MiB) / 3))],
    ['English with one character that is not', `漢${'x'.repeat(64 * MiB - 3)}`],
  ])('of 64 MiB goes through when the limit is raised: %s', async (_, input) => {
    const { client, span } = await startClient({
      maxEventBytes: 65 * MiB,
      compression: 'none',
      requestTimeout: 60_000,
      flushTimeoutMs: 60_000,
    });
    client.trace({ name: 'trace' }).span({ name: 's', input }).end();
    expect(await client.flush()).toMatchObject({ sent: 2, failed: 0, truncated: 0, dropped: { total: 0 } });
    const received = span('s').attributes[INPUT] as string;
    expect(received.length).toBe(input.length);
    expect(received === input).toBe(true);
  });
});
