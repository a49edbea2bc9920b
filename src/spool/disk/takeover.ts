/** Takeover: a spool takes over the folders of dead processes, and leaves its own to a successor when it is closed. */
import { dirname } from 'node:path';
import { message } from '../../messages/message.js';
import { clearInterval } from '../../shared/runtime/real-time.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { leaveSharedFolder, makeRoom } from './capacity.js';
import { guard } from './disk-faults.js';
import { leaveFolders, removeIfEmpty, type Taken, takeFolder, takeOver } from './folders.js';
import { closeFile, type Listed, listSegments, seal, stemOf, syncAcks } from './segment-file.js';
import { eventsOf, existingSegment, type Spool, sealOpen } from './segments.js';

const NAMED_IN_A_MESSAGE = 3;
const MAX_STRANGE_REPORTED = 1_000;

/** Takes over the folders of dead processes. */
export function adopt(spool: Spool): void {
  guard(spool, () => {
    const { taken, foreign, strange } = takeOver(spool.folders);
    reportStrange(spool, [...taken.flatMap((folder) => addFolder(spool, folder)), ...strange]);
    makeRoom(spool, 0);
    if (foreign.length === 0 || spool.foreignReported) return;
    spool.foreignReported = true;
    const others = foreign.length > 1 ? ` and ${foreign.length - 1} more` : '';
    spool.report.warning(message('TAILRACE_SPOOL_FOREIGN', `${foreign[0]}${others}`));
  });
}

/** Leaves what is undelivered to the next process, or (`heir`) to the spool of the client whose thread has ended. */
export function closeSpool(spool: Spool, heir?: Spool): void {
  if (spool.closed) return;
  spool.closed = true;
  clearInterval(spool.heartbeat);
  sealOpen(spool);
  for (const segment of spool.segments) {
    syncAcks(segment.file);
    // In a segment that was not read nothing has changed.
    if (segment.frames !== undefined) seal(segment.file, eventsOf(segment));
    closeFile(segment.file);
    segment.gone = true;
  }
  leaveSharedFolder(spool);
  if (heir === undefined || heir.closed) leaveFolders(spool.folders, (folder) => sealedEvents(spool, folder));
  else handOver(spool, heir);
}

function handOver({ folders }: Spool, heir: Spool): void {
  guard(heir, () => {
    for (const folder of folders.owned) {
      if (removeIfEmpty(folders, folder)) continue;
      const path = takeFolder(heir.folders, folder);
      if (path !== undefined) reportStrange(heir, addFolder(heir, { path, events: undefined }));
    }
  });
  folders.owned.clear();
}

/** Adds the segments of a folder to the spool. Returns the things in the folder that are not of the spool. */
function addFolder(spool: Spool, { path, events }: Taken): readonly string[] {
  let listed: Listed;
  try {
    listed = listSegments(path);
  } catch (error) {
    return [`${path} (${messageOf(error)})`];
  }
  const { segments, strange, files } = listed;
  spool.segments.push(...segments.map(existingSegment));
  spool.segments.sort((a, b) => (stemOf(a.file.path) < stemOf(b.file.path) ? -1 : 1));
  const missing = (events ?? 0) - sealedEvents(spool, path);
  // Missing events may be in files of another version of tailrace.
  if (missing > 0 && files === 0) {
    spool.report.missing(missing, 'earlier', `segments are gone from ${path}`);
  }
  removeIfEmpty(spool.folders, path);
  return strange;
}

/** The number of events in a folder, by the names of its sealed segments. */
function sealedEvents({ segments }: Spool, folder: string): number {
  const inFolder = segments.filter(({ file }) => dirname(file.path) === folder);
  return inFolder.reduce((sum, { file }) => sum + (file.sealed?.events ?? 0), 0);
}

function reportStrange({ strangeReported, report }: Spool, strange: readonly string[]): void {
  const news = strange.filter((one) => !strangeReported.has(one));
  if (news.length === 0 || strangeReported.size >= MAX_STRANGE_REPORTED) return;
  for (const one of news) strangeReported.add(one);
  const others = news.length > NAMED_IN_A_MESSAGE ? ` and ${news.length - NAMED_IN_A_MESSAGE} more` : '';
  const named = news.slice(0, NAMED_IN_A_MESSAGE).join(', ');
  report.warning(message('TAILRACE_SPOOL_STRANGE_FILES', `${named}${others}`));
}
