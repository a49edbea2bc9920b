/** The few figures that runs are boiled down to. */

/** Nearest rank. Sorts a copy. */
export function percentiles(values, ...ranks) {
  const sorted = Float64Array.from(values).sort();
  return ranks.map(
    (rank) => sorted[Math.min(sorted.length - 1, Math.ceil((rank / 100) * sorted.length) - 1)],
  );
}

export function median(values) {
  const numbers = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (numbers.length === 0) return null;
  const middle = numbers.length >> 1;
  return numbers.length % 2 === 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2;
}

/** Per field, over objects with numbers. */
export function medians(objects) {
  const names = new Set(objects.flatMap((object) => Object.keys(object)));
  return Object.fromEntries(
    [...names]
      .filter((name) => objects.some((object) => typeof object[name] === 'number'))
      .map((name) => [name, median(objects.map((object) => object[name]))]),
  );
}
