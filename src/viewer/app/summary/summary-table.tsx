/** A table of sums. Its order is in the address; keys move and open; on a narrow screen its rows are cards. */

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useKeys } from '../ui/keys.js';
import { go, query, setQuery } from '../ui/router.js';
import { isNarrow } from '../ui/screen.js';
import { rowStyle, VirtualRows } from '../ui/virtual-rows.js';

const ROW_HEIGHT = 40;
const HEAD_HEIGHT = 36;

export interface TableColumn<Row> {
  label: string;
  /** Of the grid. */
  width: string;
  /** The server's name of the order. */
  sort?: string;
  isNumber?: boolean;
  isText?: boolean;
  /** Cards have a line for the first column, and the others behind it with their labels. */
  isInCard?: boolean;
  cell(row: Row): ComponentChildren;
}

interface SummaryTableProps<Row> {
  label: string;
  rows: readonly Row[];
  total: number;
  columns: readonly TableColumn<Row>[];
  keyOf(row: Row): string;
  /** Where a row leads; undefined: nowhere. */
  addressOf(row: Row): string | undefined;
  isFailed(row: Row): boolean;
  defaultSort: string;
  cardHeight: number;
}

/** The order in the address, if the table has it. */
export function tableSort(sorts: readonly string[], defaultSort: string): string {
  const sort = query.value.get('sort') ?? defaultSort;
  return sorts.includes(sort.replace(/^-/, '')) ? sort : defaultSort;
}

export function SummaryTable<Row>(props: SummaryTableProps<Row>) {
  const { label, rows, total, columns, keyOf, addressOf, isFailed, defaultSort, cardHeight } = props;
  const [active, setActive] = useState(-1);
  const address = query.value.toString();
  useEffect(() => setActive(-1), [address]);
  const move = (by: number) => setActive((at) => Math.max(0, Math.min(rows.length - 1, at + by)));
  const open = (row: Row | undefined) => {
    const to = row === undefined ? undefined : addressOf(row);
    if (to !== undefined) go(to);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => open(rows[active]),
    '/': () => document.getElementById('search')?.focus(),
  });
  const narrow = isNarrow.value;
  const grid = { gridTemplateColumns: columns.map(({ width }) => width).join(' ') };
  const rowHeight = narrow ? cardHeight : ROW_HEIGHT;
  const attributes = {
    class: `trace-table summary-table ${narrow ? 'cards' : ''}`,
    role: 'table',
    'aria-label': label,
    'aria-rowcount': total + (narrow ? 0 : 1),
    tabIndex: 0,
  };
  return (
    <>
      {narrow && <Order columns={columns} defaultSort={defaultSort} />}
      <VirtualRows
        count={rows.length}
        rowHeight={rowHeight}
        headHeight={narrow ? 0 : HEAD_HEIGHT}
        active={active}
        attributes={attributes}
        {...(narrow ? {} : { head: <Head columns={columns} grid={grid} defaultSort={defaultSort} /> })}
        render={(index) => {
          const row = rows[index] as Row;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the link in the row is what keys reach
            <div
              key={keyOf(row)}
              role="row"
              aria-rowindex={index + (narrow ? 1 : 2)}
              class={`row ${index === active ? 'active' : ''} ${isFailed(row) ? 'failed' : ''}`}
              style={narrow ? rowStyle(index, rowHeight) : { ...grid, ...rowStyle(index, rowHeight) }}
              onClick={() => {
                // A click that ends a selection of text opens nothing.
                if (window.getSelection()?.isCollapsed !== false) open(row);
              }}
            >
              {narrow ? <CardCells row={row} columns={columns} /> : <Cells row={row} columns={columns} />}
            </div>
          );
        }}
      />
    </>
  );
}

/** Cards have no heads of columns. */
function Order<Row>({ columns, defaultSort }: Omit<HeadProps<Row>, 'grid'>) {
  const chosen = query.value.get('sort') ?? defaultSort;
  return (
    <select
      aria-label="Order"
      value={chosen}
      onChange={({ currentTarget: { value } }) => setSort(value, defaultSort)}
    >
      {columns.map(
        ({ label, sort, isText }) =>
          sort !== undefined && (
            <option key={sort} value={isText ? sort : `-${sort}`}>
              {label}, {isText ? 'from A to Z' : 'highest first'}
            </option>
          ),
      )}
    </select>
  );
}

function setSort(sort: string, defaultSort: string): void {
  setQuery({ sort: sort === defaultSort ? [] : [sort] });
}

interface CellsProps<Row> {
  row: Row;
  columns: readonly TableColumn<Row>[];
}

function Cells<Row>({ row, columns }: CellsProps<Row>) {
  return (
    <>
      {columns.map(({ label, isNumber, cell }) => (
        <div key={label} role="cell" class={isNumber ? 'number' : ''}>
          {cell(row)}
        </div>
      ))}
    </>
  );
}

function CardCells<Row>({ row, columns: [first, ...others] }: CellsProps<Row>) {
  return (
    <>
      <div role="cell" class="card-title">
        {first?.cell(row)}
      </div>
      <div role="cell" class="card-pairs">
        {others
          .filter(({ isInCard = true }) => isInCard)
          .map(({ label, cell }) => (
            <span key={label}>
              <span class="muted">{label}</span> {cell(row)}
            </span>
          ))}
      </div>
    </>
  );
}

interface HeadProps<Row> {
  columns: readonly TableColumn<Row>[];
  grid: Record<string, string>;
  defaultSort: string;
}

function Head<Row>({ columns, grid, defaultSort }: HeadProps<Row>) {
  const order = query.value.get('sort') ?? defaultSort;
  const isDescending = order.startsWith('-');
  return (
    <div role="rowgroup" class="head">
      <div role="row" class="row" style={grid}>
        {columns.map(({ label, sort, isNumber, isText }) => {
          const isSorted = sort !== undefined && order.replace(/^-/, '') === sort;
          const first = isText ? sort : `-${sort}`;
          const next = order === first ? (isText ? `-${sort}` : sort) : first;
          return (
            <div
              key={label}
              role="columnheader"
              class={isNumber ? 'number' : ''}
              aria-sort={isSorted ? (isDescending ? 'descending' : 'ascending') : undefined}
            >
              {sort === undefined ? (
                label
              ) : (
                <button type="button" class="sort" onClick={() => setSort(next as string, defaultSort)}>
                  {label}
                  {isSorted && <span aria-hidden="true">{isDescending ? ' ↓' : ' ↑'}</span>}
                </button>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
