/** Encodes any value to bytes that decode to the value's JSON. Never throws. */
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { decodeEvent } from '../../../../src/event/event-decoder.js';
import { NO_ROOM, writeFrozen } from '../../../../src/event/event-writer.js';
import type { Frozen } from '../../../../src/event/frozen.js';
import { writeValue } from '../../../../src/event/value-writer.js';
import { createEventCodec, encodeToScratch, freezeValue } from '../../../../src/producer/push/event-codec.js';
import { eventBytesBy } from '../../../support/event-bytes.js';

const MAX_BYTES = 16 * 1024 * 1024;
const codec = createEventCodec(MAX_BYTES);

function bytesOf(value: unknown): Buffer {
  const { buffer, start, end } = encodeToScratch(codec, writeValue, value);
  return Buffer.from(buffer.subarray(start, end));
}

/** Encodes the value as an event, and also frozen within an event: both must decode to the same. */
function roundTrip(value: unknown): unknown {
  const direct = decodeEvent(bytesOf(value));
  expect(decodeEvent(eventBytesBy(writeFrozen, freezeValue(codec, value)))).toEqual(direct);
  return direct;
}
const fail = (error: unknown): never => {
  throw error;
};
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(roundTrip(value)));

describe('values that JSON can express', () => {
  it('decode to their JSON', () => {
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
      'boxed primitives',
      [Object('s'), Object(1.5), Object(false), Object(2n), Object(Symbol('b'))],
      ['s', 1.5, false, '2', '[Symbol(b)]'],
    ],
    ['what only looks like one', Object.create(String.prototype), {}],
    ['holes', Object.assign(new Array(3), { 1: 'x' }), [null, 'x', null]],
    ['a function with a toJSON', [Object.assign(() => 1, { toJSON: () => 'spoken' })], ['spoken']],
    [
      'an Error whose message is no text',
      { toJSON: () => fail(Object.assign(new Error('x'), { message: Object.create(null) })) },
      expect.stringContaining('[Unreadable'),
    ],
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

  it('a toJSON that the application has given to all BigInts', () => {
    Object.defineProperty(BigInt.prototype, 'toJSON', {
      configurable: true,
      value(this: bigint) {
        return Number(this);
      },
    });
    try {
      expect(roundTrip([1n, { n: 2n }])).toEqual([1, { n: 2 }]);
    } finally {
      Reflect.deleteProperty(BigInt.prototype, 'toJSON');
    }
    expect(roundTrip([1n])).toEqual(['1']);
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

  it('nesting that is too deep for any encoder is cut', () => {
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
  it('keep their encoding: no extension of ours is registered', () => {
    const other = new Packr({ moreTypes: true });
    expect(other.unpack(other.pack(new Set([1])))).toEqual(new Set([1]));
    expect(other.unpack(other.pack(new Error('theirs')))).toBeInstanceOf(Error);
  });
});

describe('a frozen value', () => {
  it('stays as it was, long text in it too', () => {
    const value = { role: 'user', parts: ['x'.repeat(100), '漢'.repeat(100)], more: { n: 1 } };
    const before = structuredClone(value);
    const frozen = freezeValue(codec, { value });
    value.parts[0] = 'changed';
    value.parts.push('added');
    value.more.n = 2;
    expect(decodeEvent(eventBytesBy(writeFrozen, frozen))).toEqual({ value: before });
  });

  it('can be put into another one', () => {
    const inner = freezeValue(codec, { text: 'inner '.repeat(20) });
    const outer = freezeValue(codec, { before: 'b'.repeat(60), inner, after: ['a'.repeat(60)] });
    expect(decodeEvent(eventBytesBy(writeFrozen, outer))).toEqual({
      before: 'b'.repeat(60),
      inner: { text: 'inner '.repeat(20) },
      after: ['a'.repeat(60)],
    });
  });

  it('of any size does not disturb the others', () => {
    const values = Array.from({ length: 3000 }, (_, i) => ({
      i,
      numbers: Array.from({ length: (i * 37) % 700 }, (_, n) => n + 0.5),
      text: 'é'.repeat(i % 90),
    }));
    const frozen = values.map((value) => freezeValue(codec, value));
    for (const [i, value] of values.entries()) {
      expect(decodeEvent(eventBytesBy(writeFrozen, frozen[i] as Frozen))).toEqual(value);
    }
  });

  it('that is not plain data contains nothing of the first attempt', () => {
    const value = { text: 'a'.repeat(100), list: [new Map([['k', 'b'.repeat(100)]])] };
    expect(decodeEvent(eventBytesBy(writeFrozen, freezeValue(codec, value)))).toEqual({
      text: 'a'.repeat(100),
      list: [{ k: 'b'.repeat(100) }],
    });
  });
});

describe('values that change while they are written', () => {
  it('an array that grows or shrinks has the length that it had', () => {
    const array: unknown[] = [1, 2, 3];
    Object.defineProperty(array, 1, {
      enumerable: true,
      configurable: true,
      get() {
        array.length = 2;
        return 'shrunk';
      },
    });
    expect(decodeEvent(bytesOf({ array, after: 'a' }))).toEqual({ array: [1, 'shrunk', null], after: 'a' });
  });

  it('classes that extend arrays and bytes are written as their toJSON', () => {
    class Same extends Array<unknown> {
      toJSON() {
        return this;
      }
    }
    class Hex extends Uint8Array {
      toJSON() {
        return 'hex';
      }
    }
    expect(roundTrip({ same: Same.from([1, 2]), hex: new Hex(2) })).toEqual({ same: [1, 2], hex: 'hex' });
  });

  it('a frozen value stays one beside a value that is not plain', () => {
    const secret = freezeValue(codec, { secret: 'of somebody else' });
    const frozen = freezeValue(codec, { a: 'x'.repeat(100) });
    expect(roundTrip({ frozen, set: new Set([1]) })).toEqual({ frozen: { a: 'x'.repeat(100) }, set: [1] });
    expect(JSON.stringify(roundTrip(new Map([['frozen', frozen]])))).not.toContain('secret');
    expect(secret.end).toBeGreaterThan(secret.start);
  });
});

describe('an event that is too large', () => {
  it('differs from one that cannot be serialised', () => {
    expect(() => bytesOf('x'.repeat(MAX_BYTES))).toThrow(NO_ROOM);
    expect(bytesOf('x'.repeat(MAX_BYTES - 10)).byteLength).toBe(MAX_BYTES - 3);
  });

  it('becomes a placeholder when it is frozen', () => {
    const { buffer, start, end } = freezeValue(codec, new Array(MAX_BYTES + 1).fill(0));
    expect(decodeEvent(Buffer.from(buffer.subarray(start, end)))).toContain('no room');
  });
});

it('an event pushed from inside toJSON of another does not disturb it', () => {
  const inner: unknown[] = [];
  const outer = {
    before: 'b'.repeat(100),
    inner: new (class {
      toJSON() {
        inner.push(freezeValue(codec, { nested: 'n'.repeat(100) }));
        return 'from toJSON';
      }
    })(),
    after: 'a',
  };
  expect(roundTrip(outer)).toEqual({ before: 'b'.repeat(100), inner: 'from toJSON', after: 'a' });
  expect(inner.length).toBeGreaterThan(0);
  for (const one of inner) {
    expect(decodeEvent(eventBytesBy(writeFrozen, one as Frozen))).toEqual({ nested: 'n'.repeat(100) });
  }
});
