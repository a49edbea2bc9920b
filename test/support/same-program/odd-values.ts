/** Values that JSON has no word for, or that are easily mistaken: as input, and inside output and metadata. */

class Money {
  amount = 5;
  toJSON() {
    return '5 EUR';
  }
}

const circular: { name: string; self?: unknown } = { name: 'loop' };
circular.self = circular;

const cause = new Error('warehouse is shut');
cause.stack = 'Error: warehouse is shut\n    at shop.js:2:1';
const failing = new Error('out of stock', { cause });
failing.stack = 'Error: out of stock\n    at shop.js:1:1';

export const oddValues = {
  'value: null': null,
  'value: undefined inside': { a: undefined, b: [undefined, 1] },
  'value: NaN': Number.NaN,
  'value: Infinity inside': [Number.POSITIVE_INFINITY, -0],
  'value: zero': 0,
  'value: false': false,
  'value: empty text': '',
  'value: number in text': '17',
  'value: JSON in text': '{"a": [1, 2]}',
  'value: date': new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)),
  'value: invalid date': new Date(Number.NaN),
  'value: error': failing,
  'value: map': new Map<unknown, unknown>([
    ['a', 1],
    [2, 'b'],
  ]),
  'value: set': new Set([1, 'b']),
  'value: big integer': 9007199254740993n,
  'value: function': Object.assign(() => 'x', { note: 1 }),
  'value: symbol inside': { s: Symbol('mark') },
  'value: toJSON': new Money(),
  'value: circular': circular,
  'value: bytes': new Uint8Array([1, 2, 250]),
  'value: half a character': 'a\ud83d',
  'value: emoji and control': '👩‍👩‍👧 \u0000\u0007 "quoted" \\',
  'value: nested list': [[1, [2, [3]]], {}, []],
  'value: large number': 1.5e300,
} as const;
