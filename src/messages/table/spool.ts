/** Messages of the spool: batches on disk (option `spoolDir`). */
import type { Table } from '../entry.js';
import { counted } from '../quantities.js';

export const SPOOL = {
  /**
   * The server does not answer, or does not take the events for now. They are on disk, and are sent later. The message has the reason if
   * somebody has to correct something first.
   */
  TAILRACE_SPOOLED: {
    level: 'warning',
    text: (events: number, dir: string, reason = '') =>
      `${counted(events, 'event')} could not be delivered yet and ${events === 1 ? 'is' : 'are'} kept in ${dir}${reason && `: ${reason}`}`,
    docs: 'spool',
  },
  /** The folder cannot be written to or read. Reported once, until it can. Events that cannot be delivered fail meanwhile. */
  TAILRACE_SPOOL_UNUSABLE: {
    level: 'warning',
    text: (dir: string, fault: string) =>
      `the spool in ${dir} cannot be used, delivery goes on without it: ${fault}`,
    docs: 'spool',
  },
  /** The folder's permissions let other users of the machine write to it. */
  TAILRACE_SPOOL_OPEN_TO_ALL: {
    level: 'warning',
    text: (dir: string) =>
      `anybody on this machine may take events out of the spool in ${dir}, or put some in`,
    remedy: 'Let only its owner write to it (chmod 700)',
    docs: 'spool',
  },
  /** The folder holds events of another destination. A client with the same options as theirs sends them. */
  TAILRACE_SPOOL_FOREIGN: {
    level: 'warning',
    text: (names: string) =>
      `the spool holds events for another server, project or exporter, which are left where they are: ${names}`,
    docs: 'spool',
  },
  /** The folder holds files that the spool did not make. It neither reads nor removes them. */
  TAILRACE_SPOOL_STRANGE_FILES: {
    level: 'warning',
    text: (names: string) => `the spool's folder holds other files, which are left where they are: ${names}`,
    remedy: 'Give the spool a folder of its own',
    docs: 'spool',
  },
  /** A part of a file cannot be read as what was written. Lost events are reported as not delivered. */
  TAILRACE_SPOOL_DAMAGED: {
    level: 'warning',
    text: (setAside: string) =>
      `a segment of the spool was damaged: its readable events are processed, the rest is set aside as ${setAside}`,
    docs: 'spool',
  },
  /** The same where the file cannot be moved. */
  TAILRACE_SPOOL_DAMAGED_IN_PLACE: {
    level: 'warning',
    text: (path: string) =>
      `a segment of the spool was damaged and cannot be set aside: its readable events are processed, the rest stays in ${path}`,
    docs: 'spool',
  },
  /** Damaged files that were set aside count against a bound of their own. The oldest are removed. */
  TAILRACE_SPOOL_DAMAGED_REMOVED: {
    level: 'warning',
    text: (names: string) =>
      `older damaged segments were removed to bound the space for damaged segments: ${names}`,
    docs: 'spool',
  },
  /** The list of events that were sent is damaged. Ids are the client's, so a repeat replaces and does not double. */
  TAILRACE_SPOOL_REPEATED: {
    level: 'warning',
    text: (events: number, acks: string) =>
      `${counted(events, 'event')} of the spool may be sent a second time: the list of those that were sent is damaged (${acks})`,
    docs: 'spool',
  },
  /** A process was killed while it wrote. The events before the torn batch are sent. */
  TAILRACE_SPOOL_TORN: {
    level: 'warning',
    text: (tornBytes: number, path: string) =>
      `a process died while it wrote to the spool: the last ${counted(tornBytes, 'byte')} of ${path} are not a whole batch and are left out`,
    docs: 'spool',
  },
  /** A process was killed before it wrote anything to a new file. */
  TAILRACE_SPOOL_EMPTY: {
    level: 'warning',
    text: (path: string) => `a process died while it wrote to the spool: ${path} is empty and is removed`,
    docs: 'spool',
  },
  /** A file of the spool is gone. Its events are reported as not delivered. */
  TAILRACE_SPOOL_NOT_READ: {
    level: 'warning',
    text: (reason: string) => `a segment of the spool could not be read: ${reason}`,
    docs: 'spool',
  },
  /** A file of the spool cannot be used by this process. Another one may be able to. */
  TAILRACE_SPOOL_LEFT: {
    level: 'warning',
    text: (path: string, why: string) => `the segment ${path} ${why}: it is left where it is`,
    docs: 'spool',
  },
} as const satisfies Table;
