import { describe, expect, it } from 'vitest';
import { createPayloadCache } from '../../../../../src/viewer/app/session/payload-cache.js';
import type { TraceRow } from '../../../../../src/viewer/data/list.js';

const trace = (id: string, durationUs = 1) => ({ id, durationUs }) as TraceRow;
const payload = (text: string) => ({ text, length: text.length });

/** Counts what is asked for. Each trace has payloads of ten characters. */
function cacheOf(maxChars?: number) {
  const asked: string[] = [];
  const cache = createPayloadCache((id) => {
    asked.push(id);
    return Promise.resolve({ input: payload('12345'), output: payload('67890'), metadata: null });
  }, maxChars);
  return { cache, asked };
}

describe('the cache of payloads', () => {
  it('reads a trace once, and again when it has changed', async () => {
    const { cache, asked } = cacheOf();
    await cache.read(trace('a'));
    await cache.read(trace('a'));
    expect(asked).toEqual(['a']);
    expect((await cache.read(trace('a', 2))).input?.text).toBe('12345');
    expect(asked).toEqual(['a', 'a']);
  });

  it('forgets the one that was used least recently, beyond its bound', async () => {
    const { cache, asked } = cacheOf(20);
    for (const id of ['a', 'b', 'a', 'c', 'a']) await cache.read(trace(id));
    expect(asked).toEqual(['a', 'b', 'c']);
    await cache.read(trace('b'));
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });

  it('holds one version of a trace that grows: a thousand of them take no other out', async () => {
    const { cache, asked } = cacheOf(20);
    await cache.read(trace('other'));
    for (let version = 0; version < 1_000; version += 1) await cache.read(trace('a', version));
    asked.length = 0;
    await cache.read(trace('other'));
    expect(asked).toEqual([]);
  });

  it('asks again after a failure', async () => {
    let isAway = true;
    const cache = createPayloadCache(() =>
      isAway
        ? Promise.reject(new Error('away'))
        : Promise.resolve({ input: null, output: null, metadata: null }),
    );
    await expect(cache.read(trace('a'))).rejects.toThrow('away');
    isAway = false;
    expect(await cache.read(trace('a'))).toEqual({ input: null, output: null, metadata: null });
  });
});
