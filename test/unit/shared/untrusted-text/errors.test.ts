/** The messages of thrown values: errors of all kinds, and other values. */
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { messageOf, nameOf } from '../../../../src/shared/untrusted-text/errors.js';

const trap = (name: string, value: object = {}) =>
  Object.defineProperty(value, name, {
    get() {
      throw new Error('trapped');
    },
  });
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe('the message', () => {
  it.each<[string, unknown, string]>([
    ['an error', new Error('x'), 'x'],
    ['an error without one', new TypeError(), 'TypeError'],
    ['an error of another realm', runInNewContext('new RangeError("far")'), 'far'],
    ['an error of another realm without one', runInNewContext('new RangeError()'), 'RangeError'],
    ['an error with a number', Object.assign(new Error('x'), { message: 5 }), '5'],
    ['a DOMException', new DOMException('gone', 'AbortError'), 'gone'],
    ['an object with one', { message: 'x', code: 5 }, 'x'],
    ['an object with an empty one', { message: '' }, '[object Object]'],
    ['a text', 'x', 'x'],
    ['a number', 5, '5'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an object without a prototype', Object.create(null), 'an error that cannot be read'],
    ['an AggregateError', new AggregateError([new Error('a'), 'b'], 'both'), 'both: a; b'],
    ['an AggregateError without one', new AggregateError([new Error('a')]), 'AggregateError: a'],
    ['an AggregateError of none', new AggregateError([]), 'AggregateError'],
    ['a getter that throws', trap('message'), 'an error that cannot be read'],
    ['an error with a getter that throws', trap('message', new Error('x')), 'an error that cannot be read'],
    ['a revoked proxy', revoked(), 'an error that cannot be read'],
  ])('of %s', (_, thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });

  it('of many errors in one is short', () => {
    const errors = Array.from({ length: 1000 }, (_, i) => new Error(`e${i}`));
    expect(messageOf(new AggregateError(errors, 'all'))).toBe('all: e0; e1; e2; e3; e4; … (1000 in all)');
  });

  it('of an error that contains itself is finite', () => {
    const error = new AggregateError([], 'self');
    error.errors.push(error);
    expect(messageOf(error)).toBe('self: self');
  });
});

it('the name is that of an error of any realm', () => {
  expect([
    nameOf(new TypeError()),
    nameOf(runInNewContext('new RangeError()')),
    nameOf({ name: 'x' }),
  ]).toEqual(['TypeError', 'RangeError', 'object']);
});
