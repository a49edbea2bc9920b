/** Fits costs to what was measured: y = fixed + perUnit · x, by least squares of the relative errors, neither of them below zero. */

/** @param {{x: number, y: number}[]} points with y > 0 */
export function fitLine(points) {
  // Relative errors: a point of 2 MB must not drown one of 1 kB.
  const sums = { w: 0, wx: 0, wy: 0, wxx: 0, wxy: 0 };
  for (const { x, y } of points) {
    const w = 1 / y ** 2;
    sums.w += w;
    sums.wx += w * x;
    sums.wy += w * y;
    sums.wxx += w * x * x;
    sums.wxy += w * x * y;
  }
  const { w, wx, wy, wxx, wxy } = sums;
  const divisor = w * wxx - wx * wx;
  const perUnit = divisor === 0 ? 0 : (w * wxy - wx * wy) / divisor;
  const fixed = (wy - perUnit * wx) / w;
  if (perUnit < 0) return { fixed: wy / w, perUnit: 0 };
  return fixed < 0 ? { fixed: 0, perUnit: wxy / wxx } : { fixed, perUnit };
}

export const onLine = ({ fixed, perUnit }, x) => fixed + perUnit * x;
