import { describe, expect, it } from 'vitest';
import {
  buildModel,
  hasChildren,
  matchingRows,
  type TraceModel,
  visibleRows,
} from '../../../../../src/viewer/app/trace/trace-model.js';
import type { ObservationColumns } from '../../../../../src/viewer/data/trace.js';

interface Spec {
  id: string;
  parent?: string;
  /** Null: unknown. */
  from?: number | null;
  to?: number | null;
  name?: string;
  level?: string;
}

/** By start, as the server sends them. */
function columnsOf(specs: Spec[]): ObservationColumns {
  const positions = new Map(specs.map(({ id }, at) => [id, at]));
  const each = <T>(value: (spec: Spec) => T) => specs.map(value);
  return {
    id: each(({ id }) => id),
    parent: each(({ parent }) => (parent === undefined ? -1 : (positions.get(parent) ?? -1))),
    type: each(() => 'SPAN'),
    name: each(({ name }) => name ?? null),
    level: each(({ level }) => level ?? 'DEFAULT'),
    startUs: each(({ from = 0 }) => from),
    durationUs: each(({ from = 0, to = from }) => (to === null || from === null ? null : to - from)),
    tokens: each(() => null),
    cost: each(() => null),
    estimated: each(() => 0),
    model: each(() => null),
    status: each(() => null),
  };
}

const modelOf = (...specs: Spec[]) => buildModel(columnsOf(specs), null);
const names = ({ columns, order }: TraceModel, rows: Iterable<number>) =>
  Array.from(rows, (row) => columns.id[order[row] as number]);
const tree = (model: TraceModel) =>
  names(model, model.order.keys()).map((id, row) => `${'.'.repeat(model.depth[row] as number)}${id}`);
const marked = ({ columns, isCritical }: TraceModel) =>
  columns.id.filter((_, position) => isCritical[position] === 1);

describe('the tree', () => {
  it('is depth first, siblings by start, whether parents come before their children or not', () => {
    const model = modelOf(
      { id: 'c', parent: 'a' },
      { id: 'b', parent: 'a' },
      { id: 'a' },
      { id: 'd', parent: 'b' },
      { id: 'e' },
    );
    expect(tree(model)).toEqual(['a', '.c', '.b', '..d', 'e']);
  });

  it('shows orphans and rings once, at the top', () => {
    const model = modelOf(
      { id: 'a', parent: 'nowhere' },
      { id: 'x', parent: 'y' },
      { id: 'y', parent: 'x' },
      { id: 'self', parent: 'self' },
    );
    expect(tree(model)).toEqual(['a', 'x', '.y', 'self']);
  });

  it('may be a hundred thousand deep', () => {
    const specs = Array.from({ length: 100_000 }, (_, at) => ({ id: `o${at}`, parent: `o${at - 1}` }));
    const model = modelOf(...specs);
    expect(model.depth.at(-1)).toBe(99_999);
    expect(model.end[0]).toBe(100_000);
    expect(visibleRows(model, new Set(['o1']))).toHaveLength(2);
  });

  it('hides what is below a collapsed row, and nothing else', () => {
    const model = modelOf({ id: 'a' }, { id: 'b', parent: 'a' }, { id: 'c', parent: 'b' }, { id: 'd' });
    expect(names(model, visibleRows(model, new Set(['b'])))).toEqual(['a', 'b', 'd']);
    expect(names(model, visibleRows(model, new Set(['a', 'b'])))).toEqual(['a', 'd']);
    expect([0, 1, 2, 3].map((row) => hasChildren(model, row))).toEqual([true, true, false, false]);
  });

  it('finds rows by their texts in any case, and the errors', () => {
    const model = modelOf(
      { id: 'a', name: 'Plan' },
      { id: 'b', name: 'explain', level: 'ERROR' },
      { id: 'c' },
    );
    expect(names(model, matchingRows(model, 'PLA'))).toEqual(['a', 'b']);
    expect(matchingRows(model, '  ')).toEqual([]);
    expect(names(model, model.errorRows)).toEqual(['b']);
  });
});

describe('self time', () => {
  it('is the duration without the time that any child covers', () => {
    const model = modelOf(
      { id: 'a', from: 0, to: 100 },
      { id: 'b', parent: 'a', from: 10, to: 50 },
      // Beside the other, and beyond the end of the parent.
      { id: 'c', parent: 'a', from: 40, to: 60 },
      { id: 'd', parent: 'a', from: 90, to: 150 },
      { id: 'open', parent: 'a', from: 95, to: null },
    );
    expect([...model.selfUs]).toEqual([40, 40, 20, 60, -1]);
    expect(model.columns.id[model.slowest]).toBe('d');
  });
});

describe('the critical path', () => {
  it('goes back from the end, by what ended last', () => {
    const model = modelOf(
      { id: 'root', from: 0, to: 100 },
      { id: 'first', parent: 'root', from: 0, to: 40 },
      { id: 'beside', parent: 'root', from: 5, to: 30 },
      { id: 'second', parent: 'root', from: 40, to: 95 },
      { id: 'inner', parent: 'second', from: 50, to: 90 },
      { id: 'short', parent: 'second', from: 50, to: 60 },
    );
    expect(marked(model)).toEqual(['root', 'first', 'second', 'inner']);
  });
});

describe('bounds', () => {
  it('hold every bar', () => {
    const model = modelOf({ id: 'a', from: -50, to: 20 }, { id: 'b', from: 10, to: 500 });
    expect([model.fromUs, model.toUs]).toEqual([-50, 500]);
  });
});

describe('an observation without a start', () => {
  it('is in the tree, but on no place of the axis, and takes no time from others', () => {
    const model = modelOf(
      { id: 'root', from: 0, to: 100 },
      { id: 'lost', parent: 'root', from: null },
      { id: 'below', parent: 'lost', from: 10, to: 60 },
    );
    expect(tree(model)).toEqual(['root', '.lost', '..below']);
    expect([model.fromUs, model.toUs]).toEqual([0, 100]);
    expect([...model.selfUs]).toEqual([100, -1, 50]);
    expect(marked(model)).toEqual(['root']);
    // The duration of the trace counts when it arrived.
    const later = buildModel(model.columns, 1_000_000);
    expect([later.fromUs, later.toUs]).toEqual([0, 100]);
  });
});
