/** `group_errors`: what fails how often, by message. */
import { z } from 'zod';
import type { ErrorGroup, ErrorGroups } from '../../../viewer/data/errors.js';
import { counted, fittingLines, RECORDED_DATA_RULE } from '../answer-text.js';
import { joined, oneLine, quoted, timeText } from '../figures.js';
import { FILTERS, filterQuery } from '../filters.js';
import { defineTool, type Tool } from '../tool.js';

const MAX_CHARS = 20_000;

export const groupErrors: Tool = defineTool({
  name: 'group_errors',
  title: 'Group errors by message',
  description: `Groups failed observations (level ERROR) by their status message, in which numbers, ids and times are replaced, most frequent first. Each group has its count, first and last time, tools or models that failed, ids of example traces, and the newest observation. The filters choose the traces. ${RECORDED_DATA_RULE}`,
  input: z.strictObject({
    ...FILTERS,
    include_warnings: z.boolean().default(false).describe('Also observations with level WARNING.'),
    limit: z.int().min(1).max(100).default(20).describe('Most groups in the answer.'),
  }),
  async run(args, { store, signal }) {
    const query = [
      ...filterQuery(args),
      ['limit', String(args.limit)] as const,
      ['warnings', String(args.include_warnings)] as const,
    ];
    const found = await store.get<ErrorGroups>('/api/tailrace/errors', query, signal);
    const { shown } = fittingLines(found.groups.map(groupBlock), MAX_CHARS);
    const left = found.groupTotal - shown.length;
    const notes = [
      left > 0 && `${counted(left, 'group')} left out: raise limit, or narrow the filters.`,
      !found.isComplete &&
        'There was no time to read everything: these are the errors of the newest observations.',
    ].filter((note) => note !== false);
    const failed = args.include_warnings
      ? 'observation with an error or warning'
      : 'observation with an error';
    return {
      head: `${found.observationTotal.toLocaleString('en')} × ${failed}, in ${counted(found.groupTotal, 'group')}.`,
      recorded: shown.join('\n'),
      notes,
    };
  },
});

function groupBlock(group: ErrorGroup): string {
  const { message, count, firstUs, lastUs, traceCount, traceIds, newest, sources, sourceTotal } = group;
  const failed = sources.map((source) =>
    joined([
      `${source.type} ${quoted(source.name ?? '', 80)}`,
      source.model !== null && `(model ${oneLine(source.model, 80)})`,
      `×${source.count}`,
    ]),
  );
  const others = sourceTotal - sources.length;
  return [
    `- ${count} × ${message === '' ? '(no message)' : quoted(message, 300)}`,
    `  in ${counted(traceCount, 'trace')}, first ${timeText(firstUs)}, last ${timeText(lastUs)}`,
    `  failed: ${failed.join(', ')}${others > 0 ? ` and ${others} others` : ''}`,
    `  newest: trace ${oneLine(newest.traceId, 200)} observation ${oneLine(newest.observationId, 200)}${newest.message === null ? '' : `: ${quoted(newest.message, 300)}`}`,
    `  traces: ${traceIds.map((id) => oneLine(id, 200)).join(', ')}`,
  ].join('\n');
}
