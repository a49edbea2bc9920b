/** The id of a batch, and its shard, whatever server the stream is in. */
import { describe, expect, it } from 'vitest';
import { batchIdOf, shardOf } from '../../../../src/exporters/streams/entry.js';

const body = (...texts: string[]) => ({
  body: texts.map((text) => Buffer.from(text)),
  encoding: 'gzip' as const,
});

describe('a batch id', () => {
  it('is the same for the same bytes, in however many pieces', () => {
    expect(batchIdOf('spans', body('abc'))).toBe(batchIdOf('spans', body('a', 'bc')));
    expect(batchIdOf('spans', body('abc'))).toMatch(/^[\w-]{22}$/);
  });

  it('differs with the bytes, the lane and the encoding', () => {
    const ids = [
      batchIdOf('spans', body('abc')),
      batchIdOf('spans', body('abd')),
      batchIdOf('scores', body('abc')),
      batchIdOf('spans', { ...body('abc'), encoding: 'identity' }),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('chooses the stream, and all streams get some', () => {
    const shards = Array.from({ length: 200 }, (_, i) => shardOf(batchIdOf('spans', body(String(i))), 8));
    expect(new Set(shards)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
    expect(shardOf(batchIdOf('spans', body('x')), 1)).toBe(0);
  });
});
