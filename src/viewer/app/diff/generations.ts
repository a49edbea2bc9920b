/** Which generations of a trace a generation can be compared with. */

import type { ObservationColumns } from '../../data/trace.js';

/** A list of more is no help. */
const MAX_BEFORE = 100;
const MAX_AFTER = 50;

/** The position of the last generation that started before; undefined: it is the first. Columns are in order of start. */
export function previousGeneration({ type }: ObservationColumns, at: number): number | undefined {
  for (let position = at - 1; position >= 0; position -= 1)
    if (type[position] === 'GENERATION') return position;
  return undefined;
}

/** The positions of others, before it and after it, in order of start. */
export function generationsNear({ type }: ObservationColumns, at: number): number[] {
  const before: number[] = [];
  for (let position = at - 1; position >= 0 && before.length < MAX_BEFORE; position -= 1) {
    if (type[position] === 'GENERATION') before.push(position);
  }
  const after: number[] = [];
  for (let position = at + 1; position < type.length && after.length < MAX_AFTER; position += 1) {
    if (type[position] === 'GENERATION') after.push(position);
  }
  return [...before.reverse(), ...after];
}
