/**
 * Eviction: keeps the database within a size and an age. What arrived first goes first, a whole trace at a time, in slices
 * between the writes of requests.
 *
 * Pages that become free are used again. Beyond a share of free pages the file is made smaller (auto_vacuum=INCREMENTAL).
 */

import type { Micros } from '../../../../ingest/rows.js';
import type { Steps } from '../../../slices.js';
import type { EvictionOptions } from '../../store-options.js';
import { pagesOf } from '../read/size.js';
import type { Database, SqlRow } from '../sqlite.js';

export interface Eviction {
  /** Call this after a commit: an eviction may be due. */
  wake(): void;
  /** Resolves when none is due, or when one has failed. */
  settled(): Promise<void>;
  /** Ends an eviction after its current slice. */
  close(): void;
}

export interface EvictionParts {
  removeTrace(id: string): Steps<void>;
  /** Runs the steps between the writes of requests. */
  handIn(steps: Steps<void>): Promise<void>;
  warn(message: string): void;
}

const MEBIBYTE = 1024 * 1024;
/** An eviction makes some room at once, so that not every commit needs one. */
const MAX_ROOM_BYTES = 16 * MEBIBYTE;
const ROOM_SHARE = 0.05;
/** Free pages up to this share of the file stay for later rows. */
const MAX_FREE_SHARE = 0.25;
const MIN_FREE_BYTES = 16 * MEBIBYTE;
/** For a piece of an eviction, which other writes wait for. A trace of an agent's run takes about 1 ms. */
const TRACES_AT_A_TIME = 10;
const VACUUMED_PAGES = 64;
const MAX_RETENTION_CHECK_MS = 60_000;

/** What arrived first: a trace, or a score or media of no stored trace. */
interface Oldest {
  kind: 'trace' | 'score' | 'media';
  id: string;
  arrivedUs: Micros;
}

export function startEviction(
  database: Database,
  { maxBytes, retentionMs }: EvictionOptions,
  { removeTrace, handIn, warn }: EvictionParts,
): Eviction {
  const pages = pagesOf(database);
  const findOldest = prepareOldest(database);
  const removeStray = {
    score: database.prepare('DELETE FROM scores WHERE id = ?'),
    media: database.prepare('DELETE FROM media WHERE id = ?'),
  };
  const forgetStray = database.prepare('DELETE FROM media_traces WHERE media_id = ?');
  const countOne = database.prepare('UPDATE evicted SET traces = traces + 1');
  let running: Promise<void> | undefined;
  /** While room is made: the size to come down to. */
  let goalBytes: number | undefined;
  let hasWarned = false;
  let isClosed = false;
  const timer =
    retentionMs === undefined
      ? undefined
      : setInterval(wake, Math.min(retentionMs, MAX_RETENTION_CHECK_MS)).unref();

  const isOver = (bytes: number | undefined) => bytes !== undefined && pages.usedBytes() > bytes;
  const isExpired = ({ arrivedUs }: Oldest) =>
    retentionMs !== undefined && arrivedUs < (Date.now() - retentionMs) * 1000;

  function pagesTooMany(): number {
    const { pageBytes } = pages;
    const [all, free] = [pages.all(), pages.free()];
    const overBound = maxBytes === undefined ? 0 : all - Math.floor(maxBytes / pageBytes);
    const overShare = free - Math.max(all * MAX_FREE_SHARE, MIN_FREE_BYTES / pageBytes);
    return Math.min(free, Math.floor(Math.max(overBound, overShare)));
  }

  function isDue(): boolean {
    if (maxBytes !== undefined && isOver(maxBytes)) goalBytes = lowWater(maxBytes);
    else if (!isOver(goalBytes)) goalBytes = undefined;
    if (goalBytes !== undefined || pagesTooMany() > 0) return true;
    if (retentionMs === undefined) return false;
    const oldest = findOldest();
    return oldest !== undefined && isExpired(oldest);
  }

  function wake(): void {
    if (isClosed || running !== undefined || !isDue()) return;
    if (goalBytes !== undefined) warnOnce();
    running = run().finally(() => {
      running = undefined;
    });
  }

  /** In pieces: a large write that waits for its turn comes between two of them. */
  async function run(): Promise<void> {
    let hasEvicted = true;
    function* piece(): Steps<void> {
      hasEvicted = false;
      for (let count = 0; count < TRACES_AT_A_TIME && !isClosed; count += 1) {
        const oldest = findOldest();
        if (oldest === undefined || !(isOver(goalBytes) || isExpired(oldest))) break;
        yield* remove(oldest);
        hasEvicted = true;
      }
      const tooMany = hasEvicted ? 0 : pagesTooMany();
      if (tooMany === 0 || isClosed) return;
      database.exec(`PRAGMA incremental_vacuum(${Math.min(tooMany, VACUUMED_PAGES)})`);
      hasEvicted = true;
    }
    try {
      while (hasEvicted && !isClosed && isDue()) await handIn(piece());
    } catch {
      // The disk may be full, or another process may hold the file: the next commit tries again.
    }
  }

  function* remove({ kind, id }: Oldest): Steps<void> {
    if (kind === 'trace') {
      yield* removeTrace(id);
      countOne.run();
    } else {
      removeStray[kind].run(id);
      if (kind === 'media') forgetStray.run(id);
    }
    yield;
  }

  function warnOnce(): void {
    if (hasWarned) return;
    hasWarned = true;
    const mib = ((maxBytes as number) / MEBIBYTE).toLocaleString('en');
    warn(
      `the database has reached its bound of ${mib} MiB: from now on the oldest traces are evicted. Raise the bound with --max-mb`,
    );
  }

  return {
    wake,
    async settled() {
      wake();
      await running;
    },
    close() {
      isClosed = true;
      clearInterval(timer);
    },
  };
}

function lowWater(maxBytes: number): number {
  return maxBytes - Math.min(maxBytes * ROOM_SHARE, MAX_ROOM_BYTES);
}

/** Rows of a table lie in the order of their arrival, so the first row is the oldest. */
function prepareOldest(database: Database): () => Oldest | undefined {
  const first = {
    trace: database.prepare(
      `SELECT id, max(created_us, coalesce(json_extract(state, '$.importedUs'), 0)) AS arrived_us
       FROM traces ORDER BY rowid LIMIT 1`,
    ),
    score: database.prepare(
      `SELECT id, created_us AS arrived_us, EXISTS (SELECT 1 FROM traces WHERE traces.id = trace_id) AS has_trace
       FROM scores ORDER BY rowid LIMIT 1`,
    ),
    media: database.prepare(
      `SELECT id, announced_us AS arrived_us, EXISTS (
         SELECT 1 FROM media_traces AS m JOIN traces ON traces.id = m.trace_id WHERE m.media_id = media.id
       ) AS has_trace
       FROM media ORDER BY rowid LIMIT 1`,
    ),
  };
  return () => {
    const rows = Object.entries(first).map(([kind, statement]) => ({ kind, row: statement.get() }));
    const found = rows.flatMap(({ kind, row }) =>
      isStray(row) ? oldestOf(kind as Oldest['kind'], row) : [],
    );
    return found.sort((a, b) => a.arrivedUs - b.arrivedUs)[0];
  };
}

/** A score or media of a stored trace goes with that trace. */
function isStray(row: SqlRow | undefined): row is SqlRow {
  return row !== undefined && row.has_trace !== 1;
}

function oldestOf(kind: Oldest['kind'], row: SqlRow): Oldest {
  return { kind, id: String(row.id), arrivedUs: Number(row.arrived_us) };
}
