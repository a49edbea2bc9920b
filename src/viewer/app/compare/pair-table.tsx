/** The two trees as one table of aligned rows, with marks where they differ. */

import { useMemo } from 'preact/hooks';
import type { AlignedPair } from '../../trace-alignment.js';
import { duration, plural, shortCost, shortCount } from '../ui/format.js';
import { TypeIcon } from '../ui/icons.js';
import { useKeys } from '../ui/keys.js';
import { isNarrow } from '../ui/screen.js';
import { rowStyle, VirtualRows } from '../ui/virtual-rows.js';
import { changeOf, differencesOf, type Side } from './changes.js';

const ROW_HEIGHT = 34;
const CARD_HEIGHT = 62;
const MAX_INDENT = 10;
const INDENT_PX = 14;

interface PairTableProps {
  sides: [Side, Side];
  pairs: readonly AlignedPair[];
  /** -1: the traces themselves. */
  selected: number;
  select(at: number): void;
}

export function PairTable({ sides, pairs, selected, select }: PairTableProps) {
  const marks = useMemo(() => pairs.map((pair) => differencesOf(sides, pair)), [pairs, ...sides]);
  const differing = marks.flatMap((differences, at) => (differences.length > 0 ? [at] : []));
  const move = (by: number) => select(Math.max(-1, Math.min(pairs.length - 1, selected + by)));
  const jump = (direction: 1 | -1) => {
    const next =
      direction === 1
        ? (differing.find((at) => at > selected) ?? differing[0])
        : (differing.findLast((at) => at < selected) ?? differing.at(-1));
    if (next !== undefined) select(next);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    n: () => jump(1),
    N: () => jump(-1),
    Escape: () => select(-1),
  });
  const rowHeight = isNarrow.value ? CARD_HEIGHT : ROW_HEIGHT;
  const attributes = {
    class: `pair-table ${isNarrow.value ? 'cards' : ''}`,
    role: 'grid',
    'aria-label': 'Observations of both traces',
    'aria-rowcount': pairs.length + 1,
    'aria-activedescendant': `pair-${selected}`,
    tabIndex: 0,
  };
  const isCut = sides.some(({ digests }) => !digests.isComplete);
  return (
    <>
      <div class="tools">
        <p class="counts" role="status">
          {plural(pairs.length, 'aligned row')}, {plural(differing.length, 'difference')}
        </p>
        {differing.length > 0 && (
          <button type="button" class="button" title="Next difference (n)" onClick={() => jump(1)}>
            Next difference
          </button>
        )}
        {isCut && <p class="note">Not all inputs and outputs could be compared in five seconds.</p>}
      </div>
      <VirtualRows
        count={pairs.length + 1}
        rowHeight={rowHeight}
        active={selected + 1}
        attributes={attributes}
        render={(index) => {
          const at = index - 1;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the table has the focus, and handles the keys
            <div
              key={at}
              id={`pair-${at}`}
              role="row"
              aria-rowindex={index + 1}
              aria-selected={at === selected}
              class={`pair ${at === selected ? 'selected' : ''} ${marks[at]?.length ? 'differs' : ''}`}
              style={rowStyle(index, rowHeight)}
              onClick={() => select(at)}
            >
              {at < 0 ? (
                <TraceCells sides={sides} />
              ) : (
                <PairCells sides={sides} pair={pairs[at] as AlignedPair} marks={marks[at] ?? []} />
              )}
            </div>
          );
        }}
      />
    </>
  );
}

function TraceCells({ sides: [a, b] }: { sides: [Side, Side] }) {
  const [one, other] = [a.digests.trace, b.digests.trace];
  const marks = (['input', 'output'] as const).filter((field) => one[field] !== other[field]);
  return (
    <>
      <div role="gridcell" class="pair-name">
        <strong>The traces themselves</strong>
      </div>
      <Marks marks={marks} />
      <Figures
        values={[a, b].map(({ detail: { trace } }) => ({
          durationUs: trace.durationUs,
          tokens: trace.totalTokens,
          cost: trace.totalCost,
        }))}
      />
    </>
  );
}

interface PairCellsProps {
  sides: [Side, Side];
  pair: AlignedPair;
  marks: readonly string[];
}

function PairCells({ sides: [a, b], pair, marks }: PairCellsProps) {
  const [{ columns }, at] = pair.a >= 0 ? [a, pair.a] : [b, pair.b];
  const name = columns.name[at] || 'unnamed';
  const otherName = marks.includes('name') ? b.columns.name[pair.b] || 'unnamed' : null;
  return (
    <>
      <div
        role="gridcell"
        class="pair-name"
        style={{ paddingLeft: `${Math.min(pair.depth, MAX_INDENT) * INDENT_PX}px` }}
      >
        <TypeIcon type={columns.type[at] as string} />
        <span class="node-name" title={otherName === null ? name : `${name} → ${otherName}`}>
          {name}
          {otherName !== null && ` → ${otherName}`}
        </span>
      </div>
      <Marks marks={marks} />
      <Figures values={[valuesOf(a, pair.a), valuesOf(b, pair.b)]} />
    </>
  );
}

function Marks({ marks }: { marks: readonly string[] }) {
  return (
    <div role="gridcell" class="pair-marks">
      {marks.map((mark) => (
        <span key={mark} class={`badge ${mark.startsWith('only') ? 'only' : 'changed'}`}>
          {mark}
        </span>
      ))}
    </div>
  );
}

interface Values {
  durationUs: number | null;
  tokens: number | null;
  cost: number | null;
}

function valuesOf({ columns }: Side, at: number): Values | undefined {
  if (at < 0) return undefined;
  return {
    durationUs: columns.durationUs[at] ?? null,
    tokens: columns.tokens[at] ?? null,
    cost: columns.cost[at] ?? null,
  };
}

/** A figure that only one side has, or that is equal, stands alone. */
function Figures({ values: [a, b] }: { values: readonly (Values | undefined)[] }) {
  const figure = (name: keyof Values, format: (value: number) => string, unit = '') => {
    const [one, other] = [a?.[name] ?? null, b?.[name] ?? null];
    if (one === null && other === null) return null;
    const texts = one === other ? [one] : [one, other];
    const change = changeOf(one, other);
    return (
      <>
        {texts.map((value) => (value === null ? '–' : format(value))).join(' → ')}
        {unit}
        {change !== '' && <span class="muted"> {change}</span>}
      </>
    );
  };
  return (
    <>
      <div role="gridcell" class="number">
        {figure('durationUs', duration)}
      </div>
      <div role="gridcell" class="number">
        {figure('tokens', shortCount, ' tok')}
      </div>
      <div role="gridcell" class="number">
        {figure('cost', shortCost)}
      </div>
    </>
  );
}
