/** `list_sessions`: conversations of several traces. Their traces: `list_traces` with `session`. */
import { z } from 'zod';
import { counted, RECORDED_DATA_RULE } from '../answer-text.js';
import { oneLine } from '../figures.js';
import { defineTool, type Tool } from '../tool.js';

interface Sessions {
  data: { id: string; createdAt: string; environment: string }[];
  meta: { page: number; totalItems: number; totalPages: number };
}

export const listSessions: Tool = defineTool({
  name: 'list_sessions',
  title: 'List sessions',
  description: `Lists sessions (conversations that consist of several traces), newest first, with the time of the first trace. To read one: list_traces with session and sort "start". ${RECORDED_DATA_RULE}`,
  input: z.strictObject({
    limit: z.int().min(1).max(100).default(50).describe('Most sessions in the answer.'),
    page: z.int().min(1).max(1_000_000).default(1).describe('Page, from 1 on.'),
  }),
  async run({ limit, page }, { store, signal }) {
    const query = [['limit', String(limit)] as const, ['page', String(page)] as const];
    const { data, meta } = await store.get<Sessions>('/api/public/sessions', query, signal);
    const lines = data.map(
      ({ id, createdAt, environment }) =>
        `- session ${oneLine(id, 200)} since ${oneLine(createdAt, 40)} environment ${oneLine(environment, 60)}`,
    );
    return {
      head: `${counted(meta.totalItems, 'session')}; page ${meta.page} of ${Math.max(1, meta.totalPages)}.`,
      recorded: lines.join('\n'),
      notes: meta.page < meta.totalPages ? [`More sessions: page ${meta.page + 1}.`] : [],
    };
  },
});
