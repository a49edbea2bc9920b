/** The page of one trace: its head, the tree, and the details of what is selected. */

import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { TraceDetail } from '../../data/trace.js';
import { Details } from '../details/details.js';
import { targetOf, toggleThumb } from '../feedback/feedback-state.js';
import { ComplaintBadge, Errors, Time } from '../list/columns.js';
import { mayPass } from '../server/api.js';
import { ExportMenu, idsQuery } from '../transfer/export-menu.js';
import { ExportNotice } from '../transfer/export-notice.js';
import { Complaints } from '../ui/complaints.js';
import { Copy } from '../ui/copy.js';
import { Dollars, howOfSum, Tokens } from '../ui/estimate.js';
import { count, duration, plural } from '../ui/format.js';
import { HelpButton } from '../ui/help.js';
import { Icon } from '../ui/icons.js';
import { useKeys } from '../ui/keys.js';
import { Link } from '../ui/link.js';
import { Panes } from '../ui/panes.js';
import { Problem } from '../ui/problem.js';
import { compareAddress, go, listAddress, sessionAddress } from '../ui/router.js';
import { isNarrow } from '../ui/screen.js';
import { hasChildren } from './trace-model.js';
import { createTraceState, type TraceState } from './trace-state.js';
import { Tree } from './tree.js';

export function TracePage({ id }: { id: string }) {
  const state = useMemo(() => createTraceState(id), [id]);
  const detail = state.detail.value;
  const title = detail === null ? 'Trace' : detail.trace.name || 'unnamed trace';
  useEffect(() => state.start(), [state]);
  useEffect(() => {
    document.title = `${title} · tailrace`;
  }, [title]);
  useTraceKeys(state);
  if (detail === null) return <Missing state={state} />;
  return (
    <main class="trace-page">
      <Head detail={detail} />
      <Complaints
        heading="Complaints"
        list={detail.complaints}
        nameOf={(observation) =>
          detail.observations.name[detail.observations.id.indexOf(observation)] ?? undefined
        }
      />
      {isNarrow.value ? (
        <NarrowBody state={state} />
      ) : (
        <Panes
          name="trace-panes"
          label="Width of the tree"
          first={<TreePane state={state} detail={detail} />}
          second={<Details state={state} />}
        />
      )}
    </main>
  );
}

function Missing({ state }: { state: TraceState }) {
  const problem = state.problem.value;
  return (
    <main class="not-found">
      {problem === null ? (
        <p class="muted">Loading…</p>
      ) : (
        <>
          <h1>{problem.status === 404 ? 'Not found' : 'This did not work'}</h1>
          <Problem text={problem.message} again={mayPass(problem) ? () => void state.load() : null} />
          <p>
            <Link to={listAddress()}>All traces</Link>
          </p>
        </>
      )}
    </main>
  );
}

/** The details take the place of the tree while an observation is selected. */
function NarrowBody({ state }: { state: TraceState }) {
  const detail = state.detail.value as TraceDetail;
  return (
    <div class="narrow-body">
      {state.selectedRow.value < 0 && <TreePane state={state} detail={detail} />}
      <Details state={state} />
    </div>
  );
}

function useTraceKeys(state: TraceState): void {
  const jump = (rows: readonly number[], direction: 1 | -1) => {
    const row = state.nextOf(rows, direction);
    if (row !== undefined) state.select(row);
  };
  const fold = (isFolded: boolean) => {
    const [row, model] = [state.selectedRow.value, state.model.value];
    if (row < 0 || model === null) return;
    const isCollapsed = state.collapsed.value.has(state.idOf(row));
    if (hasChildren(model, row) && isCollapsed !== isFolded) state.setCollapsed(row, isFolded);
    else if (isFolded) state.select(model.parentRow[row] as number);
    else state.move(1);
  };
  const toggle = () => {
    const [row, model] = [state.selectedRow.value, state.model.value];
    if (row < 0 || model === null || !hasChildren(model, row)) return;
    state.setCollapsed(row, !state.collapsed.value.has(state.idOf(row)));
  };
  useKeys({
    j: () => state.move(1),
    k: () => state.move(-1),
    ArrowDown: () => state.move(1),
    ArrowUp: () => state.move(-1),
    PageDown: () => state.move(20),
    PageUp: () => state.move(-20),
    Home: () => state.select(-1),
    End: () => state.move(Number.MAX_SAFE_INTEGER),
    ArrowRight: () => fold(false),
    ArrowLeft: () => fold(true),
    Enter: toggle,
    '/': () => document.getElementById('trace-search')?.focus(),
    e: () => jump(state.model.value?.errorRows ?? [], 1),
    E: () => jump(state.model.value?.errorRows ?? [], -1),
    n: () => jump(state.matches.value, 1),
    N: () => jump(state.matches.value, -1),
    '+': () => void toggleThumb(state, targetOf(state), true),
    '-': () => void toggleThumb(state, targetOf(state), false),
    s: () => document.getElementById('score-button')?.click(),
    c: () => document.getElementById('comment-button')?.click(),
    d: state.toggleDiff,
    Escape: () => go(listAddress()),
  });
}

function Head({ detail: { trace, scores } }: { detail: TraceDetail }) {
  const context: [string, string, string | null][] = [
    ['user', 'User', trace.userId],
    ['session', 'Session', trace.sessionId],
    ['environment', 'Environment', trace.environment === 'default' ? null : trace.environment],
    ['release', 'Release', trace.release],
    ['version', 'Version', trace.version],
    ...trace.tags.map((tag): [string, string, string] => ['tag', 'Tag', tag]),
  ];
  return (
    <div class="trace-head">
      <div class="trace-title">
        <Link to={listAddress()} class="button" title="Back to the list (Escape)">
          <Icon name="back" /> Traces
        </Link>
        <h1>{trace.name || 'unnamed trace'}</h1>
        <ComplaintBadge count={trace.complaintCount} />
        <span class="mono muted trace-id">{trace.id}</span>
        <Copy text={trace.id} label="Copy the trace's id" />
        <Link to={compareAddress(trace.id)} class="button">
          Compare with…
        </Link>
        <ExportMenu query={idsQuery([trace.id])} label="Export this trace" />
        <HelpButton />
      </div>
      <ExportNotice />
      <dl class="facts">
        <Fact term="Start">
          <Time micros={trace.startUs} />
        </Fact>
        <Fact term="Duration">{duration(trace.durationUs)}</Fact>
        <Fact term="Observations">{count(trace.observationCount)}</Fact>
        <Fact term="Errors">
          <Errors count={trace.errorCount} />
        </Fact>
        <Fact term="Tokens">
          <Tokens value={trace.totalTokens} how={howOfSum(trace.hasEstimatedTokens)} />
        </Fact>
        <Fact term="Cost">
          <Dollars value={trace.totalCost} how={howOfSum(trace.hasEstimatedCost)} />
        </Fact>
        {context.map(([name, label, value]) =>
          value === null ? null : (
            <Fact key={`${name}=${value}`} term={label}>
              <Link
                to={
                  name === 'session' ? sessionAddress(value) : `/?${new URLSearchParams({ [name]: value })}`
                }
                title={`All traces with this ${label.toLowerCase()}`}
              >
                {value}
              </Link>
            </Fact>
          ),
        )}
        {scores
          .filter(({ observationId }) => observationId === null)
          .map((score) => (
            <Fact key={score.id} term={score.name}>
              <b title={score.comment ?? undefined}>{score.value}</b>
            </Fact>
          ))}
      </dl>
    </div>
  );
}

export function Fact({ term, children }: { term: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function TreePane({ state, detail }: { state: TraceState; detail: TraceDetail }) {
  const hidden = detail.observationTotal - detail.observations.id.length;
  return (
    <section class="tree-pane" aria-label="Observations">
      <TreeTools state={state} />
      <Tree state={state} />
      {hidden > 0 && (
        <p class="note">
          The first {count(detail.observations.id.length)} observations are shown, {count(hidden)} are not.
          The read API has them all.
        </p>
      )}
    </section>
  );
}

function TreeTools({ state }: { state: TraceState }) {
  const errors = state.model.value?.errorRows ?? [];
  const matches = state.matches.value;
  const jump = (rows: readonly number[]) => {
    const row = state.nextOf(rows, 1);
    if (row !== undefined) state.select(row);
  };
  return (
    <div class="tree-tools">
      <label class="search" aria-label="Search in this trace">
        <Icon name="search" />
        <input
          id="trace-search"
          type="search"
          placeholder="Search in this trace"
          value={state.searchText.value}
          onInput={({ currentTarget }) => {
            state.searchText.value = currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') jump(matches);
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
        <kbd>/</kbd>
      </label>
      {state.searchText.value !== '' && (
        <span role="status">
          {plural(matches.length, 'match', 'matches')}
          {!state.isSearchComplete.value && ' among those that were read in five seconds'}
        </span>
      )}
      {errors.length > 0 && (
        <button type="button" class="button bad" title="Next error (e)" onClick={() => jump(errors)}>
          <Icon name="error" /> {plural(errors.length, 'error')}
        </button>
      )}
      {state.model.value?.hasParents && (
        <button type="button" class="button" onClick={() => foldAll(state)}>
          {state.collapsed.value.size > 0 ? 'Unfold all' : 'Fold all'}
        </button>
      )}
    </div>
  );
}

function foldAll(state: TraceState): void {
  const model = state.model.value;
  if (model === null) return;
  if (state.collapsed.value.size > 0) {
    state.collapsed.value = new Set();
    return;
  }
  const folded = new Set<string>();
  for (let row = 0; row < model.size; row += 1) if (hasChildren(model, row)) folded.add(state.idOf(row));
  state.collapsed.value = folded;
}
