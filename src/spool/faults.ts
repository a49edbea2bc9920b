/** What to do about a fault of the disk. */
import { messageOf } from '../shared/errors.js';
import { codeOf } from './own-files.js';

const ADVICE: Record<string, string> = {
  ENOSPC: 'make room on the disk, or lower maxSpoolBytes',
  EDQUOT: 'raise the quota, or lower maxSpoolBytes',
  EROFS: 'the file system is read-only: give spoolDir a folder that can be written to',
  EACCES: 'let this process write to it, or give spoolDir another folder',
  EPERM: 'let this process write to it, or give spoolDir another folder',
  ENOTDIR: 'a part of the path is no folder: give spoolDir another folder',
  ENAMETOOLONG: 'give spoolDir a shorter path',
  ENOENT: 'give spoolDir a folder that can be made',
  ELOOP: 'give spoolDir the folder itself, not a link to it',
  ERR_TAILRACE_REFUSED: 'the spool uses folders and files alone, and follows no link',
  EMFILE: 'raise the number of files that may be open',
};

export function faultMessage(error: unknown): string {
  const advice = ADVICE[codeOf(error)];
  return advice === undefined ? messageOf(error) : `${messageOf(error)}; ${advice}`;
}
