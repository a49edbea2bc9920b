/** Events of all sizes, now and then with values that nobody expects; each under a name that no other has. */

const MAX_BYTES = 2 * 1024 * 1024;
const LOREM =
  'The agent looks up the reservation, asks for the passenger’s name, and 航班 has been delayed by two hours. ';

/** What an application hands over by mistake. */
const HOSTILE = [
  () => {
    const cycle = { name: 'cycle' };
    cycle.self = cycle;
    return cycle;
  },
  () => ({
    get trap() {
      throw new Error('a getter of the application');
    },
  }),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return { proxy };
  },
  () => ({ big: 2n ** 200n, small: -1n, symbol: Symbol('s'), fn: () => 1 }),
  () => ({ NaN: Number.NaN, inf: -Infinity, zero: -0, date: new Date(Number.NaN) }),
  () => 'half a pair \ud800 and its end \udc00, NUL \0, bidi \u202e, BOM \ufeff',
  () => JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}, "toJSON": 1}'),
  () => ({
    toJSON() {
      throw new Error('a toJSON of the application');
    },
  }),
  () => new Map([[{ key: 1 }, new Set([1, [2]])]]),
  () => ({ bytes: new Uint8Array(5_000), view: new DataView(new ArrayBuffer(8)), error: new TypeError('t') }),
  () => nested(5_000),
  () => Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i])),
  () => new Array(1_000_000),
  () => undefined,
];

function nested(depth) {
  let value = 'bottom';
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { value };
  return value;
}

/** Sizes spread evenly over the powers of two: most are small, a few are large. */
function sizeOf(random) {
  if (random(400) === 0) return random(MAX_BYTES);
  return 2 ** (6 + random(9)) + random(64);
}

function textOf(size) {
  return LOREM.repeat(Math.ceil(size / LOREM.length)).slice(0, size);
}

/**
 * Hands one event over. `trouble`: what the mask module is to do when it comes to it (chaos/mask.mjs). Returns how many
 * characters of text were in it.
 */
export function pushEvent(client, name, random, trouble) {
  const size = sizeOf(random);
  const input = random(40) === 0 ? HOSTILE[random(HOSTILE.length)]() : textOf(size);
  const metadata = trouble === undefined ? { size } : { size, trouble };
  switch (random(5)) {
    case 0:
      client.event({ name, input, metadata });
      break;
    case 1:
      client.score({
        name,
        value: random(100),
        traceId: random(2 ** 30)
          .toString(16)
          .padStart(32, '0'),
      });
      break;
    case 2:
      client.span({ name, input, metadata }).end({ output: textOf(random(500)) });
      break;
    default:
      client
        .generation({ name, input: [{ role: 'user', content: input }], model: 'gpt-4o', metadata })
        .end({ output: textOf(random(500)), usageDetails: { input: random(1000), output: random(1000) } });
  }
  return size;
}
