/** `get_trace`: one trace as a compact tree, a line for each observation. */
import { z } from 'zod';
import type { TraceDetail } from '../../../viewer/data/trace.js';
import { treeOf } from '../../../viewer/trace-tree.js';
import { counted, RECORDED_DATA_RULE } from '../answer-text.js';
import { oneLine, quoted } from '../figures.js';
import { tracePath } from '../paths.js';
import { defineTool, type Tool } from '../tool.js';
import { ToolError } from '../tool-error.js';
import { treeLines } from '../tree-lines.js';
import { traceBlock } from './trace-lists.js';

const MAX_SCORES = 30;
const MAX_COMPLAINTS = 5;

export const getTrace: Tool = defineTool({
  name: 'get_trace',
  title: 'Read a trace as a tree',
  description: `Reads one trace as a tree: a line for each observation (call of a model, tool, step) with type, name, id, start after the start of the trace, duration, level if it is not DEFAULT, tokens, cost, model and the beginning of its status message. If not all fit, errors and the steps above them come first, and the answer says how many observations are left out where. Inputs and outputs: get_observation. ${RECORDED_DATA_RULE}`,
  input: z.strictObject({
    trace_id: z.string().min(1).max(1_000).describe('Id of the trace.'),
    below: z
      .string()
      .max(1_000)
      .describe('Id of an observation: show only it and what is below it.')
      .optional(),
    only_errors: z
      .boolean()
      .default(false)
      .describe('Show only observations with level ERROR, and those above them.'),
    max_characters: z
      .int()
      .min(1_000)
      .max(50_000)
      .default(12_000)
      .describe('Bound of the tree, in characters.'),
  }),
  async run({ trace_id, below, only_errors, max_characters }, { store, signal }) {
    const detail = await store.get<TraceDetail>(tracePath(trace_id), [], signal);
    const { trace, observations, observationTotal, scores, complaints } = detail;
    const root = below === undefined ? undefined : observations.id.indexOf(below);
    if (root === -1) {
      throw new ToolError(
        `the trace has no observation with the id ${quoted(below ?? '', 100)}: get_trace without below lists them`,
      );
    }
    const tree = treeLines(observations, treeOf(observations), {
      maxChars: max_characters,
      onlyErrors: only_errors,
      root,
    });
    const beyond = observationTotal - observations.id.length;
    const recorded = [
      traceBlock(trace),
      ...scores
        .slice(0, MAX_SCORES)
        .map(
          ({ name, value, comment, observationId }) =>
            `  score ${quoted(name, 80)} = ${quoted(value, 100)}${observationId === null ? '' : ` of observation ${oneLine(observationId, 100)}`}${comment === null ? '' : `: ${quoted(comment, 200)}`}`,
        ),
      ...complaints.complaints
        .slice(0, MAX_COMPLAINTS)
        .map(({ severity, message }) => `  complaint (${severity}): ${oneLine(message, 200)}`),
      'tree:',
      ...tree.lines,
    ];
    const isPartOnPurpose = only_errors && tree.leftErrors === 0;
    const notes = [
      tree.left > 0 &&
        `${counted(tree.left, 'observation')} left out (${tree.leftErrors} with errors). ${isPartOnPurpose ? 'Call without only_errors to see them.' : 'Use below, only_errors or a larger max_characters to see others.'}`,
      beyond > 0 && `The trace has ${counted(beyond, 'more observation')} than the server lists.`,
      scores.length > MAX_SCORES && `${counted(scores.length - MAX_SCORES, 'score')} left out.`,
      complaints.total > MAX_COMPLAINTS &&
        `${counted(complaints.total - MAX_COMPLAINTS, 'complaint')} left out.`,
    ].filter((note) => note !== false);
    const errors = observations.level.filter((level) => level === 'ERROR').length;
    return {
      head: `${counted(observationTotal, 'observation')}, ${errors} with level ERROR.`,
      recorded: recorded.join('\n'),
      notes,
    };
  },
});
