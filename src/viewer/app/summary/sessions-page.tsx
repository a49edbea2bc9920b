/** The list of sessions. */

import { SESSION_SORTS, type SessionRow, type Summary } from '../../data/summary.js';
import { filterQuery } from '../filters/filter-state.js';
import { Scores, Time } from '../list/columns.js';
import { count, duration } from '../ui/format.js';
import { Link } from '../ui/link.js';
import { sessionAddress } from '../ui/router.js';
import { AMOUNTS, LAST, TRACES } from './sum-columns.js';
import { SummaryPage } from './summary-page.js';
import { useAnswer } from './summary-state.js';
import { SummaryTable, type TableColumn, tableSort } from './summary-table.js';

const DEFAULT_SORT = '-last';
const CARD_HEIGHT = 132;

const COLUMNS: readonly TableColumn<SessionRow>[] = [
  {
    label: 'Session',
    width: 'minmax(9rem, 1.5fr)',
    sort: 'id',
    isText: true,
    cell: ({ id }) => (
      <Link to={sessionAddress(id)} class="trace-link">
        {id}
      </Link>
    ),
  },
  { label: 'Users', width: 'minmax(6rem, 1fr)', cell: (row) => <Users row={row} /> },
  TRACES,
  {
    label: 'Start',
    width: '9rem',
    sort: 'start',
    isInCard: false,
    cell: ({ startUs }) => <Time micros={startUs} />,
  },
  LAST,
  {
    label: 'Duration',
    width: '6.6rem',
    sort: 'duration',
    isNumber: true,
    cell: ({ durationUs }) => duration(durationUs),
  },
  ...AMOUNTS,
  { label: 'Scores', width: 'minmax(7rem, 1.2fr)', cell: ({ scores }) => <Scores scores={scores} /> },
  {
    label: 'Environment',
    width: '7rem',
    isInCard: false,
    cell: ({ environments }) => environments.join(', '),
  },
];

function Users({ row: { users, userCount } }: { row: SessionRow }) {
  if (userCount === 0) return <span class="none">–</span>;
  const more = userCount - users.length;
  return (
    <span title={users.join(', ')}>
      {users.join(', ')}
      {more > 0 && ` and ${count(more)} more`}
    </span>
  );
}

export function SessionsPage() {
  const parameters = new URLSearchParams(filterQuery.value);
  parameters.set('sort', tableSort(SESSION_SORTS, DEFAULT_SORT));
  const answer = useAnswer<Summary<SessionRow>>('sessions', parameters.toString());
  return (
    <SummaryPage
      title="Sessions"
      answer={answer}
      noun="session"
      whenEmpty="No trace has a session yet. Clients set it as sessionId of a trace."
    >
      <SummaryTable
        label="Sessions"
        rows={answer.data?.rows ?? []}
        total={answer.data?.total ?? 0}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        addressOf={({ id }) => sessionAddress(id)}
        isFailed={({ errors }) => errors > 0}
        defaultSort={DEFAULT_SORT}
        cardHeight={CARD_HEIGHT}
      />
    </SummaryPage>
  );
}
