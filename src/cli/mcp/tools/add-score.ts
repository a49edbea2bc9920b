/** `add_score`: judges a trace or an observation. The only tool that writes. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { TraceDetail } from '../../../viewer/data/trace.js';
import { quoted } from '../figures.js';
import { tracePath } from '../paths.js';
import { defineTool, type Tool } from '../tool.js';
import { ToolError } from '../tool-error.js';

const TYPES = ['NUMERIC', 'CATEGORICAL', 'BOOLEAN', 'TEXT'] as const;
const TYPE_OF = { number: 'NUMERIC', string: 'CATEGORICAL', boolean: 'BOOLEAN' } as const;

export const addScore: Tool = defineTool({
  name: 'add_score',
  title: 'Add a score',
  description:
    'Adds a score to a trace, or to one of its observations: a number, a category, true or false, or a text, with a comment that says why. It is stored as a score that comes by API. Nothing else is changed. Use it only if the user wants a score.',
  isReadOnly: false,
  input: z.strictObject({
    trace_id: z.string().min(1).max(1_000).describe('Id of the trace.'),
    observation_id: z.string().min(1).max(1_000).describe('Id of an observation of the trace.').optional(),
    name: z.string().min(1).max(300).describe('Name of the score. list_filters says which are in use.'),
    value: z.union([z.number(), z.boolean(), z.string().min(1).max(5_000)]).describe('The value.'),
    data_type: z
      .enum(TYPES)
      .describe(
        'Default: by the value. NUMERIC for a number, BOOLEAN for true or false, CATEGORICAL for a text.',
      )
      .optional(),
    comment: z.string().max(5_000).describe('Why.').optional(),
  }),
  async run(args, { store, signal }) {
    const { observations } = await store.get<TraceDetail>(tracePath(args.trace_id), [], signal);
    const { observation_id: observationId } = args;
    if (observationId !== undefined && !observations.id.includes(observationId)) {
      throw new ToolError(
        `the trace has no observation with the id ${quoted(observationId, 100)}: get_trace lists them`,
      );
    }
    const kind = typeof args.value as keyof typeof TYPE_OF;
    const body = {
      // The request may be sent twice.
      id: randomUUID(),
      traceId: args.trace_id,
      observationId,
      name: args.name,
      value: kind === 'boolean' ? Number(args.value) : args.value,
      dataType: args.data_type ?? TYPE_OF[kind],
      comment: args.comment,
    };
    const { id } = await store.post<{ id: string }>('/api/public/scores', body, signal);
    const what = observationId === undefined ? 'trace' : 'observation';
    return { head: `Added the score to the ${what}, as ${body.dataType}. Its id: ${id}` };
  },
});
