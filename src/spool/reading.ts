/** What is in the segments of processes that are gone, and what is to be said of those that something has happened to. */
import { message } from '../messages/message.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { TOLD } from './acks.js';
import { codeOf, isRefused } from './own-files.js';
import type { SegmentHeader, SpooledBatch } from './segment.js';
import { acknowledge, type Content, closeFile, readFile, type SegmentFile, stemOf } from './segment-file.js';
import {
  dropSegment,
  engineOf,
  type Frame,
  giveUp,
  type Origin,
  removeSegment,
  type Segment,
  type Spool,
  sealOpen,
} from './segments.js';

/** Reads a segment of a process that is gone. Afterwards it has frames, or is no longer in the spool. */
export function load(spool: Spool, segment: Segment): void {
  const { file } = segment;
  let content: Content;
  try {
    content = readFile(file);
  } catch (error) {
    vanish(spool, segment, error);
    return;
  }
  const { header, foreign, batches, damaged } = content;
  if (foreign) {
    leaveAlone(spool, segment, 'was written by another version of tailrace');
    return;
  }
  const isKnown = header?.identity === spool.folders.us.identity;
  segment.damaged = damaged || (header !== undefined && !isKnown);
  segment.frames = new Map();
  const from = originOf(spool, header);
  for (const [number, { ordinals }] of isKnown ? batches : []) {
    segment.frames.set(number, { segment, number, ordinals, from, underWay: false, tries: 0 });
  }
  spool.read = { segment, batches };
  tellDamage(spool, segment, content, from);
  if (segment.frames.size === 0) removeSegment(spool, segment);
}

/** What a frame holds, from disk. Undefined: it is lost, and reported. */
export function batchOf(spool: Spool, frame: Frame): SpooledBatch | undefined {
  const { segment } = frame;
  if (spool.open === segment) sealOpen(spool);
  if (spool.read?.segment !== segment) {
    try {
      const { batches, damaged } = readFile(segment.file);
      spool.read = { segment, batches };
      segment.damaged ||= damaged;
    } catch (error) {
      vanish(spool, segment, error);
      return undefined;
    }
  }
  const batch = spool.read.batches.get(frame.number);
  if (batch === undefined) {
    segment.damaged = true;
    segment.frames?.delete(frame.number);
    spool.report.lost([frame], `the segment ${segment.file.path} is damaged`);
    acknowledge(segment.file, { number: TOLD, events: frame.ordinals.length });
    if (segment.frames?.size === 0) removeSegment(spool, segment);
  }
  return batch;
}

/** What was lost with it is told once: that it was is written down. */
function tellDamage(spool: Spool, segment: Segment, content: Content, from: Origin): void {
  const { file, frames } = segment;
  const { header, batches, tornBytes, repeated } = content;
  const { report } = spool;
  let { lost } = content;
  // A segment of another project, which was put there: it is not sent from here.
  if (frames?.size === 0) for (const { records } of batches.values()) lost += records.length;
  if (lost > 0) {
    report.missing(lost, from, `the segment ${file.path} is damaged${sizesOf(file)}`);
    acknowledge(file, { number: TOLD, events: lost });
  }
  if (repeated > 0) {
    report.warning(message('TAILRACE_SPOOL_REPEATED', repeated, `${stemOf(file.path)}.acks`));
  }
  if (tornBytes === 0 && (header !== undefined || segment.damaged)) return;
  report.warning(
    file.bytes === 0
      ? message('TAILRACE_SPOOL_EMPTY', file.path)
      : message('TAILRACE_SPOOL_TORN', tornBytes, file.path),
  );
}

function sizesOf({ bytes, sealed }: SegmentFile): string {
  return sealed === undefined || bytes === sealed.bytes
    ? ''
    : ` (${bytes} bytes, and ${sealed.bytes} when it was written)`;
}

/** The file is not there or cannot be read. */
function vanish(spool: Spool, segment: Segment, error: unknown): void {
  const isGone = ['ENOENT', 'ENOTDIR'].includes(codeOf(error)) || isRefused(error);
  if (!isGone) {
    leaveAlone(spool, segment, `could not be read (${messageOf(error)})`);
    return;
  }
  dropSegment(spool, segment);
  spool.sharers.usage.measuredAt = -Infinity;
  const reason = 'a segment of the spool could not be read';
  const { file, frames } = segment;
  if (frames !== undefined) giveUp(spool, segment, reason);
  else if (file.sealed !== undefined && file.sealed.events > 0) {
    spool.report.missing(file.sealed.events, 'earlier', reason);
  }
  spool.report.warning(message('TAILRACE_SPOOL_NOT_READ', messageOf(error)));
}

/** It is for another process: this one does nothing more to it. */
function leaveAlone(spool: Spool, segment: Segment, why: string): void {
  dropSegment(spool, segment);
  closeFile(segment.file);
  spool.report.warning(message('TAILRACE_SPOOL_LEFT', segment.file.path, why));
}

function originOf(spool: Spool, header: SegmentHeader | undefined): Origin {
  if (header?.engine === engineOf(spool.folders.us)) return 'ring';
  return header?.client === engineOf(spool.folders.us) ? 'thread' : 'earlier';
}
