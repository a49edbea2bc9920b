/**
 * Marks on records of the ring, by which the successor of a dead worker learns what that one knew of them. Apart from the other
 * files of this room because the ledger, which these import, sets marks as well.
 */
import { type RingMemory, typeIndexOf } from '../../shared/ring/ring-layout.js';

type Headers = Pick<RingMemory, 'headers' | 'capacity'>;

/** The record must not be released yet: another record may lie in its place after that. */
export function mark(memory: Headers, position: number, marks: number): void {
  const index = typeIndexOf(memory, position);
  memory.headers[index] = (memory.headers[index] as number) | marks;
}

export function unmark(memory: Headers, position: number, marks: number): void {
  const index = typeIndexOf(memory, position);
  memory.headers[index] = (memory.headers[index] as number) & ~marks;
}

export function marksOf(memory: Headers, position: number): number {
  return memory.headers[typeIndexOf(memory, position)] as number;
}
