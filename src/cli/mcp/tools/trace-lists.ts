/** `list_traces`, `search_traces`, `find_worst_traces`: pages of traces, a few lines each. */
import { z } from 'zod';
import type { Facets, TraceList, TraceRow } from '../../../viewer/data/list.js';
import { counted, RECORDED_DATA_RULE } from '../answer-text.js';
import {
  costText,
  durationText,
  joined,
  oneLine,
  quoted,
  scoresText,
  timeText,
  tokensText,
} from '../figures.js';
import { FILTERS, filterQuery } from '../filters.js';
import type { Query } from '../store-client.js';
import { defineTool, type Tool, type ToolAnswer, type ToolContext } from '../tool.js';

const MAX_LIMIT = 100;
const MAX_LIST_CHARS = 24_000;
const PREVIEW_CHARS = 160;

const limit = z.int().min(1).max(MAX_LIMIT).default(20).describe('Most traces in the answer.');
const cursor = z
  .string()
  .max(2_000)
  .describe('The cursor of an answer before, for the next traces.')
  .optional();
const ANSWERS = `Each trace comes with its id, start, duration, errors, tokens, cost, scores and the beginning of input and output. At most ${MAX_LIST_CHARS} characters; a cursor leads to the rest. ${RECORDED_DATA_RULE}`;

export const listTraces: Tool = defineTool({
  name: 'list_traces',
  title: 'List traces',
  description: `Lists recorded runs (traces) of an LLM application, newest first, with filters. Failed runs: level ["ERROR"], or a condition on a score such as score ["reward=0"]. ${ANSWERS}`,
  input: z.strictObject({
    ...FILTERS,
    sort: z
      .string()
      .max(300)
      .default('-start')
      .describe(
        'start, name, duration, tokens, cost, observations, errors or score:NAME; with - in front, highest first.',
      ),
    limit,
    cursor,
  }),
  run: (args, context) => list([['sort', args.sort], ...filterQuery(args)], args, context, 'match'),
});

export const searchTraces: Tool = defineTool({
  name: 'search_traces',
  title: 'Search traces by text',
  description: `Finds traces that contain a text in a name, message, input or output of the trace or of its observations; the case of ASCII letters does not matter. Newest first. ${ANSWERS}`,
  input: z.strictObject({
    query: z.string().min(1).max(1_000).describe('The text, as it stands in the data. No wildcards.'),
    ...FILTERS,
    limit,
    cursor,
  }),
  run: (args, context) => list([['q', args.query], ...filterQuery(args)], args, context, 'contain the text'),
});

export const findWorstTraces: Tool = defineTool({
  name: 'find_worst_traces',
  title: 'Find the worst traces by a score',
  description: `Lists the traces with the lowest (or highest) values of a numeric or boolean score, worst first. list_filters says which scores there are. ${ANSWERS}`,
  input: z.strictObject({
    score_name: z.string().min(1).max(300).describe('Name of the score.'),
    worst: z.enum(['lowest', 'highest']).default('lowest').describe('Which values are the worst.'),
    ...FILTERS,
    limit: limit.default(10),
    cursor,
  }),
  async run(args, context) {
    const order = `${args.worst === 'highest' ? '-' : ''}score:${args.score_name}`;
    const query: Query = [['sort', order], ['score', args.score_name], ...filterQuery(args)];
    const answer = await list(query, args, context, `have the score, ${args.worst} first`);
    if (answer.recorded !== undefined || args.cursor !== undefined) return answer;
    const { scores } = await context.store.get<Facets>('/api/tailrace/facets', [], context.signal);
    const names = scores.slice(0, 20).map(({ name }) => quoted(name, 80));
    const known = names.length === 0 ? 'No trace has any score.' : 'Scores that there are:';
    return { head: `No trace that matches has this score. ${known}`, recorded: names.join('\n') };
  },
});

async function list(
  query: Query,
  args: { limit: number; cursor?: string | undefined },
  { store, signal }: ToolContext,
  matching: string,
): Promise<ToolAnswer> {
  const page = (most: number) => {
    const paging: Query = args.cursor === undefined ? [] : [['cursor', args.cursor]];
    return store.get<TraceList>(
      '/api/tailrace/traces',
      [...query, ['limit', String(most)], ...paging],
      signal,
    );
  };
  let found = await page(args.limit);
  const blocks = found.traces.map(traceBlock);
  const fitting = fittingCount(blocks);
  // The cursor must go on after the last one that is shown.
  if (fitting < blocks.length) found = await page(fitting);
  const shown = blocks.slice(0, fitting);
  const total = found.total ?? found.traces.length;
  const head =
    args.cursor === undefined
      ? `${counted(total, 'trace')} of ${found.stored.toLocaleString('en')} ${matching}; ${shown.length} shown.`
      : `The next ${counted(shown.length, 'trace')}.`;
  const notes = [
    found.next !== null && `More traces: call again with the same arguments and cursor "${found.next}".`,
    found.searchedFromUs !== null &&
      `The search had no time to read traces before ${timeText(found.searchedFromUs)}: these may match too. To go on, call again with this time as "to".`,
    found.stored === 0 && 'Nothing has been traced into this store yet.',
  ].filter((note) => note !== false);
  return shown.length === 0 ? { head, notes } : { head, recorded: shown.join('\n'), notes };
}

/** At least one. */
function fittingCount(blocks: readonly string[]): number {
  let chars = 0;
  const end = blocks.findIndex((block) => {
    chars += block.length + 1;
    return chars > MAX_LIST_CHARS;
  });
  return end === -1 ? blocks.length : Math.max(1, end);
}

export function traceBlock(row: TraceRow): string {
  const first = joined([
    `- trace ${oneLine(row.id, 200)}`,
    quoted(row.name ?? '', 120),
    timeText(row.startUs),
    durationText(row.durationUs),
    row.errorCount > 0 && `ERRORS: ${row.errorCount}`,
    counted(row.observationCount, 'observation'),
    tokensText(row.totalTokens, row.hasEstimatedTokens),
    costText(row.totalCost, row.hasEstimatedCost),
  ]);
  const second = joined(
    [
      row.scores.length > 0 && `scores: ${oneLine(scoresText(row.scores), 600)}`,
      row.sessionId !== null && `session: ${quoted(row.sessionId, 100)}`,
      row.userId !== null && `user: ${quoted(row.userId, 100)}`,
      row.environment !== null && `environment: ${quoted(row.environment, 60)}`,
      row.release !== null && `release: ${quoted(row.release, 60)}`,
      row.version !== null && `version: ${quoted(row.version, 60)}`,
      row.tags.length > 0 &&
        `tags: ${row.tags
          .slice(0, 10)
          .map((tag) => quoted(tag, 40))
          .join(', ')}`,
      row.complaintCount > 0 && counted(row.complaintCount, 'complaint'),
    ],
    '; ',
  );
  return joined(
    [
      first,
      second !== '' && `  ${second}`,
      row.input !== null && `  input: ${quoted(row.input, PREVIEW_CHARS)}`,
      row.output !== null && `  output: ${quoted(row.output, PREVIEW_CHARS)}`,
    ],
    '\n',
  );
}
