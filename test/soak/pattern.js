/** What both ends of a soak know of a record's text, so that one changed character shows; and chance that can be repeated. */

const LENGTH = 16_384;
/** A part of it has characters that V8 holds in two bytes. */
const PATTERN = Array.from({ length: LENGTH }, (_, i) =>
  String.fromCharCode(i % 4096 < 3072 ? 32 + ((i * 31) % 90) : 0x4e00 + ((i * 7) % 5000)),
).join('');

export function textOf(n, size) {
  const start = (n * 37) % (LENGTH - size);
  return PATTERN.slice(start, start + size);
}

/** Of a set of numbers, whatever their order. */
export function addToDigest(digest, n) {
  return (digest + Math.imul(n ^ (n >>> 15), 0x2c1b3c6d)) | 0;
}

/** Whole numbers below a bound, the same for the same seed (mulberry32). */
export function chance(seed) {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}
