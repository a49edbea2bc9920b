/** A trace as a tree of lines: what it is, and each observation with its duration, tokens, cost and failure. */

import { printableName } from '../../shared/untrusted-text/printable.js';
import type { ObservationColumns, TraceDetail } from '../../viewer/data/trace.js';
import { treeOf } from '../../viewer/trace-tree.js';
import type { Paint } from '../terminal.js';
import { costText, durationText, tokensText } from './figures.js';

const MAX_NAME_CHARS = 60;
const MAX_STATUS_CHARS = 200;
/** Deeper ones are not indented further: a line would hold nothing else. */
const MAX_INDENTS = 40;

/** One after the other: a trace may have 100,000 observations, and be as deep. */
export function* treeLines(detail: TraceDetail, paint: Paint, columns = 80): Generator<string, void, void> {
  const { trace, observations, observationTotal, scores } = detail;
  const title = printableName(trace.name ?? 'unnamed trace', MAX_NAME_CHARS);
  const figures = [
    durationText(trace.durationUs),
    tokensText(trace.totalTokens, trace.hasEstimatedTokens),
    costText(trace.totalCost, trace.hasEstimatedCost),
  ];
  const errors =
    trace.errorCount === 0
      ? ''
      : paint('red', `${trace.errorCount} ${trace.errorCount === 1 ? 'error' : 'errors'}`);
  yield joined([paint('bold', title), paint('dim', joined(figures, ' · ')), errors]);
  yield paint(
    'dim',
    joined(
      [
        trace.id,
        new Date(trace.startUs / 1000).toISOString(),
        trace.userId && `user ${trace.userId}`,
        trace.sessionId && `session ${trace.sessionId}`,
      ].map((text) => text && printableName(text, 200)),
      '  ',
    ),
  );
  for (const { name, value, observationId } of scores) {
    if (observationId === null) yield paint('dim', `score ${printableName(name)} = ${printableName(value)}`);
  }
  yield* branches(observations, paint, columns);
  const hidden = observationTotal - observations.id.length;
  if (hidden > 0) yield paint('dim', `… and ${hidden.toLocaleString('en')} more observations`);
}

function* branches(columns: ObservationColumns, paint: Paint, width: number): Generator<string, void, void> {
  const { roots, children } = treeOf(columns);
  /** What is still to be printed, the next one last. */
  const waiting = stacked(roots, '');
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { row, indent, isLast } = next;
    yield `${paint('dim', `${indent}${isLast ? '└─' : '├─'}`)} ${lineOf(columns, row, paint, width)}`;
    const isDeep = indent.length >= MAX_INDENTS * 3;
    // One by one: a call takes a limited number of arguments.
    for (const branch of stacked(
      children[row] ?? [],
      isDeep ? indent : `${indent}${isLast ? '   ' : '│  '}`,
    )) {
      waiting.push(branch);
    }
  }
}

interface Branch {
  row: number;
  indent: string;
  isLast: boolean;
}

function stacked(rows: readonly number[], indent: string): Branch[] {
  return rows.map((row, index) => ({ row, indent, isLast: index === rows.length - 1 })).reverse();
}

function lineOf(columns: ObservationColumns, row: number, paint: Paint, width: number): string {
  const level = columns.level[row] ?? 'DEFAULT';
  const [type, name, status] = [columns.type[row], columns.name[row], columns.status[row]];
  const estimated = columns.estimated[row] ?? 0;
  const title = printableName(name ?? 'unnamed', MAX_NAME_CHARS);
  const figures = joined(
    [
      durationText(columns.durationUs[row] ?? null),
      tokensText(columns.tokens[row] ?? null, (estimated & 1) === 1),
      costText(columns.cost[row] ?? null, (estimated & 2) === 2),
      printableName(columns.model[row] ?? '', MAX_NAME_CHARS),
    ],
    ' · ',
  );
  const said =
    level === 'DEFAULT'
      ? ''
      : `${level === 'ERROR' ? '✗ ' : ''}${level}${status ? `: ${printableName(status, Math.min(MAX_STATUS_CHARS, Math.max(20, width)))}` : ''}`;
  return joined([
    paint('cyan', String(type).toLowerCase()),
    level === 'ERROR' ? paint('red', title) : title,
    paint('dim', figures),
    level === 'ERROR' ? paint('red', said) : said,
  ]);
}

function joined(parts: readonly (string | null | undefined | false)[], separator = '  '): string {
  return parts.filter((part) => part !== '' && part).join(separator);
}
