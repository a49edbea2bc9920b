/** One trace on the page: what is read, what is selected, folded and searched. */

import { batch, computed, signal } from '@preact/signals';
import type { LiveEvent } from '../../data/list.js';
import type { TraceDetail } from '../../data/trace.js';
import { segmentOf } from '../../path-segments.js';
import { ApiError, getJson, isAbort } from '../server/api.js';
import { listen } from '../server/live.js';
import { query, setQuery } from '../ui/router.js';
import { createPayloadSearch } from './payload-search.js';
import { buildModel, matchingRows, type TraceModel, visibleRows } from './trace-model.js';

/** While a trace grows it is read this often; a large one less. */
const REFRESH_MS = 1_000;
const LARGE_REFRESH_MS = 5_000;
const LARGE = 5_000;

export type TraceState = ReturnType<typeof createTraceState>;

export function createTraceState(traceId: string) {
  const detail = signal<TraceDetail | null>(null);
  const problem = signal<ApiError | null>(null);
  const collapsed = signal<ReadonlySet<string>>(new Set());
  const searchText = signal('');
  /** Counts readings, for payloads to be read again. */
  const reading = signal(0);

  const model = computed<TraceModel | null>(() =>
    detail.value === null ? null : buildModel(detail.value.observations, detail.value.trace.durationUs),
  );
  const visible = computed(() =>
    model.value === null ? new Int32Array(0) : visibleRows(model.value, collapsed.value),
  );
  const rowOfId = computed(() => {
    const rows = new Map<string, number>();
    const current = model.value;
    if (current === null) return rows;
    for (let row = 0; row < current.size; row += 1) {
      rows.set(current.columns.id[current.order[row] as number] as string, row);
    }
    return rows;
  });
  /** The id of the observation in the address; null: the trace itself. */
  const selectedId = computed(() => query.value.get('observation'));
  /** -1: the trace itself. */
  const selectedRow = computed(() =>
    selectedId.value === null ? -1 : (rowOfId.value.get(selectedId.value) ?? -1),
  );
  /** The generation that the selected one is compared with; empty: the one before it; null: none. */
  const diffWith = computed(() => query.value.get('diff'));
  const payloadSearch = createPayloadSearch(traceId, searchText);
  /** Rows, in order. */
  const matches = computed(() =>
    model.value === null
      ? []
      : matchingRows(model.value, searchText.value, new Set(payloadSearch.matches.value.ids)),
  );

  const idOf = (row: number) => {
    const current = model.value;
    return current === null ? '' : (current.columns.id[current.order[row] as number] as string);
  };

  /** Selects a row, and unfolds what is above it. -1: the trace itself. */
  function select(row: number): void {
    batch(() => {
      if (row >= 0) reveal(row);
      // Who goes from turn to turn sees what is new in each.
      const diff = diffWith.value === null ? [] : [''];
      setQuery({ observation: row < 0 ? [] : [idOf(row)], diff }, { replace: true });
    });
  }

  function reveal(row: number): void {
    const current = model.value;
    if (current === null) return;
    const open = new Set(collapsed.value);
    for (
      let above = current.parentRow[row] as number;
      above >= 0;
      above = current.parentRow[above] as number
    ) {
      open.delete(idOf(above));
    }
    if (open.size !== collapsed.value.size) collapsed.value = open;
  }

  function setCollapsed(row: number, isCollapsed: boolean): void {
    const next = new Set(collapsed.value);
    if (isCollapsed) next.add(idOf(row));
    else next.delete(idOf(row));
    collapsed.value = next;
  }

  /** The next row of a list after the selected one, round and round; undefined: the list is empty. */
  function nextOf(rows: readonly number[], direction: 1 | -1): number | undefined {
    const at = selectedRow.value;
    if (direction === 1) return rows.find((row) => row > at) ?? rows[0];
    return rows.findLast((row) => row < at) ?? rows.at(-1);
  }

  /** Moves by rows that are shown; before the first is the trace itself. */
  function move(by: number): void {
    const rows = visible.value;
    const at = rows.indexOf(selectedRow.value);
    const next = Math.max(-1, Math.min(rows.length - 1, at + by));
    select(next < 0 ? -1 : (rows[next] as number));
  }

  let controller: AbortController | undefined;
  let timer: number | undefined;
  let stop: (() => void) | undefined;

  async function load(): Promise<void> {
    timer = undefined;
    controller?.abort();
    controller = new AbortController();
    try {
      const next = await getJson<TraceDetail>(`trace/${segmentOf(traceId)}`, '', controller.signal);
      const isFirst = detail.value === null;
      batch(() => {
        detail.value = next;
        problem.value = null;
        reading.value += 1;
        if (isFirst && selectedRow.value >= 0) reveal(selectedRow.value);
      });
      stop ??= listen(next.since, hear);
    } catch (error) {
      if (isAbort(error)) return;
      const found = error instanceof ApiError ? error : new ApiError(0, String(error));
      batch(() => {
        problem.value = found;
        // It has been deleted while it was open.
        if (found.status === 404) detail.value = null;
      });
    }
  }

  function hear(event: LiveEvent): void {
    if (event.kind === 'ids' && !event.ids.includes(traceId)) return;
    const isLarge = (detail.value?.observationTotal ?? 0) > LARGE;
    timer ??= window.setTimeout(() => void load(), isLarge ? LARGE_REFRESH_MS : REFRESH_MS);
  }

  return {
    traceId,
    detail,
    problem,
    model,
    visible,
    collapsed,
    searchText,
    matches,
    isSearchComplete: computed(() => payloadSearch.matches.value.isComplete),
    reading,
    selectedId,
    selectedRow,
    diffWith,
    toggleDiff: () => setQuery({ diff: diffWith.value === null ? [''] : [] }, { replace: true }),
    compareWith: (id: string) => setQuery({ diff: [id] }, { replace: true }),
    idOf,
    select,
    setCollapsed,
    nextOf,
    move,
    load,
    start(): () => void {
      void load();
      const stopSearch = payloadSearch.start();
      return () => {
        stopSearch();
        controller?.abort();
        clearTimeout(timer);
        stop?.();
      };
    },
  };
}
