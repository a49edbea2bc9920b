/** The list of users. A user leads to the traces that it is on. */

import { type Summary, USER_SORTS, type UserRow } from '../../data/summary.js';
import { filterQuery, listWith } from '../filters/filter-state.js';
import { count } from '../ui/format.js';
import { Link } from '../ui/link.js';
import { AMOUNTS, LAST, TRACES } from './sum-columns.js';
import { SummaryPage } from './summary-page.js';
import { useAnswer } from './summary-state.js';
import { SummaryTable, type TableColumn, tableSort } from './summary-table.js';

const DEFAULT_SORT = '-last';
const CARD_HEIGHT = 92;

const tracesOf = ({ id }: UserRow) => listWith(['user', id]);

const COLUMNS: readonly TableColumn<UserRow>[] = [
  {
    label: 'User',
    width: 'minmax(9rem, 2fr)',
    sort: 'id',
    isText: true,
    cell: (row) => (
      <Link to={tracesOf(row)} class="trace-link">
        {row.id}
      </Link>
    ),
  },
  TRACES,
  {
    label: 'Sessions',
    width: '5.5rem',
    sort: 'sessions',
    isNumber: true,
    cell: ({ sessions }) => count(sessions),
  },
  ...AMOUNTS,
  { ...LAST, label: 'Last seen' },
];

export function UsersPage() {
  const parameters = new URLSearchParams(filterQuery.value);
  parameters.set('sort', tableSort(USER_SORTS, DEFAULT_SORT));
  const answer = useAnswer<Summary<UserRow>>('users', parameters.toString());
  return (
    <SummaryPage
      title="Users"
      answer={answer}
      noun="user"
      whenEmpty="No trace has a user yet. Clients set it as userId of a trace."
    >
      <SummaryTable
        label="Users"
        rows={answer.data?.rows ?? []}
        total={answer.data?.total ?? 0}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        addressOf={tracesOf}
        isFailed={() => false}
        defaultSort={DEFAULT_SORT}
        cardHeight={CARD_HEIGHT}
      />
    </SummaryPage>
  );
}
