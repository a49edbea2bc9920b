/** What a spool takes over from those that are gone, and to whom it leaves what it has. */

import { dirname } from 'node:path';
import { message } from '../messages/message.js';
import { clearInterval } from '../shared/runtime/real-time.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { guard } from './faults.js';
import { leaveFolders, removeIfEmpty, type Taken, takeFolder, takeOver } from './folders.js';
import { makeRoom } from './room.js';
import { closeFile, type Listed, listSegments, seal, stemOf, syncAcks } from './segment-file.js';
import { eventsOf, existingSegment, type Spool, sealOpen } from './segments.js';
import { leaveSharers } from './sharers.js';

/** Of what is named that is not of the spool. */
const NAMED_IN_A_MESSAGE = 3;
const MAX_STRANGE_TOLD = 1_000;

/** Takes over what dead processes have left behind. */
export function adopt(spool: Spool): void {
  guard(spool, () => {
    const { taken, foreign, strange } = takeOver(spool.folders);
    tellStrange(spool, [...taken.flatMap((folder) => addFolder(spool, folder)), ...strange]);
    makeRoom(spool, 0);
    if (foreign.length === 0 || spool.foreignIsTold) return;
    spool.foreignIsTold = true;
    const others = foreign.length > 1 ? ` and ${foreign.length - 1} more` : '';
    spool.report.warning(message('TAILRACE_SPOOL_FOREIGN', `${foreign[0]}${others}`));
  });
}

/** Leaves what is undelivered to the next process, or to the spool of the client whose thread has ended. */
export function closeSpool(spool: Spool, heir?: Spool): void {
  if (spool.closed) return;
  spool.closed = true;
  clearInterval(spool.heartbeat);
  sealOpen(spool);
  for (const segment of spool.segments) {
    syncAcks(segment.file);
    // Of one that was not read nothing has changed.
    if (segment.frames !== undefined) seal(segment.file, eventsOf(segment));
    closeFile(segment.file);
    segment.gone = true;
  }
  leaveSharers(spool);
  if (heir === undefined || heir.closed) leaveFolders(spool.folders, (folder) => sealedEvents(spool, folder));
  else handOver(spool, heir);
}

function handOver({ folders }: Spool, heir: Spool): void {
  guard(heir, () => {
    for (const folder of folders.owned) {
      if (removeIfEmpty(folders, folder)) continue;
      const path = takeFolder(heir.folders, folder);
      if (path !== undefined) tellStrange(heir, addFolder(heir, { path, events: undefined }));
    }
  });
  folders.owned.clear();
}

/** What is in it and not of the spool. */
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
  // They may be in files that another version of tailrace named.
  if (missing > 0 && files === 0) {
    spool.report.missing(missing, 'earlier', `segments are gone from ${path}`);
  }
  removeIfEmpty(spool.folders, path);
  return strange;
}

/** As the names of segments in a folder have it. */
function sealedEvents({ segments }: Spool, folder: string): number {
  const inFolder = segments.filter(({ file }) => dirname(file.path) === folder);
  return inFolder.reduce((sum, { file }) => sum + (file.sealed?.events ?? 0), 0);
}

function tellStrange({ strangeIsTold, report }: Spool, strange: readonly string[]): void {
  const news = strange.filter((one) => !strangeIsTold.has(one));
  if (news.length === 0 || strangeIsTold.size >= MAX_STRANGE_TOLD) return;
  for (const one of news) strangeIsTold.add(one);
  const others = news.length > NAMED_IN_A_MESSAGE ? ` and ${news.length - NAMED_IN_A_MESSAGE} more` : '';
  const named = news.slice(0, NAMED_IN_A_MESSAGE).join(', ');
  report.warning(message('TAILRACE_SPOOL_STRANGE_FILES', `${named}${others}`));
}
