/** The list of traces with filters and chart. */

import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TraceRow } from '../../data/list.js';
import { TrafficChart } from '../chart/traffic-chart.js';
import { ActiveFilters } from '../filters/active-filters.js';
import { FilterPanel } from '../filters/filter-panel.js';
import { activeFilters, filterQuery, hasFilter, sort, toggleFilter } from '../filters/filter-state.js';
import { SearchBox } from '../filters/search-box.js';
import { SearchNotice } from '../filters/search-notice.js';
import { mayPass } from '../server/api.js';
import { connection } from '../server/live.js';
import { ExportMenu } from '../transfer/export-menu.js';
import { ExportNotice } from '../transfer/export-notice.js';
import { ImportButton, ImportResults } from '../transfer/import-files.js';
import { select } from '../transfer/selection.js';
import { SelectionBar } from '../transfer/selection-bar.js';
import { Complaints } from '../ui/complaints.js';
import { count, mebibytes, plural } from '../ui/format.js';
import { HelpButton } from '../ui/help.js';
import { Icon } from '../ui/icons.js';
import { useKeys } from '../ui/keys.js';
import { Problem } from '../ui/problem.js';
import { go, query, rememberList, traceAddress } from '../ui/router.js';
import { isNarrow } from '../ui/screen.js';
import { ClearButton } from './clear-button.js';
import { ColumnMenu } from './column-menu.js';
import { EmptyState } from './empty-state.js';
import {
  isLoading,
  isPaused,
  load,
  problem,
  rows,
  searchedFromUs,
  size,
  startList,
  stored,
  strayComplaints,
  togglePause,
  total,
  waiting,
} from './list-state.js';
import { TraceTable } from './trace-table.js';

const areFiltersOpen = signal(!isNarrow.value);

export function ListPage() {
  const [active, setActive] = useState(-1);
  const list = rows.value;
  const address = query.value.toString();
  useEffect(startList, []);
  useEffect(rememberList, [address]);
  useEffect(() => setActive(-1), [address]);
  useEffect(() => {
    document.title = 'Traces · tailrace';
  }, []);

  const move = (by: number) => setActive((at) => Math.max(0, Math.min(list.length - 1, at + by)));
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => {
      const row = list[active];
      if (row !== undefined) go(traceAddress(row.id));
    },
    '/': () => document.getElementById('search')?.focus(),
    e: () => toggleFilter('level', 'ERROR'),
    p: togglePause,
    x: () => selectRow(list, active, false),
    X: () => selectRow(list, active, true),
  });

  const isEmpty = stored.value === 0 && activeFilters.value.length === 0;
  return (
    <main class={`list-page ${areFiltersOpen.value && !isEmpty ? 'with-filters' : ''}`}>
      {areFiltersOpen.value && !isEmpty && <FilterDrawer />}
      <div class="list-main">
        <div class="list-head">
          <h1>Traces</h1>
          <LiveState />
          <Counts />
        </div>
        <ExportNotice />
        <ImportResults />
        {isEmpty ? (
          <>
            <EmptyState />
            <p>
              <ImportButton /> recorded traces, or drop their files here.
            </p>
          </>
        ) : (
          <>
            <Tools />
            <ActiveFilters />
            <TrafficChart />
            <Notices />
            <SelectionBar />
            {list.length > 0 ? <TraceTable active={active} /> : <NothingFound />}
          </>
        )}
        {strayComplaints.value !== null && (
          <Complaints
            heading="Complaints that belong to no stored trace"
            list={strayComplaints.value}
            nameOf={() => undefined}
          />
        )}
        <Size />
      </div>
    </main>
  );
}

const selectRow = (list: readonly TraceRow[], index: number, isRange: boolean) =>
  select(
    list.map(({ id }) => id),
    index,
    isRange,
  );

/** On a narrow screen it lies over the list, and takes the focus. */
function FilterDrawer() {
  const element = useRef<HTMLDivElement>(null);
  const close = () => {
    areFiltersOpen.value = false;
  };
  return (
    <div class="filter-drawer" ref={element}>
      {isNarrow.value && (
        <div class="drawer-head">
          <strong>Filters</strong>
          <button type="button" class="button" onClick={close}>
            Show {total.value === null ? 'traces' : plural(total.value, 'trace')}
          </button>
        </div>
      )}
      <FilterPanel />
    </div>
  );
}

function LiveState() {
  const paused = isPaused.value;
  const isOpen = connection.value === 'open';
  // There is nothing to follow, as with a wrong filter: the notice says why. A server that is away may come back.
  if (!isOpen && problem.value !== null && !mayPass(problem.value)) return null;
  const text = paused ? 'Paused' : isOpen ? 'Live' : 'Connecting';
  return (
    <button
      type="button"
      class={`button live ${paused ? 'paused' : isOpen ? 'open' : ''}`}
      aria-pressed={paused}
      title={paused ? 'Follow new traces again (p)' : 'Stop the list where it is (p)'}
      onClick={togglePause}
    >
      <Icon name={paused ? 'play' : 'pause'} /> {text}
      {waiting.value.size > 0 && paused && ` · ${count(waiting.value.size)} changed`}
    </button>
  );
}

function Counts() {
  if (total.value === null || stored.value === null) return null;
  const isFiltered = activeFilters.value.length > 0;
  return (
    <p class="counts" role="status">
      {isFiltered
        ? `${count(total.value)} of ${plural(stored.value, 'trace')}`
        : plural(stored.value, 'trace')}
    </p>
  );
}

function Size() {
  if (size.value === null) return null;
  const { usedBytes, maxBytes, evictedTraces } = size.value;
  const bound = maxBytes === undefined ? '' : ` of at most ${mebibytes(maxBytes)}`;
  const evicted = plural(evictedTraces, 'older trace was evicted', 'older traces were evicted');
  return (
    <div class="size">
      <p class="note">
        The database holds {mebibytes(usedBytes)}
        {bound}.{evictedTraces > 0 && ` ${evicted}.`}
      </p>
      {stored.value !== null && stored.value > 0 && <ClearButton stored={stored.value} />}
    </div>
  );
}

function Tools() {
  return (
    <div class="tools">
      <button
        type="button"
        class="button"
        aria-expanded={areFiltersOpen.value}
        onClick={() => {
          areFiltersOpen.value = !areFiltersOpen.value;
        }}
      >
        <Icon name="filter" /> Filters
      </button>
      <SearchBox id="search" />
      <button
        type="button"
        class="button"
        aria-pressed={hasFilter('level', 'ERROR')}
        onClick={() => toggleFilter('level', 'ERROR')}
      >
        <Icon name="error" /> Failed
      </button>
      {!isNarrow.value && <ColumnMenu />}
      <ExportMenu query={filterQuery.value} label="Export all traces that match" />
      <ImportButton />
      <HelpButton />
    </div>
  );
}

function Notices() {
  return (
    <>
      <Problem
        text={problem.value?.message ?? null}
        again={mayPass(problem.value) ? () => void load() : null}
      />
      <SearchNotice searchedFromUs={searchedFromUs.value} />
      {waiting.value.size > 0 && !isPaused.value && (
        <p class="notice">
          {plural(waiting.value.size, 'trace')} more arrived.{' '}
          <button type="button" class="link-button" onClick={() => void load()}>
            Show {waiting.value.size === 1 ? 'it' : 'them'}
          </button>
        </p>
      )}
      {sort.value.includes('score:') && (
        <p class="notice">
          Sorted by the score {sort.value.replace(/^-?score:/, '')},{' '}
          {sort.value.startsWith('-') ? 'highest' : 'lowest'} first.
        </p>
      )}
    </>
  );
}

function NothingFound() {
  // The notice says why there is no list.
  if (problem.value !== null && !isLoading.value) return null;
  if (isLoading.value || stored.value === null) return <p class="muted">Loading…</p>;
  return <p class="nothing">No trace matches these filters.</p>;
}
