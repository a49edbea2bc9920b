/** Loads segments from disk, and reports what is damaged, missing or unreadable. */

import { message } from '../../messages/message.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { REPORTED_LOSS } from './acks.js';
import { codeOf, isRefused } from './safe-files.js';
import { acknowledge, type Content, closeFile, readFile, type SegmentFile, stemOf } from './segment-file.js';
import type { SegmentHeader, SpooledBatch } from './segment-format.js';
import {
  dropSegment,
  engineOf,
  type Frame,
  type Origin,
  removeSegment,
  reportLost,
  type Segment,
  type Spool,
  sealOpen,
} from './segments.js';

/** Loads a segment of a dead process or worker. Afterwards it has frames, or is no longer in the spool. */
export function load(spool: Spool, segment: Segment): void {
  const { file } = segment;
  let content: Content;
  try {
    content = readFile(file);
  } catch (error) {
    dropUnreadable(spool, segment, error);
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
  reportDamage(spool, segment, content, from);
  if (segment.frames.size === 0) removeSegment(spool, segment);
}

/** Reads the batch of a frame. Undefined if it is lost, which is reported. */
export function batchOf(spool: Spool, frame: Frame): SpooledBatch | undefined {
  const { segment } = frame;
  if (spool.open === segment) sealOpen(spool);
  if (spool.read?.segment !== segment) {
    try {
      const { batches, damaged } = readFile(segment.file);
      spool.read = { segment, batches };
      segment.damaged ||= damaged;
    } catch (error) {
      dropUnreadable(spool, segment, error);
      return undefined;
    }
  }
  const batch = spool.read.batches.get(frame.number);
  if (batch === undefined) {
    segment.damaged = true;
    segment.frames?.delete(frame.number);
    spool.report.lost([frame], `the segment ${segment.file.path} is damaged`);
    acknowledge(segment.file, { number: REPORTED_LOSS, events: frame.ordinals.length });
    if (segment.frames?.size === 0) removeSegment(spool, segment);
  }
  return batch;
}

/** Reports the events that a segment has lost, and writes that down so that they are reported once. */
function reportDamage(spool: Spool, segment: Segment, content: Content, from: Origin): void {
  const { file, frames } = segment;
  const { header, batches, tornBytes, repeated } = content;
  const { report } = spool;
  let { lost } = content;
  // A segment of another project that somebody has put there is not sent.
  if (frames?.size === 0) for (const { records } of batches.values()) lost += records.length;
  if (lost > 0) {
    report.missing(lost, from, `the segment ${file.path} is damaged${sizesOf(file)}`);
    acknowledge(file, { number: REPORTED_LOSS, events: lost });
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

/** Drops a segment whose file is gone or cannot be read. */
function dropUnreadable(spool: Spool, segment: Segment, error: unknown): void {
  const isGone = ['ENOENT', 'ENOTDIR'].includes(codeOf(error)) || isRefused(error);
  if (!isGone) {
    leaveAlone(spool, segment, `could not be read (${messageOf(error)})`);
    return;
  }
  dropSegment(spool, segment);
  spool.sharedFolder.usage.measuredAt = -Infinity;
  const reason = 'a segment of the spool could not be read';
  const { file, frames } = segment;
  if (frames !== undefined) reportLost(spool, segment, reason);
  else if (file.sealed !== undefined && file.sealed.events > 0) {
    spool.report.missing(file.sealed.events, 'earlier', reason);
  }
  spool.report.warning(message('TAILRACE_SPOOL_NOT_READ', messageOf(error)));
}

/** Leaves a segment on disk for another process. */
function leaveAlone(spool: Spool, segment: Segment, why: string): void {
  dropSegment(spool, segment);
  closeFile(segment.file);
  spool.report.warning(message('TAILRACE_SPOOL_LEFT', segment.file.path, why));
}

function originOf(spool: Spool, header: SegmentHeader | undefined): Origin {
  if (header?.engine === engineOf(spool.folders.us)) return 'ring';
  return header?.client === engineOf(spool.folders.us) ? 'thread' : 'earlier';
}
