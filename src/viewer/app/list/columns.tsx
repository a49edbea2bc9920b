/** The columns of the list: what each shows, how wide it is, and which are chosen. */

import { computed, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { ScoreSummary, TraceRow } from '../../data/list.js';
import { hasFilter, toggleFilter } from '../filters/filter-state.js';
import { Dollars, howOfSum, Tokens } from '../ui/estimate.js';
import { count, duration, fullTime, isoTime, scoreValue, shortCost, time } from '../ui/format.js';
import { Link } from '../ui/link.js';
import { readPreference, writePreference } from '../ui/preferences.js';
import { traceAddress } from '../ui/router.js';

export interface Column {
  id: string;
  label: string;
  /** Of the grid. */
  width: string;
  /** The server's name of the order. */
  sort?: string;
  isNumber?: boolean;
  /** Shown until somebody chooses. */
  isDefault: boolean;
  cell(row: TraceRow): ComponentChildren;
}

const text = (value: string | null) => value ?? <span class="none">–</span>;

/** A value that filters the list by itself. */
function Value({ name, value }: { name: string; value: string | null }) {
  if (value === null) return <span class="none">–</span>;
  return (
    <button
      type="button"
      class="cell-filter"
      title={`Filter by ${value}`}
      aria-pressed={hasFilter(name, value)}
      onClick={(event) => {
        event.stopPropagation();
        toggleFilter(name, value);
      }}
    >
      {value}
    </button>
  );
}

export const COLUMNS: readonly Column[] = [
  {
    id: 'name',
    label: 'Name',
    width: 'minmax(8.5rem, 1.9fr)',
    sort: 'name',
    isDefault: true,
    cell: (row) => (
      <>
        <Link to={traceAddress(row.id)} class="trace-link">
          {row.name || 'unnamed trace'}
        </Link>
        <ComplaintBadge count={row.complaintCount} />
      </>
    ),
  },
  {
    id: 'input',
    label: 'Input',
    width: 'minmax(6.5rem, 2fr)',
    isDefault: true,
    cell: ({ input }) => text(input),
  },
  {
    id: 'output',
    label: 'Output',
    width: 'minmax(6.5rem, 2fr)',
    isDefault: true,
    cell: ({ output }) => text(output),
  },
  {
    id: 'start',
    label: 'Start',
    width: '9rem',
    sort: 'start',
    isDefault: true,
    cell: ({ startUs }) => <Time micros={startUs} />,
  },
  {
    id: 'duration',
    label: 'Duration',
    width: '6.2rem',
    sort: 'duration',
    isNumber: true,
    isDefault: true,
    cell: ({ durationUs }) => duration(durationUs),
  },
  {
    id: 'tokens',
    label: 'Tokens',
    width: '5.2rem',
    sort: 'tokens',
    isNumber: true,
    isDefault: true,
    cell: (row) => <Tokens value={row.totalTokens} how={howOfSum(row.hasEstimatedTokens)} />,
  },
  {
    id: 'cost',
    label: 'Cost',
    width: '5.8rem',
    sort: 'cost',
    isNumber: true,
    isDefault: true,
    cell: (row) => <Dollars value={row.totalCost} how={howOfSum(row.hasEstimatedCost)} format={shortCost} />,
  },
  {
    id: 'observations',
    label: 'Obs.',
    width: '3.2rem',
    sort: 'observations',
    isNumber: true,
    isDefault: true,
    cell: (row) => count(row.observationCount),
  },
  {
    id: 'errors',
    label: 'Errors',
    width: '3.6rem',
    sort: 'errors',
    isNumber: true,
    isDefault: true,
    cell: (row) => <Errors count={row.errorCount} />,
  },
  {
    id: 'scores',
    label: 'Scores',
    width: 'minmax(8rem, 2.2fr)',
    isDefault: true,
    cell: ({ scores }) => (
      <span class="chips" title={scores.map((score) => `${score.name} ${summaryText(score)}`).join(', ')}>
        <Scores scores={scores} />
      </span>
    ),
  },
  {
    id: 'tags',
    label: 'Tags',
    width: 'minmax(4rem, 0.7fr)',
    isDefault: true,
    cell: ({ tags }) => tags.map((tag) => <Value key={tag} name="tag" value={tag} />),
  },
  {
    id: 'user',
    label: 'User',
    width: '7rem',
    isDefault: false,
    cell: ({ userId }) => <Value name="user" value={userId} />,
  },
  {
    id: 'session',
    label: 'Session',
    width: '7rem',
    isDefault: false,
    cell: ({ sessionId }) => <Value name="session" value={sessionId} />,
  },
  {
    id: 'environment',
    label: 'Environment',
    width: '7rem',
    isDefault: false,
    cell: ({ environment }) => <Value name="environment" value={environment ?? 'default'} />,
  },
  {
    id: 'release',
    label: 'Release',
    width: '6rem',
    isDefault: false,
    cell: ({ release }) => <Value name="release" value={release} />,
  },
  {
    id: 'version',
    label: 'Version',
    width: '6rem',
    isDefault: false,
    cell: ({ version }) => <Value name="version" value={version} />,
  },
];

export function Time({ micros }: { micros: number }) {
  return (
    <time dateTime={isoTime(micros)} title={fullTime(micros)}>
      {time(micros)}
    </time>
  );
}

export function Errors({ count: errors }: { count: number }) {
  return errors === 0 ? <span class="none">0</span> : <span class="bad">{count(errors)}</span>;
}

export function ComplaintBadge({ count: complaints }: { count: number }) {
  if (complaints === 0) return null;
  return (
    <span class="badge warning">
      {count(complaints)} {complaints === 1 ? 'complaint' : 'complaints'}
    </span>
  );
}

/** Booleans have a number and a text: one alone reads as its text. */
function summaryText({ mean, last, count: times }: ScoreSummary): string {
  if (mean === null || (times === 1 && last !== null)) return last ?? '–';
  return scoreValue(mean);
}

export function Scores({ scores }: { scores: readonly ScoreSummary[] }) {
  if (scores.length === 0) return <span class="none">–</span>;
  return (
    <>
      {scores.map((score) => (
        <span key={score.name} class="chip">
          <span class="chip-name">{score.name}</span> <b>{summaryText(score)}</b>
          {score.count > 1 && ` ×${score.count}`}
        </span>
      ))}
    </>
  );
}

const isIds = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((id) => COLUMNS.some((column) => column.id === id)) && value.length > 0;

const chosen = signal<readonly string[] | null>(readPreference('columns', isIds) ?? null);

/** In the order of the table. */
export const shownColumns = computed(() =>
  COLUMNS.filter(({ id, isDefault }) => chosen.value?.includes(id) ?? isDefault),
);

export function toggleColumn(id: string): void {
  const shown = shownColumns.value.map((column) => column.id);
  const next = shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id];
  // The name is the link to the trace.
  if (!next.includes('name')) return;
  chosen.value = next;
  writePreference('columns', next);
}
