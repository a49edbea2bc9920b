/** What the pages with sums share: heading, filters, notices. */

import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Facets } from '../../data/list.js';
import type { Coverage } from '../../data/summary.js';
import { TimeRange } from '../chart/time-range.js';
import { ActiveFilters } from '../filters/active-filters.js';
import { FilterPanel } from '../filters/filter-panel.js';
import { filterQuery } from '../filters/filter-state.js';
import { SearchBox } from '../filters/search-box.js';
import { SearchNotice } from '../filters/search-notice.js';
import { facets } from '../list/list-state.js';
import { getJson } from '../server/api.js';
import { count, fullTime, plural } from '../ui/format.js';
import { HelpButton } from '../ui/help.js';
import { Icon } from '../ui/icons.js';
import { Problem } from '../ui/problem.js';
import { isNarrow } from '../ui/screen.js';

const areFiltersOpen = signal(false);

interface SummaryPageProps {
  title: string;
  answer: {
    data: { total: number; rows: readonly unknown[]; coverage: Coverage } | null;
    problem: string | null;
    again: (() => void) | null;
  };
  noun: string;
  /** Shown if nothing is there at all. */
  whenEmpty: string;
  /** The time range is in the chart. */
  hasChart?: boolean;
  children: ComponentChildren;
}

export function SummaryPage(props: SummaryPageProps) {
  const { title, answer, noun, whenEmpty, hasChart = false, children } = props;
  const { data } = answer;
  const isOpen = areFiltersOpen.value;
  useEffect(() => {
    document.title = `${title} · tailrace`;
  }, [title]);
  return (
    <main class={`list-page ${isOpen ? 'with-filters' : ''}`}>
      {isOpen && <Drawer />}
      <div class="list-main">
        <div class="list-head">
          <h1>{title}</h1>
          {data !== null && (
            <p class="counts" role="status">
              {plural(data.total, noun)} in {plural(data.coverage.traces, 'trace')}
            </p>
          )}
        </div>
        <div class="tools">
          <button
            type="button"
            class="button"
            aria-pressed={isOpen}
            onClick={() => {
              areFiltersOpen.value = !isOpen;
            }}
          >
            <Icon name="filter" /> Filters
          </button>
          <SearchBox id="search" />
          {!hasChart && <TimeRange />}
          <HelpButton />
        </div>
        <ActiveFilters />
        <Problem text={answer.problem} again={answer.again} />
        {data !== null && <CoverageNotice coverage={data.coverage} />}
        {data === null ? (
          answer.problem === null && <p class="muted">Loading…</p>
        ) : data.total === 0 ? (
          <p class="nothing">{filterQuery.value === '' ? whenEmpty : 'Nothing matches these filters.'}</p>
        ) : (
          children
        )}
        {data !== null && data.rows.length < data.total && (
          <p class="note">
            The first {count(data.rows.length)} of {count(data.total)} are shown. Another order or a filter
            shows others.
          </p>
        )}
      </div>
    </main>
  );
}

/** On a narrow screen it lies over the page. */
function Drawer() {
  const filters = filterQuery.value;
  useEffect(() => {
    const controller = new AbortController();
    getJson<Facets>('facets', filters, controller.signal).then(
      (answer) => {
        facets.value = answer;
      },
      // The page itself says what is wrong with the filters.
      () => {},
    );
    return () => controller.abort();
  }, [filters]);
  return (
    <div class="filter-drawer">
      {isNarrow.value && (
        <div class="drawer-head">
          <strong>Filters</strong>
          <button
            type="button"
            class="button"
            onClick={() => {
              areFiltersOpen.value = false;
            }}
          >
            Done
          </button>
        </div>
      )}
      <FilterPanel />
    </div>
  );
}

export function CoverageNotice({ coverage, of = '' }: { coverage: Coverage; of?: string }) {
  const { isComplete, searchedFromUs, traces, oldestUs } = coverage;
  if (isComplete) return <SearchNotice searchedFromUs={searchedFromUs} canGoOn={of === ''} />;
  return (
    <p class="notice">
      These are figures of the newest {plural(traces, 'trace')}
      {of}
      {oldestUs !== null && `, since ${fullTime(oldestUs)}`}: there is more than can be read in five seconds.
      A time range or a filter reads others.
    </p>
  );
}
