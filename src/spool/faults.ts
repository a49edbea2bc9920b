/** What a fault of the disk comes to: a message that says what to do about it, and a pause. */

import { message } from '../messages/message.js';
import { monotonicNow } from '../shared/runtime/real-time.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { codeOf } from './own-files.js';
import type { Spool } from './segments.js';

const FAULT_PAUSE_MS = 5_000;

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

/** Whether it went well. A fault is told once, until the disk is sound again; for a while nothing is written. */
export function guard(spool: Spool, action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    const isTold = spool.faultyUntil !== undefined;
    spool.faultyUntil = monotonicNow() + FAULT_PAUSE_MS;
    if (isTold) return false;
    spool.report.warning(message('TAILRACE_SPOOL_UNUSABLE', spool.folders.dir, faultMessage(error)));
    return false;
  }
}

function faultMessage(error: unknown): string {
  const advice = ADVICE[codeOf(error)];
  return advice === undefined ? messageOf(error) : `${messageOf(error)}; ${advice}`;
}
