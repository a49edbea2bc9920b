/** Values of every sort that JavaScript has, and what JSON makes of them. */
import { inspect, types } from 'node:util';
import fc from 'fast-check';

/** Any UTF-16 code units, paired or not, NUL among them. */
const anyText = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 80 });

class Money {
  #cents: number;
  currency = 'EUR';
  constructor(cents: number) {
    this.#cents = cents;
  }
  toJSON(): object {
    return { cents: this.#cents, of: this.currency };
  }
}

class Point {
  x: unknown;
  y = 1;
  constructor(x: unknown) {
    this.x = x;
  }
  get sum(): number {
    return 2;
  }
}

class TrapError extends Error {}

const throwing = (): never => {
  throw new TrapError('trapped');
};

const revokedProxy = (target: object): unknown => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};

/** Values that fast-check cannot hand out by themselves, as it looks into them. */
export const untouchable = [revokedProxy({}), revokedProxy([]), revokedProxy(() => 1)];

const cycle = (through: (self: object) => unknown): object => {
  const self: Record<string, unknown> = { before: 1 };
  self.self = through(self);
  return self;
};

export const deep = (depth: number): unknown => {
  let value: unknown = 'bottom';
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { value };
  return value;
};

const wide = (width: number): unknown =>
  Object.fromEntries(Array.from({ length: width }, (_, i) => [`k${i}`, i]));

/** What JSON.stringify has a text for. */
const ordinary = [
  anyText,
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    false,
    0,
    -0,
    Number.NaN,
    Infinity,
    -Infinity,
    5e-324,
    2 ** 53,
  ),
  fc.double(),
  fc.integer(),
  fc.date({ noInvalidDate: false }),
  fc.constantFrom<unknown>(
    '',
    '__proto__',
    'x'.repeat(5000),
    'ä'.repeat(300),
    '漢'.repeat(300),
    '{"a":1}',
    '17',
    '\0',
  ),
  fc.integer().map((cents) => new Money(cents)),
  anyText.map((text) => new Point(text)),
  anyText.map((text) => Object(text)),
  fc.double().map((number) => Object(number)),
  fc.boolean().map((flag) => Object(flag)),
  fc.constant({ toJSON: (name: unknown) => `told a ${typeof name}` }),
  fc.constant({ toJSON: () => undefined }),
  fc.constant(JSON.parse('{"__proto__":{"x":1},"constructor":1,"toString":2,"hasOwnProperty":3}')),
  fc.constant(Object.assign(new Array(3), { 1: 'between holes' })),
  fc.constant(new URL('https://example.org/a?b=c')),
  fc.constant(Promise.resolve(1)),
  fc.constant(new WeakMap()),
  fc.constantFrom(20, 400).map(deep),
  fc.constant(wide(500)),
];

/** What it throws at, or drops. */
const extraordinary = [
  fc.bigInt(),
  fc.constant(2n ** 4000n),
  fc.bigInt().map((number) => Object(number)),
  fc.constantFrom<unknown>(Symbol(), Symbol('named'), Symbol.iterator, Object(Symbol('boxed'))),
  fc.constantFrom<unknown>(
    throwing,
    () => 1,
    class Named {},
    async function* steps() {},
    Object.assign(() => 1, { toJSON: () => 'spoken' }),
  ),
  fc.constant(Object.defineProperty({ ok: 1 }, 'bad', { enumerable: true, get: throwing })),
  fc.constant({ toJSON: throwing }),
  fc.constant(Object.defineProperty({}, 'toJSON', { get: throwing })),
  fc.constantFrom<unknown>(...untouchable.map((one) => [one])),
  fc.constant(new Proxy({ a: 1 }, { ownKeys: throwing })),
  fc.constant(Object.create(Date.prototype)),
  fc.constantFrom<unknown>(
    cycle((self) => self),
    cycle((self) => [self]),
    cycle((self) => new Map([['self', self]])),
    cycle((self) => new Set([self])),
  ),
  fc.constantFrom<unknown>(/a+/g, new Error('plain'), new TypeError('typed', { cause: 'why' })),
  fc.constantFrom<unknown>(Buffer.from('bytes'), new DataView(new ArrayBuffer(2)), new ArrayBuffer(3)),
  fc.constantFrom<unknown>(new BigInt64Array([1n, -1n]), new Float32Array([0.5, Number.NaN])),
  fc.constant(Object.assign(new Error('x'), { message: Object.create(null) })),
];

/** A value that fast-check cannot look into when it tells of a failure. */
class Held {
  readonly #value: unknown;
  constructor(value: unknown) {
    this.#value = value;
  }
  open(): unknown {
    return this.#value;
  }
  [fc.toStringMethod](): string {
    return inspect(this.#value, { depth: 4, maxStringLength: 100, breakLength: Infinity }).slice(0, 100);
  }
}

const key = fc.oneof(
  fc.constantFrom('', '__proto__', 'toString', 'length', 'a b', 'ключ', '鍵'),
  fc.string({ unit: 'binary' }),
);

/** A value of any sort, or something made of them. */
export const anyValue: fc.Arbitrary<Held> = fc
  .oneof(
    fc.oneof(...ordinary),
    fc.oneof(...extraordinary),
    fc.anything({
      key,
      values: [...ordinary, ...extraordinary] as fc.Arbitrary<unknown>[],
      withMap: true,
      withSet: true,
      withSparseArray: true,
      withNullPrototype: true,
      withTypedArray: true,
      withBigInt: true,
      withDate: true,
      withBoxedValues: true,
      maxDepth: 3,
    }),
  )
  .map((value) => new Held(value));

/** Matches any text that begins so: a stand-in whose rest nobody promises. */
export class StandIn {
  readonly begins: string;
  constructor(begins: string) {
    this.begins = begins;
  }
}

/**
 * JSON.stringify's answer, wherever it has one; else a readable stand-in in the place of what it has none for.
 * Undefined: nothing, null where it must be something.
 */
export function asJson(value: unknown, ancestors: readonly unknown[] = []): unknown {
  try {
    const text = stringify(value);
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    // Not the whole of it.
  }
  if (ancestors.includes(value)) return '[Circular]';
  try {
    return extended(value, [...ancestors, value]);
  } catch {
    return new StandIn('[');
  }
}

/** Throws where there is something in it that JSON.stringify throws at, drops or tells nothing of. */
function stringify(value: unknown): string | undefined {
  return JSON.stringify(value, function (this: Record<string, unknown>, name: string, read: unknown) {
    if (isExtraordinary(read) || isExtraordinary(this[name])) throw new TrapError();
    return read;
  });
}

function isExtraordinary(value: unknown): boolean {
  if (['bigint', 'symbol', 'function'].includes(typeof value)) return true;
  return (
    value instanceof Map ||
    value instanceof Set ||
    value instanceof Error ||
    value instanceof RegExp ||
    types.isAnyArrayBuffer(value) ||
    ArrayBuffer.isView(value) ||
    types.isBigIntObject(value) ||
    types.isSymbolObject(value)
  );
}

function extended(value: unknown, path: readonly unknown[]): unknown {
  if (typeof value === 'symbol') return `[${String(value)}]`;
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function' && !Buffer.isBuffer(value)) {
    return asJson(toJSON.call(value, path.length > 1 ? 'part' : ''), path);
  }
  if (typeof value === 'bigint' || types.isBigIntObject(value)) return String(value);
  if (types.isSymbolObject(value)) return `[${String(value.valueOf())}]`;
  if (typeof value === 'function') return `[Function: ${value.name || 'anonymous'}]`;
  const part = (one: unknown): unknown => asJson(one, path) ?? null;
  const member = (one: unknown): unknown => asJson(one, path);
  if (value instanceof Error) return new StandIn('');
  if (value instanceof RegExp) return String(value);
  if (types.isAnyArrayBuffer(value)) return JSON.parse(JSON.stringify(Buffer.from(value as ArrayBuffer)));
  if (value instanceof Uint8Array || value instanceof DataView)
    return JSON.parse(JSON.stringify(Buffer.from(value.buffer, value.byteOffset, value.byteLength)));
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array, part);
  if (value instanceof Set || Array.isArray(value)) return Array.from(value as Iterable<unknown>, part);
  const entries =
    value instanceof Map
      ? [...value].map(([name, one]) => [nameOf(name), () => one] as const)
      : ownEntries(value as object);
  return membersOf(entries, member);
}

function ownEntries(object: object): (readonly [string, () => unknown])[] {
  return Object.keys(object).map((name) => [name, () => (object as Record<string, unknown>)[name]]);
}

function membersOf(
  entries: readonly (readonly [string, () => unknown])[],
  toMember: (one: unknown) => unknown,
): object {
  const members = new Map<string, unknown>();
  for (const [name, read] of entries) {
    try {
      const member = toMember(read());
      if (member !== undefined) members.set(name, member);
      else members.delete(name);
    } catch {
      members.set(name, new StandIn('[Getter threw'));
    }
  }
  return Object.fromEntries(members);
}

function nameOf(name: unknown): string {
  if (typeof name === 'function') return `[Function: ${name.name || 'anonymous'}]`;
  if (typeof name !== 'object') return String(name);
  try {
    return JSON.stringify(name) ?? '[object]';
  } catch {
    return '[object]';
  }
}

/**
 * Where a stored value is not the one that JSON has; undefined where it is. Keys are UTF-8 on the wire, so that halves of
 * a surrogate pair become U+FFFD there.
 */
export function difference(stored: unknown, expected: unknown, path = ''): string | undefined {
  if (expected instanceof StandIn) {
    const isText = typeof stored === 'string' && stored.startsWith(expected.begins);
    return isText || expected.begins === '' ? undefined : `${path}: no stand-in, but ${show(stored)}`;
  }
  if (!isContainer(expected) || !isContainer(stored) || Array.isArray(expected) !== Array.isArray(stored)) {
    const sent = typeof expected === 'string' ? expected.toWellFormed() : expected;
    return Object.is(stored, sent) ? undefined : `${path}: ${show(stored)} instead of ${show(expected)}`;
  }
  const members = new Map(Object.entries(expected).map(([name, one]) => [name.toWellFormed(), one]));
  if (Object.keys(stored).length !== members.size)
    return `${path}: ${show(stored)} instead of ${show(expected)}`;
  for (const [name, one] of Object.entries(stored)) {
    const found = difference(one, members.has(name) ? members.get(name) : 'nothing', `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 200);
}
