/** The longest common subsequence of two lists: what is in both in the same order. */

/** More cells take too long for one turn of the browser. Beyond, equal items are matched from the front on. */
const MAX_CELLS = 1_000_000;

/** Pairs of positions with equal keys, rising on both sides. */
export function commonPairs(a: readonly string[], b: readonly string[]): [number, number][] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  const middle =
    (endA - start) * (endB - start) > MAX_CELLS
      ? inOrder(a, b, start, endA, endB)
      : longest(a, b, start, endA, endB);
  const pairs: [number, number][] = Array.from({ length: start }, (_, at) => [at, at]);
  for (const pair of middle) pairs.push(pair);
  for (let at = 0; at < a.length - endA; at += 1) pairs.push([endA + at, endB + at]);
  return pairs;
}

function longest(
  a: readonly string[],
  b: readonly string[],
  start: number,
  endA: number,
  endB: number,
): [number, number][] {
  const [rows, columns] = [endA - start, endB - start];
  const width = columns + 1;
  // By cell the length of the best sequence from there on.
  const best = new Uint32Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = columns - 1; j >= 0; j -= 1) {
      const cell = i * width + j;
      best[cell] =
        a[start + i] === b[start + j]
          ? (best[cell + width + 1] as number) + 1
          : Math.max(best[cell + width] as number, best[cell + 1] as number);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    const cell = i * width + j;
    if (a[start + i] === b[start + j]) {
      pairs.push([start + i, start + j]);
      i += 1;
      j += 1;
    } else if ((best[cell + width] as number) >= (best[cell + 1] as number)) i += 1;
    else j += 1;
  }
  return pairs;
}

/** Each item of `b` takes the next equal one of `a`. Not the longest, but its time does not grow with the square. */
function inOrder(
  a: readonly string[],
  b: readonly string[],
  start: number,
  endA: number,
  endB: number,
): [number, number][] {
  const places = new Map<string, number[]>();
  // Backwards, so that the next place of a key is at the end of its list.
  for (let at = endA - 1; at >= start; at -= 1) {
    const known = places.get(a[at] as string);
    if (known === undefined) places.set(a[at] as string, [at]);
    else known.push(at);
  }
  const pairs: [number, number][] = [];
  let next = start;
  for (let at = start; at < endB; at += 1) {
    const known = places.get(b[at] as string);
    while (known !== undefined && (known.at(-1) ?? next) < next) known.pop();
    const place = known?.pop();
    if (place === undefined) continue;
    pairs.push([place, at]);
    next = place + 1;
  }
  return pairs;
}
