/** The table of traces. On a narrow screen its rows are cards. */

import type { TraceRow } from '../../data/list.js';
import { sort, sortBy } from '../filters/filter-state.js';
import { MAX_SELECTED, select, selectAll, selected } from '../transfer/selection.js';
import { Dollars, howOfSum, Tokens } from '../ui/estimate.js';
import { duration, shortCost } from '../ui/format.js';
import { Icon } from '../ui/icons.js';
import { Link } from '../ui/link.js';
import { go, traceAddress } from '../ui/router.js';
import { isNarrow } from '../ui/screen.js';
import { rowStyle, VirtualRows } from '../ui/virtual-rows.js';
import { type Column, ComplaintBadge, Errors, Scores, shownColumns, Time } from './columns.js';
import { loadMore, rows, total } from './list-state.js';

const ROW_HEIGHT = 40;
const CARD_HEIGHT = 108;
const HEAD_HEIGHT = 36;

interface TraceTableProps {
  /** The row that keys act on; -1: none. */
  active: number;
}

export function TraceTable({ active }: TraceTableProps) {
  const list = rows.value;
  const narrow = isNarrow.value;
  const columns = shownColumns.value;
  const grid = { gridTemplateColumns: ['1.5rem', ...columns.map(({ width }) => width)].join(' ') };
  const attributes = {
    class: `trace-table ${narrow ? 'cards' : ''}`,
    role: 'table',
    'aria-label': 'Traces',
    'aria-rowcount': total.value ?? -1,
    tabIndex: 0,
  };
  const rowHeight = narrow ? CARD_HEIGHT : ROW_HEIGHT;
  return (
    <VirtualRows
      count={list.length}
      rowHeight={rowHeight}
      headHeight={narrow ? 0 : HEAD_HEIGHT}
      active={active}
      onEnd={loadMore}
      attributes={attributes}
      {...(narrow ? {} : { head: <Head columns={columns} grid={grid} /> })}
      render={(index) => {
        const row = list[index] as TraceRow;
        const shared = { key: row.id, index, row, isActive: index === active };
        return narrow ? <Card {...shared} /> : <Row {...shared} columns={columns} grid={grid} />;
      }}
    />
  );
}

function Head({ columns, grid }: { columns: readonly Column[]; grid: Record<string, string> }) {
  const order = sort.value;
  return (
    <div role="rowgroup" class="head">
      <div role="row" class="row" style={grid}>
        <SelectAll />
        {columns.map(({ id, label, sort: by, isNumber }) => {
          const isSorted = by !== undefined && (order === by || order === `-${by}`);
          const direction = order.startsWith('-') ? 'descending' : 'ascending';
          return (
            <div
              key={id}
              role="columnheader"
              class={isNumber ? 'number' : ''}
              aria-sort={isSorted ? direction : undefined}
            >
              {by === undefined ? (
                label
              ) : (
                <button type="button" class="sort" onClick={() => sortBy(by)}>
                  {label}
                  {isSorted && <span aria-hidden="true">{direction === 'descending' ? ' ↓' : ' ↑'}</span>}
                </button>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  index: number;
  row: TraceRow;
  isActive: boolean;
}

/** With Shift it selects all rows from the last one on. */
function SelectBox({ index, row }: { index: number; row: TraceRow }) {
  return (
    <input
      type="checkbox"
      class="select-box"
      aria-label={`Select ${row.name || 'unnamed trace'}`}
      checked={selected.value.has(row.id)}
      onClick={(event) => {
        // Not a click on the row, which opens the trace.
        event.stopPropagation();
        const ids = rows.value.map(({ id }) => id);
        select(ids, index, event.shiftKey);
      }}
    />
  );
}

function SelectAll() {
  const ids = rows.value.slice(0, MAX_SELECTED).map(({ id }) => id);
  return (
    <div role="columnheader" class="select-cell">
      <input
        type="checkbox"
        aria-label="Select all rows"
        checked={ids.length > 0 && ids.every((id) => selected.value.has(id))}
        onClick={() => selectAll(ids)}
      />
    </div>
  );
}

/** A click on a row opens it, but not one that ends a selection of text. */
function open(row: TraceRow): void {
  if (window.getSelection()?.isCollapsed !== false) go(traceAddress(row.id));
}

const rowClass = (row: TraceRow, isActive: boolean) =>
  `row ${isActive ? 'active' : ''} ${row.errorCount > 0 ? 'failed' : ''}`;

function Row({
  index,
  row,
  isActive,
  columns,
  grid,
}: RowProps & { columns: readonly Column[]; grid: Record<string, string> }) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the link in the row is what keys reach
    <div
      role="row"
      aria-rowindex={index + 2}
      class={rowClass(row, isActive)}
      style={{ ...grid, ...rowStyle(index, ROW_HEIGHT) }}
      onClick={() => open(row)}
    >
      <div role="cell" class="select-cell">
        <SelectBox index={index} row={row} />
      </div>
      {columns.map(({ id, isNumber, cell }) => (
        <div key={id} role="cell" class={`${isNumber ? 'number' : ''} column-${id}`}>
          {cell(row)}
        </div>
      ))}
    </div>
  );
}

function Card({ index, row, isActive }: RowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the link in the row is what keys reach
    <div
      role="row"
      aria-rowindex={index + 1}
      class={rowClass(row, isActive)}
      style={rowStyle(index, CARD_HEIGHT)}
      onClick={() => open(row)}
    >
      <div role="cell" class="card-title">
        <SelectBox index={index} row={row} />
        <Link to={traceAddress(row.id)} class="trace-link">
          {row.name || 'unnamed trace'}
        </Link>
        <ComplaintBadge count={row.complaintCount} />
        <Time micros={row.startUs} />
      </div>
      <div role="cell" class="card-text">
        {row.input ?? row.output}
      </div>
      <div role="cell" class="card-figures">
        <span>{duration(row.durationUs)}</span>
        {row.totalTokens !== null && (
          <span>
            <Tokens value={row.totalTokens} how={howOfSum(row.hasEstimatedTokens)} /> tok
          </span>
        )}
        {row.totalCost !== null && (
          <Dollars value={row.totalCost} how={howOfSum(row.hasEstimatedCost)} format={shortCost} />
        )}
        {row.errorCount > 0 && (
          <span class="bad">
            <Icon name="error" /> <Errors count={row.errorCount} />
          </span>
        )}
        {row.scores.length > 0 && <Scores scores={row.scores} />}
      </div>
    </div>
  );
}
