/** Handles faults of the disk: a warning that says what to do, and a back-off. */

import { message } from '../../messages/message.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { codeOf } from './safe-files.js';
import type { Spool } from './segments.js';

/** Back-off after a fault, during which nothing is written. */
const FAULT_BACKOFF_MS = 5_000;

const ADVICE: Record<string, string> = {
  ENOSPC: 'make room on the disk, or lower maxSpoolBytes',
  EDQUOT: 'raise the quota, or lower maxSpoolBytes',
  EROFS: 'the file system is read-only: give spoolDir a folder that can be written to',
  EACCES: 'let this process write to it, or give spoolDir another folder',
  EPERM: 'let this process write to it, or give spoolDir another folder',
  ENOTDIR: 'a part of the path is no folder: give spoolDir another folder',
  ENAMETOOLONG: 'give spoolDir a shorter path',
  ENOENT: 'give spoolDir a folder that can be made',
  ELOOP: 'give spoolDir the folder itself, or a link that leads to it',
  ERR_TAILRACE_REFUSED:
    'the spool uses folders and files alone; spoolDir may be a link to a folder that is there',
  EMFILE: 'raise the number of files that may be open',
};

/** Runs an action on the disk. Returns false if it failed. A fault is reported once, until the disk works again. */
export function guard(spool: Spool, action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    const isReported = spool.faultyUntil !== undefined;
    spool.faultyUntil = monotonicNow() + FAULT_BACKOFF_MS;
    if (isReported) return false;
    spool.report.warning(message('TAILRACE_SPOOL_UNUSABLE', spool.folders.dir, faultMessage(error)));
    return false;
  }
}

function faultMessage(error: unknown): string {
  const advice = ADVICE[codeOf(error)];
  return advice === undefined ? messageOf(error) : `${messageOf(error)}; ${advice}`;
}
