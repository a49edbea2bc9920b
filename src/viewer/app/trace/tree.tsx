/** The tree of observations and their bars, over the same rows. The first row is the trace itself. */

import { Figure } from '../ui/estimate.js';
import { duration, shortCost, shortCount } from '../ui/format.js';
import { Icon, TypeIcon, typeClass } from '../ui/icons.js';
import { rowStyle, VirtualRows } from '../ui/virtual-rows.js';
import { hasChildren, type TraceModel } from './trace-model.js';
import type { TraceState } from './trace-state.js';

const ROW_HEIGHT = 30;
/** More indents would push the text off the page. */
const MAX_INDENT = 14;
const INDENT_PX = 14;

const rowElementId = (row: number) => `row-${row}`;

export function Tree({ state }: { state: TraceState }) {
  const model = state.model.value;
  const rows = state.visible.value;
  const selected = state.selectedRow.value;
  const matches = new Set(state.matches.value);
  if (model === null) return null;
  const active = selected < 0 ? 0 : rows.indexOf(selected) + 1;
  const attributes = {
    class: 'tree',
    role: 'treegrid',
    'aria-label': 'Observations',
    'aria-rowcount': model.size + 1,
    'aria-activedescendant': rowElementId(selected),
    tabIndex: 0,
  };
  return (
    <VirtualRows
      count={rows.length + 1}
      rowHeight={ROW_HEIGHT}
      active={active}
      attributes={attributes}
      render={(index) => {
        if (index === 0) return <TraceRow key="trace" state={state} model={model} />;
        const row = rows[index - 1] as number;
        return (
          <ObservationRow
            key={state.idOf(row)}
            state={state}
            model={model}
            row={row}
            index={index}
            isSelected={row === selected}
            isMatch={matches.has(row)}
          />
        );
      }}
    />
  );
}

function TraceRow({ state, model }: { state: TraceState; model: TraceModel }) {
  const trace = state.detail.value?.trace;
  if (trace === undefined) return <div />;
  const isSelected = state.selectedRow.value < 0;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the focus, and handles the keys
    <div
      id={rowElementId(-1)}
      role="row"
      aria-level={1}
      aria-selected={isSelected}
      class={`node ${isSelected ? 'selected' : ''}`}
      style={rowStyle(0, ROW_HEIGHT)}
      onClick={() => state.select(-1)}
    >
      <div role="gridcell" class="node-title">
        <Icon name="trace" class="type" />
        <span class="node-name">{trace.name || 'unnamed trace'}</span>
      </div>
      <div role="gridcell" class="node-figures">
        {trace.totalTokens !== null && (
          <span class="optional">
            <Figure
              text={`${shortCount(trace.totalTokens)} tok`}
              how={trace.hasEstimatedTokens ? 'contains estimates' : undefined}
            />
          </span>
        )}
        <span class="node-duration">{duration(trace.durationUs)}</span>
      </div>
      <div role="gridcell" class="node-bar">
        <Bar model={model} startUs={0} durationUs={trace.durationUs ?? 0} class="bar-trace" />
      </div>
    </div>
  );
}

interface ObservationRowProps {
  state: TraceState;
  model: TraceModel;
  row: number;
  index: number;
  isSelected: boolean;
  isMatch: boolean;
}

function ObservationRow({ state, model, row, index, isSelected, isMatch }: ObservationRowProps) {
  const { columns } = model;
  const at = model.order[row] as number;
  const depth = model.depth[row] as number;
  const [type, level, name] = [
    columns.type[at] as string,
    columns.level[at] as string,
    columns.name[at] || 'unnamed',
  ];
  const isParent = hasChildren(model, row);
  const isCollapsed = isParent && state.collapsed.value.has(state.idOf(row));
  const classes = ['node'];
  if (isSelected) classes.push('selected');
  if (isMatch) classes.push('match');
  if (level === 'ERROR') classes.push('error');
  if (level === 'WARNING') classes.push('warning');
  if (model.isCritical[at] === 1) classes.push('critical');
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the focus, and handles the keys
    <div
      id={rowElementId(row)}
      role="row"
      aria-level={depth + 2}
      aria-selected={isSelected}
      aria-expanded={isParent ? !isCollapsed : undefined}
      class={classes.join(' ')}
      style={rowStyle(index, ROW_HEIGHT)}
      onClick={() => state.select(row)}
    >
      <div
        role="gridcell"
        class="node-title"
        style={{ paddingLeft: `${(Math.min(depth, MAX_INDENT) + 1) * INDENT_PX}px` }}
      >
        {isParent ? (
          <button
            type="button"
            tabIndex={-1}
            class="fold"
            aria-label={isCollapsed ? `Unfold ${name}` : `Fold ${name}`}
            onClick={(event) => {
              event.stopPropagation();
              state.setCollapsed(row, !isCollapsed);
            }}
          >
            <Icon name={isCollapsed ? 'right' : 'down'} />
          </button>
        ) : (
          <span class="fold" />
        )}
        <TypeIcon type={type} />
        <span class="node-name" title={`${type} ${name}`}>
          {name}
        </span>
        {columns.model[at] !== null && <span class="node-model">{columns.model[at]}</span>}
        {level !== 'DEFAULT' && <span class={`badge level-${levelClass(level)}`}>{level}</span>}
        {model.slowest === at && (
          <span
            class="badge slowest"
            title={`Longest time of its own: ${duration(model.selfUs[at] as number)}`}
          >
            slowest
          </span>
        )}
        {columns.status[at] !== null && level === 'ERROR' && (
          <span class="node-status" title={columns.status[at] ?? ''}>
            {columns.status[at]}
          </span>
        )}
      </div>
      <div role="gridcell" class="node-figures">
        {columns.tokens[at] !== null && (
          <span class="optional">
            <Figure
              text={`${shortCount(columns.tokens[at] ?? 0)} tok`}
              how={((columns.estimated[at] ?? 0) & 1) === 1 ? 'tokens estimated' : undefined}
            />
          </span>
        )}
        {columns.cost[at] !== null && (
          <span class="optional wide">
            <Figure
              text={shortCost(columns.cost[at] ?? 0)}
              how={((columns.estimated[at] ?? 0) & 2) === 2 ? 'cost estimated' : undefined}
            />
          </span>
        )}
        <span class="node-duration">{type === 'EVENT' ? '' : duration(columns.durationUs[at] ?? null)}</span>
      </div>
      <div role="gridcell" class="node-bar">
        {columns.startUs[at] == null ? (
          <span class="no-start" title="It was sent without a start time">
            no start time
          </span>
        ) : (
          <Bar
            model={model}
            startUs={columns.startUs[at]}
            durationUs={columns.durationUs[at] ?? 0}
            class={typeClass(type)}
          />
        )}
      </div>
    </div>
  );
}

function levelClass(level: string): string {
  return /^[A-Z]{1,10}$/.test(level) ? level.toLowerCase() : 'default';
}

const BAR_WIDTH = 1000;
const MIN_BAR = 3;

interface BarProps {
  model: TraceModel;
  startUs: number;
  durationUs: number;
  class: string;
}

function Bar({ model: { fromUs, toUs }, startUs, durationUs, class: className }: BarProps) {
  const scale = BAR_WIDTH / Math.max(1, toUs - fromUs);
  const x = Math.min(BAR_WIDTH - MIN_BAR, Math.max(0, (startUs - fromUs) * scale));
  const width = Math.min(BAR_WIDTH - x, Math.max(MIN_BAR, durationUs * scale));
  return (
    <svg
      class={`bar ${className}`}
      viewBox={`0 0 ${BAR_WIDTH} 10`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect x={x} width={width} y={1} height={8} />
    </svg>
  );
}
