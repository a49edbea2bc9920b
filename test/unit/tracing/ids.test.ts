/** Ids are what W3C and OTLP take, and follow from the application's own. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newSpanId, newTraceId, toSpanId, toTraceId } from '../../../src/tracing/ids.js';

describe('ids', () => {
  it('are random hexadecimal digits of the right number, never twice', () => {
    const traceIds = new Set(Array.from({ length: 10_000 }, newTraceId));
    const spanIds = new Set(Array.from({ length: 10_000 }, newSpanId));
    expect([traceIds.size, spanIds.size]).toEqual([10_000, 10_000]);
    for (const id of traceIds) expect(id).toMatch(/^[0-9a-f]{32}$/);
    for (const id of spanIds) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  it('of an application stay if they are valid', () => {
    expect(toTraceId('0123456789abcdef0123456789abcdef')).toBe('0123456789abcdef0123456789abcdef');
    expect(toSpanId('0123456789ABCDEF')).toBe('0123456789abcdef');
  });

  it('are hashed with SHA-256 otherwise, as Langfuse does', () => {
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    for (const id of ['order 17', '0'.repeat(32), 'x'.repeat(32)])
      expect(toTraceId(id)).toBe(hash(id).slice(0, 32));
    expect([toTraceId(''), toTraceId(null), toSpanId('')]).toEqual([null, null, null]);
    expect(toSpanId('0'.repeat(16))).toBe(hash('0'.repeat(16)).slice(0, 16));
  });
});
