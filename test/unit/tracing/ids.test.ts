/** Ids are what W3C and OTLP take, and follow from the application's own. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rootSpanId } from '../../../src/records/trace.js';
import {
  keyOf,
  newSpanId,
  newTraceId,
  rootSpanOf,
  spanIdText,
  toSpanId,
  toSpanIdText,
  toTraceId,
  toTraceIdText,
  traceIdText,
} from '../../../src/tracing/ids.js';

describe('ids', () => {
  it('are random hexadecimal digits of the right number, never twice', () => {
    const traceIds = new Set(Array.from({ length: 10_000 }, () => traceIdText(newTraceId())));
    const spanIds = new Set(Array.from({ length: 10_000 }, () => spanIdText(newSpanId())));
    expect([traceIds.size, spanIds.size]).toEqual([10_000, 10_000]);
    for (const id of traceIds) expect(id).toMatch(/^[0-9a-f]{32}$/);
    for (const id of spanIds) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  it('of an application stay if they are valid', () => {
    expect(toTraceIdText('0123456789abcdef0123456789abcdef')).toBe('0123456789abcdef0123456789abcdef');
    expect(toSpanIdText('0123456789ABCDEF')).toBe('0123456789abcdef');
  });

  it('are hashed with SHA-256 otherwise, as Langfuse does', () => {
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    for (const id of ['order 17', '0'.repeat(32), 'x'.repeat(32)])
      expect(toTraceIdText(id)).toBe(hash(id).slice(0, 32));
    expect([toTraceIdText(''), toTraceIdText(null), toSpanIdText('')]).toEqual([null, null, null]);
    expect(toSpanIdText('0'.repeat(16))).toBe(hash('0'.repeat(16)).slice(0, 16));
  });

  it('are the same as words and as text, with every bit', () => {
    for (const id of ['00000000000000000000000000000001', 'ffffffff7fffffff80000000fedcba98']) {
      const words = toTraceId(id);
      expect(words && traceIdText(words)).toBe(id);
      const half = toSpanId(id.slice(16));
      expect(half && spanIdText(half)).toBe(id.slice(16));
      expect(words && spanIdText(rootSpanOf(words))).toBe(rootSpanId(id));
    }
  });

  it('have keys that differ where any of their digits alone do', () => {
    const keys = new Set<number>();
    for (const place of [0, 8, 16, 24]) {
      for (let i = 0; i < 1_000; i++) {
        const digits = i.toString(16).padStart(8, '0');
        const id = toTraceId(`${'a'.repeat(place)}${digits}${'a'.repeat(24 - place)}`);
        keys.add(keyOf(id as NonNullable<typeof id>));
      }
    }
    expect(keys.size).toBe(4_000);
  });
});
