/** Any value becomes bytes, and comes back as JSON would have it; nothing throws. */
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { decodeEvent } from '../../../src/consumer/event-decoder.js';
import { createEventCodec, encodeEvent, freeze } from '../../../src/producer/event-codec.js';

const codec = createEventCodec();
const roundTrip = (value: unknown): unknown => decodeEvent(freeze(codec, value));
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(roundTrip(value)));

describe('values that JSON can express', () => {
  it('come back as JSON would give them', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(asJson(value)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('strings of every length and script survive', () => {
    for (const character of ['a', 'ä', '漢', '😀']) {
      for (const length of [0, 1, 31, 32, 63, 64, 255, 256, 70_000]) {
        const text = character.repeat(length);
        expect(roundTrip(text)).toBe(text);
      }
    }
  });
});

describe('values that JSON treats in its own way', () => {
  class Money {
    #cents = 250;
    toJSON() {
      return { cents: this.#cents };
    }
  }
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const cycle: Record<string, unknown> = { name: 'cycle' };
  cycle.self = cycle;
  const shared = { x: 1 };
  let deep: unknown = 'bottom';
  for (let i = 0; i < 20_000; i++) deep = [deep];

  it.each<[string, unknown, unknown]>([
    ['a Date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['an invalid Date', { at: new Date(Number.NaN) }, { at: null }],
    ['undefined in an object', { a: undefined, b: 1 }, { b: 1 }],
    ['undefined in an array', [undefined], [null]],
    ['NaN and Infinity', [Number.NaN, Number.POSITIVE_INFINITY], [null, null]],
    ['toJSON of a class', { price: new Money() }, { price: { cents: 250 } }],
    ['toJSON of a plain object', { a: { b: 1, toJSON: () => 'json' } }, { a: 'json' }],
    ['a bigint', [1n, 2n ** 63n, 2n ** 200n], ['1', `${2n ** 63n}`, `${2n ** 200n}`]],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', 1],
        [2, 'b'],
      ]),
      { a: 1, 2: 'b' },
    ],
    ['a Map with objects for keys', new Map([[{ k: 1 }, 1]]), { '{"k":1}': 1 }],
    ['a Set', new Set([1, 2]), [1, 2]],
    ['a RegExp', /a+/g, '/a+/g'],
    ['a typed array', new Float32Array([1, 0.5]), [1, 0.5]],
    ['a Buffer', Buffer.from('hi'), { type: 'Buffer', data: [104, 105] }],
    ['a function', { f: function named() {} }, { f: '[Function: named]' }],
    ['a symbol', [Symbol('s')], ['[Symbol(s)]']],
    ['a cycle', cycle, { name: 'cycle', self: '[Circular]' }],
    ['the same object twice, which is no cycle', [shared, shared], [{ x: 1 }, { x: 1 }]],
    [
      'a getter that throws',
      Object.defineProperty({ ok: 1 }, 'bad', {
        enumerable: true,
        get() {
          throw new Error('no');
        },
      }),
      { ok: 1, bad: '[Getter threw: no]' },
    ],
    [
      'a toJSON that throws',
      {
        a: {
          toJSON() {
            throw new Error('no');
          },
        },
        b: 1,
      },
      { a: '[Unreadable: no]', b: 1 },
    ],
    ['a revoked proxy', { p: revoked.proxy, q: 1 }, { p: expect.stringContaining('[Unreadable'), q: 1 }],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    [
      'own properties named __proto__',
      JSON.parse('{"__proto__":{"__proto__":1},"__proto_":2}'),
      JSON.parse('{"__proto__":{"__proto__":1},"__proto_":2}'),
    ],
    ['an own property named constructor', { constructor: 'x', a: 1 }, { constructor: 'x', a: 1 }],
    ['an own property named hasOwnProperty', { hasOwnProperty: 1, a: 1 }, { hasOwnProperty: 1, a: 1 }],
  ])('%s', (_, value, expected) => {
    expect(asJson(value)).toEqual(expected);
  });

  it('an Error keeps its name, message, stack, cause and own properties', () => {
    const error = Object.assign(new TypeError('outer', { cause: new Error('inner') }), { code: 'E1' });
    expect(asJson({ error })).toEqual({
      error: {
        name: 'TypeError',
        message: 'outer',
        stack: expect.stringContaining('event-codec.test.ts'),
        cause: expect.objectContaining({ message: 'inner' }),
        code: 'E1',
      },
    });
  });

  it('nesting too deep for any encoder is cut where it is too deep', () => {
    expect(JSON.stringify(asJson(deep))).toContain('[Too deep]');
  });

  it('an object with more keys than the fast encoding counts', () => {
    const many = Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i]));
    expect(roundTrip(many)).toEqual(many);
  });

  it('a dense graph of objects that refer to each other comes to an end', () => {
    const people = Array.from({ length: 30 }, (_, id) => ({ id, knows: [] as unknown[] }));
    for (const person of people) person.knows = people.filter((other) => other !== person);
    expect(JSON.stringify(asJson(people))).toContain('[Repeated]');
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
          withSparseArray: true,
          withObjectString: true,
          withUnicodeString: true,
        } as never),
        (value) => {
          roundTrip(value);
        },
      ),
    );
  });
});

describe('other users of msgpackr in the process', () => {
  it('keep their bytes: nothing of ours is written where they write', () => {
    const other = new Packr();
    const theirs = other.pack({ theirs: 'x'.repeat(1000) });
    const copy = Buffer.from(theirs);
    for (let i = 0; i < 50; i++) encodeEvent(codec, { ours: 'y'.repeat(i * 100) });
    encodeEvent(codec, { huge: 'z'.repeat(5 * 1024 * 1024) });
    const later = other.pack({ later: 1 });
    encodeEvent(codec, { ours: 'again' });
    expect(Buffer.compare(theirs, copy)).toBe(0);
    expect(other.unpack(later)).toEqual({ later: 1 });
  });

  it('keep their encoding: no extension of ours is registered', () => {
    const other = new Packr({ moreTypes: true });
    expect(other.unpack(other.pack(new Set([1])))).toEqual(new Set([1]));
    expect(other.unpack(other.pack(new Error('theirs')))).toBeInstanceOf(Error);
  });
});

it('an event pushed from inside toJSON of another does not disturb it', () => {
  const outer = {
    before: 'b'.repeat(100),
    inner: new (class {
      toJSON() {
        freeze(codec, { nested: true });
        return 'from toJSON';
      }
    })(),
    after: 'a',
  };
  expect(roundTrip(outer)).toEqual({ before: 'b'.repeat(100), inner: 'from toJSON', after: 'a' });
});
