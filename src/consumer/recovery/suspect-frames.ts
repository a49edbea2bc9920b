/**
 * Batches in the spool that workers die of. Their records are not on the ring, so they have no marks there. After two deaths the
 * batch is halved, and a half is halved again after one more death, until a record is alone. The halves are on disk; shared
 * memory has their numbers.
 */
import { basename } from 'node:path';
import { FRAME_IN_DEATH, FRAME_TO_HALVE, SUSPECT_FRAMES } from '../../shared/ring/ring-layout.js';
import type { Frame } from '../../spool/disk/segments.js';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** A number that is the same in every worker of the process. 0 only for undefined. */
export function numberOf(frame: Frame | undefined): number {
  if (frame === undefined) return 0;
  const name = `${basename(frame.segment.file.path)} ${frame.number}`;
  let hash = FNV_OFFSET;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), FNV_PRIME);
  return hash | 1;
}

/** A worker has died while this frame was in progress. `atOnce`: it was stuck, which counts as two deaths. */
export function suspectFrame(words: Int32Array, frame: number, atOnce: boolean): void {
  const known = [words[FRAME_IN_DEATH], words[SUSPECT_FRAMES], words[SUSPECT_FRAMES + 1]];
  if (frame === 0) return;
  if (atOnce || known.includes(frame)) words[FRAME_TO_HALVE] = frame;
  else words[FRAME_IN_DEATH] = frame;
}

export function isToHalve(words: Int32Array, frame: Frame): boolean {
  return words[FRAME_TO_HALVE] === numberOf(frame);
}

/** The frame is halved, or its only record has failed. */
export function noteHalves(words: Int32Array, first?: Frame, second?: Frame): void {
  words[SUSPECT_FRAMES] = numberOf(first);
  words[SUSPECT_FRAMES + 1] = numberOf(second);
  words[FRAME_TO_HALVE] = 0;
}
