/** `compare_traces`: two traces side by side, aligned by their structure. */
import { z } from 'zod';
import type { ObservationDetail } from '../../../viewer/data/details.js';
import type { ObservationColumns, TraceDetail } from '../../../viewer/data/trace.js';
import { type AlignedPair, alignTraces } from '../../../viewer/trace-alignment.js';
import { counted, fittingLines, RECORDED_DATA_RULE } from '../answer-text.js';
import { costText, durationText, joined, oneLine, quoted, scoresText } from '../figures.js';
import { observationPath, tracePath } from '../paths.js';
import { defineTool, type Tool, type ToolContext } from '../tool.js';
import { observationLine } from '../tree-lines.js';

/** Each takes two requests. */
const MAX_COMPARED_OUTPUTS = 40;
const EXCERPT_CHARS = 300;

export const compareTraces: Tool = defineTool({
  name: 'compare_traces',
  title: 'Compare two traces',
  description: `Compares two traces, for example a failed run with a good one: totals, scores, then observations aligned by structure (the same type and name in the same order below corresponding parents; between these the same type, which may have been renamed), with differences of duration, level, tokens and cost, those that only one trace has, and the first difference of outputs. ${RECORDED_DATA_RULE}`,
  input: z.strictObject({
    trace_a: z.string().min(1).max(1_000).describe('Id of the first trace.'),
    trace_b: z.string().min(1).max(1_000).describe('Id of the second trace.'),
    max_characters: z
      .int()
      .min(1_000)
      .max(50_000)
      .default(12_000)
      .describe('Bound of the aligned lines, in characters.'),
  }),
  async run({ trace_a, trace_b, max_characters }, context) {
    const read = (id: string) => context.store.get<TraceDetail>(tracePath(id), [], context.signal);
    const [a, b] = [await read(trace_a), await read(trace_b)];
    const pairs = alignTraces(a.observations, b.observations);
    const lines = pairs.map((pair) => pairLine(a.observations, b.observations, pair));
    const { shown, left } = fittingLines(lines, max_characters);
    const output = await firstDifference(a, b, pairs, context);
    const onlyOne = (side: 'a' | 'b') => pairs.filter((pair) => pair[side === 'a' ? 'b' : 'a'] === -1).length;
    return {
      head: `${counted(pairs.length - onlyOne('a') - onlyOne('b'), 'observation')} in both, ${onlyOne('a')} only in A, ${onlyOne('b')} only in B. Lines: "=" in both (A → B), "-" only in A, "+" only in B.`,
      recorded: [totals('A', a), totals('B', b), ...output.lines, 'aligned:', ...shown].join('\n'),
      notes: [
        ...(left > 0 ? [`${counted(left, 'line')} left out: raise max_characters.`] : []),
        ...output.notes,
      ],
    };
  },
});

function totals(name: string, { trace }: TraceDetail): string {
  return joined([
    `${name}: trace ${oneLine(trace.id, 200)} ${quoted(trace.name ?? '', 100)}`,
    durationText(trace.durationUs),
    counted(trace.observationCount, 'observation'),
    counted(trace.errorCount, 'error'),
    trace.totalTokens !== null && `${trace.totalTokens} tokens`,
    costText(trace.totalCost, trace.hasEstimatedCost),
    trace.scores.length > 0 && `scores: ${oneLine(scoresText(trace.scores), 600)}`,
  ]);
}

function pairLine(a: ObservationColumns, b: ObservationColumns, pair: AlignedPair): string {
  if (pair.b === -1) return `-${observationLine(a, pair.a, pair.depth).replace('- ', ' ')}`;
  if (pair.a === -1) return `+${observationLine(b, pair.b, pair.depth).replace('- ', ' ')}`;
  const indent = '  '.repeat(Math.min(pair.depth, 20));
  const both = (columns: (string | number | null)[], others: (string | number | null)[]) =>
    [columns[pair.a] ?? null, others[pair.b] ?? null] as const;
  const [levelA, levelB] = both(a.level, b.level);
  const [tokensA, tokensB] = both(a.tokens, b.tokens);
  const [nameA, nameB] = both(a.name, b.name).map((name) => quoted(String(name ?? ''), 100));
  const [costA, costB] = [a.cost[pair.a] ?? null, b.cost[pair.b] ?? null];
  const [statusA, statusB] = both(a.status, b.status);
  return joined([
    `=${indent} ${a.type[pair.a]} ${nameA === nameB ? nameA : `${nameA} → ${nameB}`}`,
    `${durationText(a.durationUs[pair.a] ?? null)} → ${durationText(b.durationUs[pair.b] ?? null)}`,
    levelA !== levelB ? `LEVEL ${levelA} → ${levelB}` : levelA !== 'DEFAULT' && String(levelA),
    tokensA !== tokensB && `tokens ${tokensA ?? '?'} → ${tokensB ?? '?'}`,
    costA !== costB && `cost ${costText(costA, false) || '?'} → ${costText(costB, false) || '?'}`,
    statusA !== statusB &&
      `message ${quoted(String(statusA ?? ''), 100)} → ${quoted(String(statusB ?? ''), 100)}`,
    `ids ${oneLine(a.id[pair.a] ?? '', 100)} ${oneLine(b.id[pair.b] ?? '', 100)}`,
  ]);
}

async function firstDifference(
  a: TraceDetail,
  b: TraceDetail,
  pairs: readonly AlignedPair[],
  { store, signal }: ToolContext,
): Promise<{ lines: string[]; notes: string[] }> {
  const startOf = ({ a: position }: AlignedPair) => a.observations.startUs[position] ?? 0;
  const hasNothingBelow = new Set(a.observations.parent);
  // What is above others ends after them, and its output follows from theirs.
  const leaves = pairs.filter((pair) => pair.a !== -1 && pair.b !== -1 && !hasNothingBelow.has(pair.a));
  const inTime = leaves.sort((one, other) => startOf(one) - startOf(other));
  const outputOf = async ({ trace, observations }: TraceDetail, position: number) => {
    const path = observationPath(trace.id, observations.id[position] ?? '');
    const { output } = await store.get<ObservationDetail>(path, [], signal);
    return output?.text ?? '';
  };
  for (const pair of inTime.slice(0, MAX_COMPARED_OUTPUTS)) {
    const [textA, textB] = [await outputOf(a, pair.a), await outputOf(b, pair.b)];
    if (textA === textB) continue;
    const at = firstDifferentIndex(textA, textB);
    const excerpt = (text: string) =>
      quoted(text.slice(Math.max(0, at - 80), at + EXCERPT_CHARS), EXCERPT_CHARS + 80);
    const { type, name, id } = a.observations;
    return {
      lines: [
        `first difference of outputs: ${type[pair.a]} ${quoted(name[pair.a] ?? '', 100)}, from character ${at} on (${oneLine(id[pair.a] ?? '', 100)} and ${oneLine(b.observations.id[pair.b] ?? '', 100)}):`,
        `  A: ${excerpt(textA)}`,
        `  B: ${excerpt(textB)}`,
      ],
      notes: [],
    };
  }
  const uncompared = inTime.length - MAX_COMPARED_OUTPUTS;
  return {
    lines: [],
    notes: [
      uncompared > 0
        ? `The first ${MAX_COMPARED_OUTPUTS} outputs are the same; ${counted(uncompared, 'later one')} not compared.`
        : 'The outputs of all observations that correspond and have nothing below them are the same.',
    ],
  };
}

function firstDifferentIndex(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let index = 0; index < end; index += 1) if (a[index] !== b[index]) return index;
  return end;
}
