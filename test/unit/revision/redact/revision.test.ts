/** What redaction finds, what it leaves alone, and where it looks. */
import { describe, expect, it } from 'vitest';
import { TRACE } from '../../../../src/records/kinds.js';
import { FULLY_MASKED } from '../../../../src/records/masking.js';
import {
  READY_PATTERNS,
  type ReadyPattern,
  type RedactPlan,
} from '../../../../src/shared/contract/redaction.js';
import { startExporter } from '../../../support/exporting.js';
import { observation, score } from '../../../support/records.js';

const INPUT = 'langfuse.observation.input';
const OUTPUT = 'langfuse.observation.output';

async function redacting(plan: Partial<RedactPlan>) {
  const { span, ...rest } = await startExporter({ redact: { patterns: [], paths: [], ...plan } });
  return {
    ...rest,
    span,
    attributes: (fields: Parameters<typeof observation>[0]) => span(observation(fields)).attributes,
    text: (input: string) => span(observation({ input })).attributes[INPUT],
    json: (input: unknown) => JSON.parse(span(observation({ input })).attributes[INPUT] as string),
  };
}

describe.each<[ReadyPattern, string[], string[]]>([
  [
    'email',
    [
      'me@example.com',
      'first.last+tag@mail.example.co.uk',
      'müller@example.de',
      '"to":"me@example.com"',
      'write to\nme@example.com, please',
      JSON.stringify({ text: 'a line\nme@example.com' }),
      '联系me@example.com谢谢',
      `${'x'.repeat(100)}@example.com`,
    ],
    ['me@localhost', '@example.com', 'at example.com', 'a @ b.com', 'npm i left-pad@1.3.0'],
  ],
  [
    'card',
    [
      '4111111111111111',
      '4111 1111 1111 1111',
      '5500-0000-0000-0004',
      '3782 822463 10005',
      'pay with 2 cards: 4111 1111 1111 1111 12-27, cvc 123',
      'ref 1234 4111 1111 1111 1111',
      'No.4111111111111111',
      '6304000000000000000',
    ],
    [
      'order 4111111111111112',
      '1700000000000',
      '20240501123456789',
      '0.4111111111111111',
      '41111111111111111111111111',
      '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1',
      'id 1234567890123452',
    ],
  ],
  [
    'api-key',
    [
      `sk-${'a1B2'.repeat(8)}`,
      `sk-ant-api03-${'a1B2'.repeat(8)}`,
      `sk-proj-${'a1_2'.repeat(8)}`,
      'pk-lf-12345678-1234-1234-1234-123456789abc',
      'AKIAIOSFODNN7EXAMPLE',
      `ghp_${'a1B2'.repeat(9)}`,
      `github_pat_${'a1B2'.repeat(9)}`,
      `xoxb-${'123456789012-abc'}`,
      `AIza${'Sy_2'.repeat(9)}`,
      `hf_${'aBcD'.repeat(8)}`,
      `sk_live_${'a1B2'.repeat(4)}`,
      `key=sk-${'a1B2'.repeat(8)};`,
      JSON.stringify({ text: `the key:\nsk-${'a1B2'.repeat(8)}` }),
    ],
    [
      'task-related-tokens-are-fine-in-words',
      'sk-short',
      'AKIA',
      'a desk-sized-table-of-some-length',
      'ghp_',
    ],
  ],
  [
    'bearer',
    [
      'Authorization: Bearer abc123.def456',
      'authorization: bearer AbCdEfGhIjKlMnOpQrStUv',
      `Basic ${Buffer.from('user:päss').toString('base64')}`,
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl',
      JSON.stringify('-H\n"Authorization: Bearer abc123.def456"'),
    ],
    [
      'a basic understanding',
      'bearer instruments are securities',
      'Basic mathematics',
      'eyJ',
      'a bearer of news',
    ],
  ],
])('%s', (name, found, spared) => {
  it.each(found)('is found in %s', async (text) => {
    const { text: redacted } = await redacting({ patterns: [name] });
    const once = redacted(text) as string;
    expect(once).toContain(`[REDACTED:${name}]`);
    expect(redacted(once)).toBe(once);
  });

  it.each(spared)('is not seen in %s', async (text) => {
    const { text: redacted } = await redacting({ patterns: [name] });
    expect(redacted(text)).toBe(text);
  });

  // A pattern that takes quadratic time needs hours for these.
  it('takes no longer than it should for text made to keep it busy', async () => {
    const { text: redacted } = await redacting({ patterns: [name] });
    const hostile = [
      'a',
      '@',
      'a@',
      'a.',
      'a@a.',
      '1',
      '1 ',
      '4111-',
      '1 1.',
      'sk-',
      'eyJ',
      'eyJaaaaaaaa.',
      'basic ',
      'data:a;base64,',
      ' ',
      '\\a',
    ];
    for (const piece of hostile) {
      expect(redacted(`${piece.repeat(1_000_000 / piece.length)}!`)).toBeTypeOf('string');
      expect(redacted(`a@${piece.repeat(1_000_000 / piece.length)}!`)).toBeTypeOf('string');
    }
  });
});

it('leaves no part of what it has found', async () => {
  const { text } = await redacting({ patterns: READY_PATTERNS });
  expect(text('ask müller.x+y@mail.example.com or 4111 1111 1111 1111, Bearer abc123.def456!')).toBe(
    'ask [REDACTED:email] or [REDACTED:card], Bearer [REDACTED:bearer]!',
  );
});

describe('patterns', () => {
  const secrets = { patterns: ['email'] as const };
  const EMAIL = 'me@example.com';

  it('reach input, output, metadata, status message and model parameters, at any depth', async () => {
    const { span } = await redacting(secrets);
    const deep = { a: [{ b: `to ${EMAIL}` }] };
    const redacted = '{"a":[{"b":"to [REDACTED:email]"}]}';
    const { attributes, status } = span(
      observation({
        level: 3,
        statusMessage: `no mailbox ${EMAIL}`,
        modelParameters: deep,
        input: deep,
        output: EMAIL,
        metadata: [{ deep }, { plain: EMAIL }],
        trace: ['t', EMAIL, null, null, [{ deep }], null, null],
      }),
    );
    expect(attributes).toMatchObject({
      'langfuse.observation.status_message': 'no mailbox [REDACTED:email]',
      'langfuse.observation.model.parameters': redacted,
      [INPUT]: redacted,
      [OUTPUT]: '[REDACTED:email]',
      'langfuse.observation.metadata.deep': redacted,
      'langfuse.observation.metadata.plain': '[REDACTED:email]',
      'langfuse.trace.metadata.deep': redacted,
      'user.id': EMAIL,
    });
    expect(status?.message).toBe('no mailbox [REDACTED:email]');
  });

  it("reach a trace's own values and a score's", async () => {
    const { span, score: scoreOf } = await redacting(secrets);
    expect(span(observation({ kind: TRACE, input: EMAIL, output: EMAIL })).attributes).toMatchObject({
      [INPUT]: '[REDACTED:email]',
      [OUTPUT]: '[REDACTED:email]',
    });
    expect(scoreOf(score({ value: EMAIL, comment: EMAIL, metadata: { by: EMAIL } }))).toMatchObject({
      value: '[REDACTED:email]',
      comment: '[REDACTED:email]',
      metadata: { by: '[REDACTED:email]' },
    });
  });

  it('do not reach name, user, session and tags', async () => {
    const { span } = await redacting(secrets);
    const { name, attributes } = span(
      observation({ name: EMAIL, input: EMAIL, trace: [EMAIL, EMAIL, EMAIL, [EMAIL], null, null, null] }),
    );
    expect(name).toBe(EMAIL);
    expect(attributes).toMatchObject({
      [INPUT]: '[REDACTED:email]',
      'langfuse.trace.name': EMAIL,
      'user.id': EMAIL,
      'session.id': EMAIL,
      'langfuse.trace.tags': [EMAIL],
    });
  });

  it('reach the keys of objects, and no value is lost where two become one', async () => {
    const { json } = await redacting(secrets);
    expect(json({ 'a@example.com': 1, 'b@example.com': 2, c: 3 })).toEqual({
      '[REDACTED:email]': 1,
      '[REDACTED:email] 2': 2,
      c: 3,
    });
  });

  it('reach text that is JSON, and leave it JSON', async () => {
    const { text } = await redacting(secrets);
    const redacted = text(JSON.stringify({ text: `first line\n${EMAIL}` })) as string;
    expect(JSON.parse(redacted)).toEqual({ text: 'first line\n[REDACTED:email]' });
  });

  it('see a card number that is a number', async () => {
    const { json } = await redacting({ patterns: ['card'] });
    expect(json([4111111111111111, 4111111111111112, 1.5])).toEqual([
      '[REDACTED:card]',
      4111111111111112,
      1.5,
    ]);
  });

  it('leave base64 in data URIs alone, and nothing else', async () => {
    const { text } = await redacting({ patterns: ['card', 'email'] });
    const uri = `data:image/png;base64,${'A'.repeat(80)}4111111111111111/${'A'.repeat(80)}`;
    expect(text(uri)).toBe(uri);
    expect(text(`${EMAIL} ![](${uri}) 4111111111111111`)).toBe(
      `[REDACTED:email] ![](${uri}) [REDACTED:card]`,
    );
  });

  it('of your own are applied to every match, whatever their flags and wherever they stopped last', async () => {
    const sticky = /user-\d+/iy;
    sticky.lastIndex = 3;
    const { text } = await redacting({
      patterns: [{ pattern: sticky }, { pattern: /(\d{3})-\d{4}/, replacement: '$1-…' }],
    });
    expect(text('User-1, user-2 and 555-1234')).toBe('[REDACTED], [REDACTED] and 555-…');
    expect(text('User-1, user-2 and 555-1234')).toBe('[REDACTED], [REDACTED] and 555-…');
  });

  it.each([
    [/x*/, undefined],
    [/x*/u, '<$&>'],
    [/(?=s)|\b/, '<$1>'],
    [/$|^/m, '#'],
  ])('that match nothing at all (%s) change nothing there', async (pattern, replacement) => {
    const { text } = await redacting({
      patterns: [replacement === undefined ? { pattern } : { pattern, replacement }],
    });
    expect(text('a secret 🎉\nof two lines')).toBe('a secret 🎉\nof two lines');
  });

  it('that may match nothing still replace what they match', async () => {
    const { text } = await redacting({
      patterns: [{ pattern: /(x*)/u, replacement: '<$1>' }, { pattern: /y*/ }],
    });
    expect(text('🎉xx🎉yy🎉')).toBe('🎉<xx>🎉[REDACTED]🎉');
  });

  it('put one replacement in all places, taken literally', async () => {
    const { attributes } = await redacting({
      patterns: ['email', { pattern: /secret/ }],
      paths: ['output'],
      replacement: '$&',
    });
    expect(attributes({ input: `secret ${EMAIL}`, output: { a: 1 } })).toMatchObject({
      [INPUT]: '$& $&',
      [OUTPUT]: '$&',
    });
  });

  it('leave what they do not match as it is, byte for byte', async () => {
    const record = observation({
      input: { text: 'ünï 漢字 \ud800', bytes: Buffer.from([1, 2]), n: [0.1, -0, 1e21, null, true], e: {} },
      metadata: [JSON.parse('{"__proto__":{"a":1}}')],
      trace: ['t', null, null, ['x'], [{ k: 1 }], null, true, null, null, null, null],
    });
    const { bytes } = await redacting({ patterns: READY_PATTERNS, paths: ['**.password'] });
    const plain = await startExporter({});
    expect(bytes(record)).toEqual(plain.bytes(record));
    const none = observation({
      metadata: [null],
      trace: ['t', null, null, null, [], ...new Array(6).fill(null)],
    });
    expect(bytes(none)).toEqual(plain.bytes(none));
  });
});

describe('paths', () => {
  const chat = {
    messages: [
      { role: 'user', content: 'a' },
      { role: 'system', content: ['b'] },
    ],
  };

  it.each([
    [
      'input.messages.*.content',
      '{"messages":[{"role":"user","content":"[REDACTED]"},{"role":"system","content":"[REDACTED]"}]}',
    ],
    [
      'input.messages[0].content',
      '{"messages":[{"role":"user","content":"[REDACTED]"},{"role":"system","content":["b"]}]}',
    ],
    ['input.messages.1', '{"messages":[{"role":"user","content":"a"},"[REDACTED]"]}'],
    ['INPUT.Messages', '{"messages":"[REDACTED]"}'],
    [
      '**.content',
      '{"messages":[{"role":"user","content":"[REDACTED]"},{"role":"system","content":"[REDACTED]"}]}',
    ],
    [
      'input.**.role',
      '{"messages":[{"role":"[REDACTED]","content":"a"},{"role":"[REDACTED]","content":["b"]}]}',
    ],
    ['input', '[REDACTED]'],
    ['*', '[REDACTED]'],
    ['output.messages', JSON.stringify(chat)],
    ['input.content', JSON.stringify(chat)],
  ])('%s', async (path, expected) => {
    const { attributes } = await redacting({ paths: [path] });
    expect(attributes({ input: chat })[INPUT]).toBe(expected);
  });

  it('reach merged metadata, that of the trace, and keys with dots', async () => {
    const { attributes } = await redacting({ paths: ['metadata.user.email', 'metadata.a\\.b'] });
    expect(
      attributes({
        metadata: [{ user: { email: 'x', id: 1 } }, { 'a.b': 'y' }],
        trace: ['t', null, null, null, [{ user: { email: 'z' } }], null, null],
      }),
    ).toMatchObject({
      'langfuse.observation.metadata.user': '{"email":"[REDACTED]","id":1}',
      'langfuse.observation.metadata.a.b': '[REDACTED]',
      'langfuse.trace.metadata.user': '{"email":"[REDACTED]"}',
    });
  });

  it('do not reach into text that is JSON', async () => {
    const { text } = await redacting({ paths: ['**.password'] });
    expect(text('{"password":"x"}')).toBe('{"password":"x"}');
  });
});

it('a pattern that fails hides the value, and says so without it', async () => {
  const { attributes, warnings } = await redacting({ patterns: [{ pattern: /(?:a|b)*c/ }] });
  const input = 'ab'.repeat(20_000_000);
  const redacted = attributes({ input, output: 'fine' });
  expect(redacted[OUTPUT]).toBe('fine');
  expect(redacted[INPUT]).toBe('<fully masked due to failed mask function>');
  expect(warnings).toEqual([expect.stringContaining('redact failed for the input')]);
  expect(warnings.join()).not.toContain('abab');
});

it('that cannot be used masks everything', async () => {
  const { attributes, score: scoreOf } = await redacting({ masksAll: true });
  const hidden = attributes({ input: { a: 1 }, output: 'x', metadata: [{ b: 2 }], statusMessage: 'y' });
  expect(hidden).toMatchObject({ [INPUT]: FULLY_MASKED, [OUTPUT]: FULLY_MASKED });
  expect(JSON.stringify(hidden)).not.toContain('"y"');
  expect(scoreOf(score({ comment: 'z', value: 'word' }))).toMatchObject({
    comment: FULLY_MASKED,
    value: FULLY_MASKED,
  });
});
