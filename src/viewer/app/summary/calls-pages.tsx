/** The pages of models and of tools: what their calls take, cost, and how often they fail. */

import { CALL_SORTS, type CallRow, type CallSummary, type Quantiles } from '../../data/summary.js';
import { SeriesChart } from '../chart/series-chart.js';
import { Sparkline } from '../chart/sparkline.js';
import { filterQuery, listWith } from '../filters/filter-state.js';
import { Errors, Time } from '../list/columns.js';
import { Dollars, Figure, howOfSum } from '../ui/estimate.js';
import { count, duration, plural, share, shortCost, shortCount } from '../ui/format.js';
import { Link } from '../ui/link.js';
import { SummaryPage } from './summary-page.js';
import { useAnswer } from './summary-state.js';
import { SummaryTable, type TableColumn, tableSort } from './summary-table.js';

const DEFAULT_SORT = '-calls';

type Column = TableColumn<CallRow>;

const latency = (label: 'p50' | 'p90' | 'p95' | 'p99', sort?: string): Column => ({
  label,
  width: '6rem',
  isNumber: true,
  ...(sort !== undefined && { sort }),
  cell: ({ latencyUs }) => duration(latencyUs[label]),
});

const nameColumn = (
  label: string,
  unnamed: string,
  addressOf: (row: CallRow) => string | undefined,
): Column => ({
  label,
  width: 'minmax(9rem, 1.6fr)',
  sort: 'name',
  isText: true,
  cell: (row) => {
    const address = addressOf(row);
    if (address === undefined) return <span class="muted">{unnamed}</span>;
    return (
      <Link to={address} class="trace-link">
        {row.name || unnamed}
      </Link>
    );
  },
});

const CALLS: Column = {
  label: 'Calls',
  width: '4.5rem',
  sort: 'calls',
  isNumber: true,
  cell: ({ calls }) => count(calls),
};

const errorRate = (
  addressOf: (row: CallRow) => string | undefined,
  titleOf: (name: string) => string,
): Column => ({
  label: 'Failed',
  width: '6rem',
  sort: 'errorRate',
  isNumber: true,
  cell: (row) => {
    const address = row.errors === 0 ? undefined : addressOf(row);
    const text = (
      <>
        <Errors count={row.errors} /> · {share(row.errors / row.calls)}
      </>
    );
    if (address === undefined) return text;
    return (
      <Link to={address} title={titleOf(String(row.name))}>
        {text}
      </Link>
    );
  },
});

const LATENCIES: readonly Column[] = [
  latency('p50', 'p50'),
  latency('p90'),
  latency('p95', 'p95'),
  latency('p99', 'p99'),
];

const TREND: Column = {
  label: 'Over time',
  width: '6rem',
  isInCard: false,
  cell: ({ trend, calls }) => (
    <Sparkline
      counts={trend}
      label={`${plural(calls, 'call')}, up to ${count(Math.max(...trend))} at a time`}
    />
  ),
};

const LAST: Column = {
  label: 'Last',
  width: '9rem',
  sort: 'last',
  isInCard: false,
  cell: ({ lastUs }) => <Time micros={lastUs} />,
};

function TokenKinds({ row: { tokens, hasEstimatedTokens } }: { row: CallRow }) {
  if (tokens.length === 0) return <span class="none">–</span>;
  const whole = tokens.map(({ kind, count: number }) => `${kind} ${count(number)}`).join(', ');
  const short = tokens.map(({ kind, count: number }) => `${kind} ${shortCount(number)}`).join(', ');
  return (
    <span title={whole}>
      <Figure text={short} how={howOfSum(hasEstimatedTokens)} />
    </span>
  );
}

function Median({ of, format }: { of: Quantiles; format: (value: number | null) => string }) {
  if (of.p50 === null) return <span class="none">–</span>;
  return (
    <span title={`of ${plural(of.count, 'call')}; p95 ${format(of.p95)}, p99 ${format(of.p99)}`}>
      {format(of.p50)}
    </span>
  );
}

const modelTraces = ({ name }: CallRow) => (name === null ? undefined : listWith(['model', name]));
const failedModelTraces = ({ name }: CallRow) =>
  name === null ? undefined : listWith(['model', name], ['level', 'ERROR']);

const MODEL_COLUMNS: readonly Column[] = [
  nameColumn('Model', 'no name given', modelTraces),
  CALLS,
  // Filters of models and levels are about the trace: another observation of it may have failed.
  errorRate(failedModelTraces, (name) => `The traces with ${name} in which something failed`),
  { label: 'Tokens', width: 'minmax(12rem, 2fr)', cell: (row) => <TokenKinds row={row} /> },
  {
    label: 'Cost',
    width: '6rem',
    sort: 'cost',
    isNumber: true,
    cell: (row) => <Dollars value={row.cost} how={howOfSum(row.hasEstimatedCost)} format={shortCost} />,
  },
  ...LATENCIES,
  {
    label: 'First token',
    width: '5.5rem',
    isNumber: true,
    cell: ({ firstTokenUs }) => <Median of={firstTokenUs} format={duration} />,
  },
  {
    label: 'Tokens/s',
    width: '4.8rem',
    isNumber: true,
    cell: ({ tokensPerSecond }) => <Median of={tokensPerSecond} format={rate} />,
  },
  TREND,
  LAST,
];

const rate = (value: number | null) => count(value === null ? null : Math.round(value * 10) / 10);

const toolTraces = ({ name }: CallRow) => (name ? listWith(['tool', name]) : undefined);
const failedToolTraces = ({ name }: CallRow) => (name ? listWith(['failedTool', name]) : undefined);

const TOOL_COLUMNS: readonly Column[] = [
  nameColumn('Tool', 'no name given', toolTraces),
  CALLS,
  errorRate(failedToolTraces, (name) => `The traces in which ${name} failed`),
  { label: 'Traces', width: '4.5rem', isNumber: true, cell: ({ traces }) => count(traces) },
  ...LATENCIES,
  TREND,
  LAST,
];

export function ModelsPage() {
  return (
    <CallsPage
      title="Models"
      noun="model"
      whenEmpty="No call of a model yet: an observation with a model, or of the type GENERATION or EMBEDDING."
      columns={MODEL_COLUMNS}
      cardHeight={118}
      addressOf={modelTraces}
      note="First token and tokens per second are medians. Filters choose traces; all calls in them count."
    />
  );
}

export function ToolsPage() {
  return (
    <CallsPage
      title="Tools"
      noun="tool"
      whenEmpty="No call of a tool yet: an observation of the type TOOL."
      columns={TOOL_COLUMNS}
      cardHeight={78}
      addressOf={toolTraces}
      note="Calls are observations of the type TOOL. A call that stands only in a model's output has no duration and no outcome, and is not counted."
    />
  );
}

interface CallsPageProps {
  title: string;
  noun: string;
  whenEmpty: string;
  columns: readonly Column[];
  cardHeight: number;
  addressOf(row: CallRow): string | undefined;
  note: string;
}

function CallsPage({ title, noun, whenEmpty, columns, cardHeight, addressOf, note }: CallsPageProps) {
  const parameters = new URLSearchParams(filterQuery.value);
  parameters.set('sort', tableSort(CALL_SORTS, DEFAULT_SORT));
  const answer = useAnswer<CallSummary>(title.toLowerCase(), parameters.toString());
  return (
    <SummaryPage title={title} answer={answer} noun={noun} whenEmpty={whenEmpty} hasChart>
      <SeriesChart data={answer.data?.series ?? null} noun="call" />
      <SummaryTable
        label={title}
        rows={answer.data?.rows ?? []}
        total={answer.data?.total ?? 0}
        columns={columns}
        keyOf={({ name }) => name ?? '\0'}
        addressOf={addressOf}
        isFailed={() => false}
        defaultSort={DEFAULT_SORT}
        cardHeight={cardHeight}
      />
      <p class="note size">{note}</p>
    </SummaryPage>
  );
}
