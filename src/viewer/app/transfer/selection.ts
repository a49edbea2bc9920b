/** Which traces of the list are selected. A range goes from the row that was chosen last to the present one. */

import { signal } from '@preact/signals';

export const selected = signal<ReadonlySet<string>>(new Set());
let anchor: string | undefined;

/** An address has room for this many ids. */
export const MAX_SELECTED = 300;

/** `ids`: the rows of the list. `isRange`: all from the last one on get the state of the present one. */
export function select(ids: readonly string[], index: number, isRange: boolean): void {
  const id = ids[index];
  if (id === undefined) return;
  selected.value = withRow(selected.value, ids, index, isRange ? anchor : undefined);
  anchor = id;
}

export function selectAll(ids: readonly string[]): void {
  const isWhole = ids.every((id) => selected.value.has(id));
  selected.value = new Set(isWhole ? [] : ids.slice(0, MAX_SELECTED));
}

export function clearSelection(): void {
  selected.value = new Set();
  anchor = undefined;
}

/** `from`: where a range begins. */
export function withRow(
  before: ReadonlySet<string>,
  ids: readonly string[],
  index: number,
  from?: string,
): ReadonlySet<string> {
  const id = ids[index] as string;
  const isOn = !before.has(id);
  const start = from === undefined ? -1 : ids.indexOf(from);
  const [first, last] = start < 0 ? [index, index] : [Math.min(start, index), Math.max(start, index)];
  const after = new Set(before);
  for (const one of ids.slice(first, last + 1)) {
    if (!isOn) after.delete(one);
    else if (after.size < MAX_SELECTED) after.add(one);
  }
  return after;
}
