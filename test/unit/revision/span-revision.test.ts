/** Masking and redaction in a span's bytes: what they reach, and that all else keeps its bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveRedact } from '../../../src/config/redact-options.js';
import { decodeEvent } from '../../../src/event/event-decoder.js';
import { createOwnRevisions } from '../../../src/otel/own-revisions.js';
import type { FinishedSpan } from '../../../src/records/finished-span.js';
import { FULLY_MASKED } from '../../../src/records/masking.js';
import { writeSpan } from '../../../src/records/span.js';
import { reviseSpanValues } from '../../../src/revision/span-bytes.js';
import {
  createSpanMasking,
  createSpanRedaction,
  type SpanRevision,
} from '../../../src/revision/span-revision.js';
import type { RedactPlan } from '../../../src/shared/contract/redaction.js';
import { eventBytesBy } from '../../support/event-bytes.js';
import { CONTEXT, finishedSpan, finishedSpans } from '../../support/finished-spans.js';

const SSN = /\d{3}-\d{2}-\d{4}/;
const S = '078-05-1120';
const R = '[REDACTED]';

interface Revised {
  attributes: Record<string, unknown>;
  events: Record<string, unknown>[];
  links: Record<string, unknown>[];
  statusMessage: unknown;
}

/** By way of the record's bytes, as the worker does it. */
function inBytes(span: FinishedSpan, revision: SpanRevision): Revised {
  const record = decodeEvent(reviseSpanValues(eventBytesBy(writeSpan, span), revision)) as unknown[];
  return {
    attributes: record[14] as Record<string, unknown>,
    events: (record[16] as unknown[][]).map((event) => event[3] as Record<string, unknown>),
    links: (record[18] as unknown[][]).map((link) => link[4] as Record<string, unknown>),
    statusMessage: record[21],
  };
}

const planOf = (option: unknown): RedactPlan => {
  const problems: string[] = [];
  const plan = resolveRedact(option, problems, true) as RedactPlan;
  expect(problems).toEqual([]);
  return plan;
};
const warnings: string[] = [];
const context = { warning: (_: string, message: string) => void warnings.push(message) };
const redaction = (option: unknown) => createSpanRedaction(planOf(option), context);
const redacted = (attributes: Record<string, unknown>, option: unknown) =>
  inBytes(finishedSpan({ attributes }), redaction(option)).attributes;

/** As UTF-8, in which each half of a character is the same U+FFFD: keys that become equal are numbered. */
function keysStayDifferent({ attributes, events, links }: FinishedSpan): boolean {
  return [attributes, ...events.map((one) => one.attributes), ...links.map((one) => one.attributes)].every(
    (one) => {
      const keys = Object.keys(one ?? {});
      return new Set(keys.map((key) => key.toWellFormed())).size === keys.length;
    },
  );
}

describe('a span with nothing to be found in it', () => {
  it('keeps its very bytes', () => {
    const revision = redaction({ patterns: [/in no span at all/], paths: ['**.no such key'] });
    fc.assert(
      fc.property(finishedSpans, ([span]) => {
        fc.pre(keysStayDifferent(span as FinishedSpan));
        const event = eventBytesBy(writeSpan, span as FinishedSpan);
        expect(reviseSpanValues(event, revision)).toBe(event);
      }),
    );
  });
});

describe('patterns', () => {
  it('reach each value of attributes, events and links, their keys, and the status message', () => {
    const attributes = {
      'app.note': `ssn ${S}`,
      [`by.${S}`]: 1,
      list: [S, 'x', `中文 ${S}`],
      deep: { a: [{ b: S }] },
      long: 4111111111111111,
      kept: 5.5,
      flag: true,
      none: null,
    };
    const events = [{ name: 'exception', time: [1, 2] as const, attributes: { 'exception.message': S } }];
    const links = [{ context: CONTEXT, attributes: { why: S } }];
    const span = finishedSpan({ attributes, events, links, status: { code: 2, message: `failed for ${S}` } });
    expect(inBytes(span, redaction({ patterns: [SSN, 'card'] }))).toEqual({
      attributes: {
        'app.note': `ssn ${R}`,
        [`by.${R}`]: 1,
        list: [R, 'x', `中文 ${R}`],
        deep: { a: [{ b: R }] },
        long: '[REDACTED:card]',
        kept: 5.5,
        flag: true,
        none: null,
      },
      events: [{ 'exception.message': R }],
      links: [{ why: R }],
      statusMessage: `failed for ${R}`,
    });
  });

  it('leave nothing of what they match, wherever it stands in whatever span', () => {
    const revision = redaction({ patterns: [/[a-z]/i], replacement: '#' });
    fc.assert(
      fc.property(finishedSpans, ([span]) => {
        const { attributes, events, links, statusMessage } = inBytes(span as FinishedSpan, revision);
        expect(textsOf([attributes, events, links, statusMessage]).join()).not.toMatch(/[a-z]/i);
      }),
    );
  });

  it('lose no value where two keys become one', () => {
    expect(redacted({ '111-11-1111': 'a', '222-22-2222': 'b' }, SSN)).toEqual({ [R]: 'a', [`${R} 2`]: 'b' });
  });
});

/** Keys and texts, at any depth. */
function textsOf(value: unknown): unknown[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([key, one]) => [Array.isArray(value) ? '' : key, ...textsOf(one)]);
}

describe('paths', () => {
  const input = JSON.stringify({
    user: { name: 'Ann', email: 'a' },
    messages: [{ content: 'x', role: 'user' }],
  });

  it.each<[string, string[], Record<string, unknown>, Record<string, unknown>]>([
    [
      'a value of any kind',
      ['flag', 'n', 'none'],
      { flag: false, n: 1, none: null },
      { flag: R, n: R, none: R },
    ],
    ['a payload as a whole', ['input'], { 'input.value': 'x', other: 'x' }, { 'input.value': R, other: 'x' }],
    [
      'into the JSON of a payload',
      ['input.user.name', 'input.messages.*.content'],
      { 'langfuse.observation.input': input, app: input },
      {
        'langfuse.observation.input': `{"user":{"name":"${R}","email":"a"},"messages":[{"content":"${R}","role":"user"}]}`,
        app: input,
      },
    ],
    [
      'flattened metadata',
      ['metadata.user.email'],
      { 'langfuse.trace.metadata.user.email': 'x' },
      { 'langfuse.trace.metadata.user.email': R },
    ],
    [
      'flattened metadata that is JSON',
      ['metadata.user.email'],
      { 'langfuse.observation.metadata.user': '{"email":"x"}' },
      { 'langfuse.observation.metadata.user': `{"email":"${R}"}` },
    ],
    [
      'flattened messages',
      ['input.*.content'],
      { 'gen_ai.prompt.0.content': 'x', 'gen_ai.prompt.0.role': 'user' },
      { 'gen_ai.prompt.0.content': R, 'gen_ai.prompt.0.role': 'user' },
    ],
    [
      'an attribute by its key',
      ['http.request.header.authorization'],
      { 'http.request.header.authorization': ['x'], 'http.route': '/' },
      { 'http.request.header.authorization': R, 'http.route': '/' },
    ],
    [
      'an attribute by `attributes`',
      ['attributes.db.statement'],
      { 'db.statement': 'x' },
      { 'db.statement': R },
    ],
    [
      'a key at any depth',
      ['**.password'],
      { 'user.password': 'x', json: '[{"Password":"y","n":1.50}]', map: { password: 1 } },
      { 'user.password': R, json: `[{"Password":"${R}","n":1.5}]`, map: { password: R } },
    ],
    ['the status message', ['statusMessage'], { a: 'x' }, { a: 'x' }],
  ])('lead to %s', (_, paths, attributes, expected) => {
    expect(redacted(attributes, { paths })).toEqual(expected);
  });

  it('lead to the status message, and to messages in events', () => {
    const events = [{ name: 'gen_ai.choice', time: [1, 2] as const, attributes: { content: 'x', index: 0 } }];
    const span = finishedSpan({ events, status: { code: 2, message: 'x' } });
    const { events: ofEvents, statusMessage } = inBytes(
      span,
      redaction({ paths: ['output', 'statusMessage'] }),
    );
    expect([ofEvents, statusMessage]).toEqual([[{ content: R, index: 0 }], R]);
  });

  it('hide JSON that is cut off, as what they lead to may be in it', () => {
    const attributes = { 'input.value': '{"password":"secr', note: '[INFO] done', curly: '{{name}}' };
    expect(redacted(attributes, { paths: ['**.password'] })).toEqual({ ...attributes, 'input.value': R });
  });

  it('leave JSON as it was written where they lead nowhere', () => {
    const attributes = { 'input.value': '{ "n": 1.50, "big": 12345678901234567890 }' };
    expect(redacted(attributes, { paths: ['input.password'] })).toEqual(attributes);
  });
});

describe('an option that cannot be used', () => {
  it('masks everything but what tells a server what a span is', () => {
    const plan = resolveRedact({ patterns: ['ssn'] }, [], true) as RedactPlan;
    const span = finishedSpan({
      attributes: {
        a: 'x',
        list: [1, 'x'],
        n: 5,
        long: 4111111111111111,
        'langfuse.observation.type': 'generation',
      },
      events: [{ name: 'e', time: [1, 2], attributes: { b: 'x' } }],
      status: { code: 2, message: 'x' },
    });
    expect(inBytes(span, createSpanRedaction(plan, context))).toEqual({
      attributes: {
        a: FULLY_MASKED,
        list: FULLY_MASKED,
        n: 5,
        long: FULLY_MASKED,
        'langfuse.observation.type': 'generation',
      },
      events: [{ b: FULLY_MASKED }],
      links: [],
      statusMessage: FULLY_MASKED,
    });
  });

  it('so does a pattern that fails, which is said without the value', () => {
    const deep = JSON.parse(`${'['.repeat(20_000)}"secret"${']'.repeat(20_000)}`);
    warnings.length = 0;
    const revision = redaction(true);
    expect(
      revision.attribute('a', deep, { eventName: undefined, span: { traceId: 't', id: 's', name: 'n' } }),
    ).toBe(FULLY_MASKED);
    expect(warnings).toEqual([
      'redact failed for a value of span s: sent fully masked. Simplify the pattern',
    ]);
  });
});

describe('a mask', () => {
  it('is given what holds input, output or metadata, and what they are of', () => {
    const seen: unknown[] = [];
    const masking = createSpanMasking((data, field, owner) => {
      seen.push([data, field, owner.type, owner.name, owner.traceId, owner.id]);
      return field === 'output' ? { hidden: true } : '***';
    });
    const attributes = {
      'input.value': 'a',
      'langfuse.trace.metadata.k': 'b',
      'http.route': 'c',
      'gen_ai.output.messages': 'd',
    };
    expect(inBytes(finishedSpan({ attributes }), masking).attributes).toEqual({
      'input.value': '***',
      'langfuse.trace.metadata.k': '***',
      'http.route': 'c',
      'gen_ai.output.messages': '{"hidden":true}',
    });
    const ids = ['span', CONTEXT.traceId, CONTEXT.spanId];
    expect(seen).toEqual([
      ['a', 'input', 'span', ...ids],
      ['b', 'metadata', 'trace', ...ids],
      ['d', 'output', 'span', ...ids],
    ]);
  });
});

/** What JSON has no number for is none, once it has been read and written. */
function plain(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

it('what is done on the thread for an exporter of your own is the same as in the worker', () => {
  const plan = planOf({ patterns: [/[a-f]/], paths: ['**.x', 'input.a'] });
  const notifier = { warnOnce: () => {} };
  const own = createOwnRevisions({ redact: plan }, notifier as never);
  const revision = createSpanRedaction(plan, context);
  fc.assert(
    fc.property(finishedSpans, ([span]) => {
      fc.pre(keysStayDifferent(span as FinishedSpan));
      const event = eventBytesBy(writeSpan, own?.revise(span as FinishedSpan) as FinishedSpan);
      const inWorker = reviseSpanValues(eventBytesBy(writeSpan, span as FinishedSpan), revision);
      expect(plain(decodeEvent(event))).toEqual(plain(decodeEvent(inWorker)));
    }),
  );
});

it('two keys that are alike on the wire keep both values, also for an exporter of your own', () => {
  const plan = planOf({ patterns: [/[a-f]/] });
  const own = createOwnRevisions({ redact: plan }, { warnOnce: () => {} } as never);
  const span = finishedSpan({ attributes: { '\ud800': 1, '\ud801': 2, ok: 3 } });
  const event = eventBytesBy(writeSpan, own?.revise(span) as FinishedSpan);
  const inWorker = reviseSpanValues(eventBytesBy(writeSpan, span), createSpanRedaction(plan, context));
  expect(plain(decodeEvent(event))).toEqual(plain(decodeEvent(inWorker)));
});
