/** Compares options by value. */
import { describe, expect, it } from 'vitest';
import { resolveEngineOptions } from '../../../src/config/engine-options.js';
import { destinationKey } from '../../../src/producer/destination-key.js';

const keyOf = (options: unknown, more = {}): string | undefined =>
  destinationKey(
    resolveEngineOptions({ exporter: { url: 'file:///exporter.js', options }, ...more }).options,
  );

describe('the key of a destination', () => {
  it.each([
    ['nothing', undefined, undefined],
    ['fields in another order', { a: 1, b: { c: [1, 'x', null] } }, { b: { c: [1, 'x', null] }, a: 1 }],
    ['patterns', { pattern: /a|b/gi }, { pattern: /a|b/gi }],
    ['addresses', { to: new URL('https://a.example/x') }, { to: new URL('https://a.example/x') }],
  ])('is the same for %s', (_, one, other) => {
    expect(keyOf(one)).toBeTypeOf('string');
    expect(keyOf(one)).toBe(keyOf(other));
  });

  it.each([
    ['a number and its text', { a: 1 }, { a: '1' }],
    ['null and undefined', { a: null }, { a: undefined }],
    ['texts that would run together', { a: ['x,y'] }, { a: ['x', 'y'] }],
    ['a text that looks like something else', { a: 'null' }, { a: null }],
    ['names that hold what separates', { 'a":1,"b': 2 }, { a: 1, b: 2 }],
    ['flags of a pattern', { pattern: /a/ }, { pattern: /a/i }],
    ['a pattern and its text', { pattern: /a/ }, { pattern: 'RegExp  "a"' }],
    ['a list and an object of its indices', { a: ['x'] }, { a: { 0: 'x' } }],
  ])('is another for %s', (_, one, other) => {
    expect(keyOf(one)).toBeTypeOf('string');
    expect(keyOf(other)).toBeTypeOf('string');
    expect(keyOf(one)).not.toBe(keyOf(other));
  });

  it('covers each option of the engine', () => {
    expect(keyOf({}, { flushAt: 2 })).not.toBe(keyOf({}));
    expect(keyOf({}, { flushAtExit: false })).not.toBe(keyOf({}));
    expect(keyOf({}, { resourceLimits: { maxOldGenerationSizeMb: 64 } })).not.toBe(keyOf({}));
    expect(keyOf({}, { flushAt: 512 })).toBe(keyOf({}));
  });

  const circle: { self?: unknown } = {};
  circle.self = circle;
  it.each([
    ['a function', { a: () => {} }],
    ['shared memory', { a: new SharedArrayBuffer(8) }],
    ['bytes', { a: Buffer.from('key') }],
    ['a date', { a: new Date(0) }],
    ['a map', { a: new Map() }],
    ['an object of a class', { a: new (class Key {})() }],
    [
      'a getter',
      {
        get a() {
          return 1;
        },
      },
    ],
    ['a proxy', { a: new Proxy({}, {}) }],
    ['a symbol as a name', { [Symbol('x')]: 1 }],
    ['a circle', circle],
  ])('is none where there is %s', (_, options) => {
    expect(keyOf(options)).toBeUndefined();
  });
});
