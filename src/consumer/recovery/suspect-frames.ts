/**
 * Batches in the spool that workers die of: not on the ring, so they have no marks there. One that two have died of is
 * divided, and each half of it again if one more dies of that, until a record is alone. The halves are on disk; which they are
 * is in shared memory.
 */
import { basename } from 'node:path';
import { FRAME_IN_DEATH, FRAME_TO_HALVE, SUSPECT_FRAMES } from '../../shared/ring/ring-layout.js';
import type { Frame } from '../../spool/disk/segments.js';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The same for each worker of the process, and never 0 for a frame. */
export function numberOf(frame: Frame | undefined): number {
  if (frame === undefined) return 0;
  const name = `${basename(frame.segment.file.path)} ${frame.number}`;
  let hash = FNV_OFFSET;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), FNV_PRIME);
  return hash | 1;
}

/** A worker has died while it worked on the frame of this number. */
export function suspectFrame(words: Int32Array, frame: number, atOnce: boolean): void {
  const known = [words[FRAME_IN_DEATH], words[SUSPECT_FRAMES], words[SUSPECT_FRAMES + 1]];
  if (frame === 0) return;
  if (atOnce || known.includes(frame)) words[FRAME_TO_HALVE] = frame;
  else words[FRAME_IN_DEATH] = frame;
}

export function isToHalve(words: Int32Array, frame: Frame): boolean {
  return words[FRAME_TO_HALVE] === numberOf(frame);
}

/** It is divided, or given up. */
export function noteHalves(words: Int32Array, first?: Frame, second?: Frame): void {
  words[SUSPECT_FRAMES] = numberOf(first);
  words[SUSPECT_FRAMES + 1] = numberOf(second);
  words[FRAME_TO_HALVE] = 0;
}
