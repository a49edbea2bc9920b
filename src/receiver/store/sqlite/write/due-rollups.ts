/**
 * When roll-ups are computed. That of a small trace is part of each transaction that touches it. That of a large one is put off, as
 * it reads all observations of the trace: else a trace of 50,000 in 100 requests would be read 50 times.
 *
 * A trace whose roll-up is put off is marked in the same transaction, so that a crash forgets none. Its roll-up is computed before the
 * next read, in idle time, or when so many observations were written as it had before: all observations are read a few times at most.
 */

import { type IdleWork, type SliceState, startIdleWork } from '../../idle-work.js';
import { bindable, type Database } from '../sqlite.js';

export const DUE_ROLLUPS_SQL = `
CREATE TABLE IF NOT EXISTS due_rollups (trace_id TEXT PRIMARY KEY, observations INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/** The traces whose roll-up is due, each with the number of observations that were written. */
export type Touched = Map<string, number>;

export function touch(touched: Touched, traceId: string, observations = 0): void {
  touched.set(traceId, (touched.get(traceId) ?? 0) + observations);
}

export interface DueRollups {
  /** Within the transaction that wrote to the trace. `observations`: how many of them it wrote. */
  touched(traceId: string, observations: number): void;
  /** Computes those that were put off, in transactions of its own: what is read after it is right. */
  compute(): void;
  close(): void;
}

/** Up to so many observations a roll-up takes as long as the commit. */
const SMALL_TRACE = 500;
const QUIET_MS = 200;

export function startDueRollups(database: Database, rollUp: (traceId: string) => void): DueRollups {
  const countOf = database.prepare('SELECT observation_count FROM traces WHERE id = ?');
  const mark = database.prepare(
    `INSERT INTO due_rollups VALUES (?, ?)
     ON CONFLICT DO UPDATE SET observations = observations + excluded.observations RETURNING observations`,
  );
  const next = database.prepare('SELECT trace_id FROM due_rollups LIMIT 1');
  const unmark = database.prepare('DELETE FROM due_rollups WHERE trace_id = ?');

  /** False: nothing is due. */
  function computeOne(): boolean {
    const id = next.get()?.trace_id;
    if (id === undefined) return false;
    database.exec('BEGIN IMMEDIATE');
    try {
      rollUp(String(id));
      unmark.run(id);
      database.exec('COMMIT');
    } catch (error) {
      rollBack(database);
      throw error;
    }
    return true;
  }

  /** On an error another process holds the file, or the disk is full: the next read or write tries again. */
  function slice(): SliceState {
    try {
      return computeOne() ? 'more' : 'settled';
    } catch {
      return 'settled';
    }
  }

  // While requests come, reads and the growth of the trace say when.
  const idle: IdleWork = startIdleWork({
    quietMs: QUIET_MS,
    maxWaitMs: Number.POSITIVE_INFINITY,
    keepsProcess: false,
    slice,
  });

  // An earlier run may have left some.
  idle.wake();
  return {
    touched(traceId, observations) {
      const id = bindable(traceId);
      const before = Number(countOf.get(id)?.observation_count ?? 0);
      if (before > SMALL_TRACE) {
        const written = Number(mark.get(id, observations)?.observations);
        if (written < before) {
          idle.wake();
          return;
        }
        unmark.run(id);
      }
      rollUp(traceId);
    },
    compute() {
      while (computeOne());
    },
    close() {
      idle.close();
      try {
        while (computeOne());
      } catch {
        // They stay marked, and the next start computes them.
      }
    },
  };
}

function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // BEGIN itself may have failed: nothing to roll back.
  }
}
