/** Room in the folder of a spool: what is given up for what is new. */
import { load } from './load-segment.js';
import { stemOf } from './segment-file.js';
import { giveUp, removeSegment, type Segment, type Sharers, type Spool, sealOpen } from './segments.js';
import { usedBytes } from './usage.js';

/** Gives up the oldest segments of the client until the folder has room for so many bytes more. */
export function makeRoom(spool: Spool, bytes: number): void {
  const { maxBytes, sharers } = spool;
  if (bytes > maxBytes)
    throw new Error(`a batch of ${bytes} bytes is larger than maxSpoolBytes, ${maxBytes}`);
  for (;;) {
    const used = usedBytes(sharers.usage, maxBytes);
    if (used + bytes <= maxBytes) return;
    const oldest = oldestOf(sharers);
    if (oldest === undefined) {
      throw new Error(
        `it holds ${used} bytes of other processes or projects, or of damaged segments, and maxSpoolBytes is ${maxBytes}`,
      );
    }
    giveUpSegment(oldest.spool, oldest.segment, `the spool is full (${maxBytes} bytes)`);
  }
}

function giveUpSegment(spool: Spool, segment: Segment, reason: string): void {
  if (segment === spool.open) sealOpen(spool);
  // Sealed, it may have gone by itself.
  if (!segment.gone && segment.frames === undefined) load(spool, segment);
  if (segment.gone) return;
  giveUp(spool, segment, reason);
  removeSegment(spool, segment);
}

function oldestOf({ spools }: Sharers): { spool: Spool; segment: Segment } | undefined {
  let oldest: { spool: Spool; segment: Segment } | undefined;
  for (const spool of spools) {
    const [segment] = spool.segments;
    if (segment === undefined) continue;
    if (oldest === undefined || stemOf(segment.file.path) < stemOf(oldest.segment.file.path)) {
      oldest = { spool, segment };
    }
  }
  return oldest;
}
