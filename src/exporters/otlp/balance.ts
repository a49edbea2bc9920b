/**
 * Chooses endpoints by trace id, with rendezvous hashing: each endpoint has a weight for each trace, and the heaviest gets it. A trace is
 * therefore always at the same endpoint, whichever process sends its spans and in whatever order the endpoints are listed. If one ends,
 * its traces alone go elsewhere: each to its second, as if the first had never been there.
 */

/** Returns the indices of the first and the second choice as `first * count + second`. */
export type ChooseByTrace = (bytes: Uint8Array, traceIdAt: number) => number;

const TRACE_ID_BYTES = 16;

/** `urls`: at least two. */
export function createBalance(urls: readonly string[]): ChooseByTrace {
  const seeds = Uint32Array.from(urls, hashOf);
  const count = seeds.length;
  return (bytes, at) => {
    const trace = hashOfBytes(bytes, at, at + TRACE_ID_BYTES);
    let first = 0;
    let second = 0;
    let heaviest = -1;
    let next = -1;
    for (let i = 0; i < count; i++) {
      const weight = mix(trace ^ (seeds[i] as number));
      if (weight > heaviest) {
        second = first;
        next = heaviest;
        first = i;
        heaviest = weight;
      } else if (weight > next) {
        second = i;
        next = weight;
      }
    }
    return first * count + second;
  };
}

function hashOf(url: string): number {
  const bytes = Buffer.from(url);
  return hashOfBytes(bytes, 0, bytes.byteLength);
}

/** FNV-1a; `mix` then spreads its bits, as ids of people are often alike. */
function hashOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return mix(hash);
}

/** The finalizer of MurmurHash3: each bit of the result depends on each bit of the number. */
function mix(number: number): number {
  let bits = number ^ (number >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
