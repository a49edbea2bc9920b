/**
 * Makes one insert of the rows of several batches: ClickHouse wants few inserts of many rows. A group that was tried stays together until it
 * has arrived, so that each attempt carries the same rows under the same token, and the server drops what it has taken before.
 */
import type { TableName } from '../../../exporters/clickhouse/columns.js';
import type { ExportOutcome } from '../../../shared/contract/exporter.js';
import { clearTimeout, setTimeout } from '../../../shared/runtime/real-time.js';
import type { BatchRows } from './batch-rows.js';

type Insert = (table: TableName, rows: readonly Uint8Array[], signal: AbortSignal) => Promise<ExportOutcome>;

export interface InsertGroups {
  /** One attempt for the group of this batch. `key`: the batch. Never rejects. */
  insert(key: object, read: () => BatchRows, signal: AbortSignal): Promise<ExportOutcome>;
}

interface Group {
  readonly rows: Map<TableName, Uint8Array[]>;
  bytes: number;
  batches: number;
  /** Undefined: none is under way, and the last one has failed. */
  attempt: Promise<ExportOutcome> | undefined;
  /** Batches that wait for the attempt. */
  waiting: number;
  /** Ends the attempt for which nobody waits. */
  cut: AbortController;
}

/** The first batch of a group waits so long for others. */
const GATHER_MS = 200;
/** A group goes at once when it is so large. */
const MAX_BYTES = 8 * 1024 * 1024;
const CUT_OFF: ExportOutcome = { kind: 'retryable', reason: 'the attempt was cut off' };
const DONE: ExportOutcome = { kind: 'success' };

/** `maxBatches`: of a group. */
export function createInsertGroups(insert: Insert, maxBatches: number): InsertGroups {
  const groups = new WeakMap<object, Group>();
  let gathering: { readonly group: Group; readonly go: () => void } | undefined;

  /** One table after the other: what has arrived is known by its token. */
  async function insertAll(group: Group): Promise<ExportOutcome> {
    group.cut = new AbortController();
    for (const [table, rows] of group.rows) {
      const outcome = await insert(table, rows, group.cut.signal);
      if (outcome.kind !== 'success') {
        group.attempt = undefined;
        return outcome;
      }
    }
    group.rows.clear();
    return DONE;
  }

  function gather(): Group {
    if (gathering !== undefined) return gathering.group;
    const group = createGroup();
    group.attempt = new Promise<void>((resolve) => {
      const timer = setTimeout(() => go(), GATHER_MS);
      const go = (): void => {
        clearTimeout(timer);
        if (gathering?.group === group) gathering = undefined;
        resolve();
      };
      gathering = { group, go };
    }).then(() => insertAll(group));
    return group;
  }

  function join(key: object, group: Group, { rows, bytes }: BatchRows): void {
    groups.set(key, group);
    group.batches++;
    group.bytes += bytes;
    for (const [table, lines] of rows) {
      const all = group.rows.get(table) ?? [];
      group.rows.set(table, all);
      for (const line of lines) all.push(line);
    }
  }

  function wait(group: Group, signal: AbortSignal): Promise<ExportOutcome> {
    group.attempt ??= insertAll(group);
    group.waiting++;
    const { attempt } = group;
    return new Promise((resolve) => {
      const end = (outcome: ExportOutcome): void => {
        signal.removeEventListener('abort', leave);
        group.waiting--;
        resolve(outcome);
      };
      const leave = (): void => {
        end(CUT_OFF);
        if (group.waiting === 0) group.cut.abort();
      };
      signal.addEventListener('abort', leave);
      void attempt.then((outcome) => signal.aborted || end(outcome));
      if (signal.aborted) leave();
    });
  }

  return {
    async insert(key, read, signal) {
      let group = groups.get(key);
      if (group === undefined) {
        group = gather();
        join(key, group, read());
        if (group.batches >= maxBatches || group.bytes >= MAX_BYTES) gathering?.go();
      }
      const outcome = await wait(group, signal);
      if (outcome.kind !== 'too-large' || group.batches === 1) return outcome;
      // One of them is to blame: each is tried by itself.
      const alone = createGroup();
      join(key, alone, read());
      return wait(alone, signal);
    },
  };
}

function createGroup(): Group {
  return {
    rows: new Map(),
    bytes: 0,
    batches: 0,
    attempt: undefined,
    waiting: 0,
    cut: new AbortController(),
  };
}
