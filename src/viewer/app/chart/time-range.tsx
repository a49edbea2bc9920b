/** Chooses the time range of the filters: the last minutes, hours or days. */

import { query, setQuery } from '../ui/router.js';

const RANGES: readonly [string, number | null][] = [
  ['All time', null],
  ['Last 15 minutes', 15 * 60_000],
  ['Last hour', 3_600_000],
  ['Last day', 86_400_000],
  ['Last week', 7 * 86_400_000],
];

export function TimeRange() {
  const isSet = query.value.has('from') || query.value.has('to');
  const choose = (name: string) => {
    const ms = RANGES.find(([label]) => label === name)?.[1] ?? null;
    setQuery({ from: ms === null ? [] : [new Date(Date.now() - ms).toISOString()], to: [] });
  };
  return (
    <select
      class="time-range"
      aria-label="Time range"
      value={isSet ? 'Chosen range' : 'All time'}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
    >
      {isSet && <option>Chosen range</option>}
      {RANGES.map(([label]) => (
        <option key={label}>{label}</option>
      ))}
    </select>
  );
}
