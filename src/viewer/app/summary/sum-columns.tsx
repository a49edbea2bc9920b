/** The columns that sessions and users share. */

import type { TraceSums } from '../../data/summary.js';
import { Errors, Time } from '../list/columns.js';
import { Dollars, howOfSum, Tokens } from '../ui/estimate.js';
import { count, shortCost } from '../ui/format.js';
import type { TableColumn } from './summary-table.js';

export const TRACES: TableColumn<TraceSums> = {
  label: 'Traces',
  width: '4.5rem',
  sort: 'traces',
  isNumber: true,
  cell: ({ traces }) => count(traces),
};

export const LAST: TableColumn<TraceSums> = {
  label: 'Last',
  width: '9rem',
  sort: 'last',
  cell: ({ lastUs }) => <Time micros={lastUs} />,
};

export const AMOUNTS: readonly TableColumn<TraceSums>[] = [
  {
    label: 'Tokens',
    width: '5.5rem',
    sort: 'tokens',
    isNumber: true,
    cell: (row) => <Tokens value={row.tokens} how={howOfSum(row.hasEstimatedTokens)} />,
  },
  {
    label: 'Cost',
    width: '6rem',
    sort: 'cost',
    isNumber: true,
    cell: (row) => <Dollars value={row.cost} how={howOfSum(row.hasEstimatedCost)} format={shortCost} />,
  },
  {
    label: 'Failed',
    width: '4.5rem',
    sort: 'errors',
    isNumber: true,
    cell: ({ errors }) => <Errors count={errors} />,
  },
];
