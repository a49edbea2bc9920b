/** The filters that tools share: those of the page, as arguments for a model, and as the page's query parameters. */
import { z } from 'zod';
import { RANGE_FILTERS, VALUE_FILTERS } from '../../viewer/data/filters.js';
import type { Query } from './store-client.js';

const MAX_VALUES = 50;
const MAX_VALUE_CHARS = 500;

const text = z.string().min(1).max(MAX_VALUE_CHARS);
const values = (description: string) => z.array(text).min(1).max(MAX_VALUES).describe(description).optional();
const atLeast = (description: string) => z.number().min(0).describe(description).optional();
const time = (description: string) => text.describe(description).optional();

export const FILTERS = {
  name: values('Names of traces; a trace must have one of them.'),
  level: z
    .array(z.enum(['DEBUG', 'DEFAULT', 'WARNING', 'ERROR']))
    .describe(
      'Traces with an observation of one of these levels. ["ERROR"] finds traces in which something failed.',
    )
    .optional(),
  type: values(
    'Traces with an observation of one of these types: GENERATION, TOOL, AGENT, SPAN, EVENT, RETRIEVER, …',
  ),
  model: values('Traces that called one of these models.'),
  tool: values('Traces that called one of these tools.'),
  failed_tool: values('Traces in which a call of one of these tools failed.'),
  tag: values('Traces with one of these tags.'),
  user: values('Ids of users.'),
  session: values('Ids of sessions.'),
  environment: values('Environments; traces without one are in "default".'),
  release: values('Releases of the traced application.'),
  version: values('Versions of the traced application.'),
  from: time('Traces that started at this time or later: ISO 8601 with a zone, 2026-01-15T12:00:00Z.'),
  to: time('Traces that started before this time: ISO 8601 with a zone.'),
  min_duration_seconds: atLeast('Shortest duration in seconds.'),
  max_duration_seconds: atLeast('Longest duration in seconds.'),
  min_tokens: atLeast('Fewest tokens.'),
  max_tokens: atLeast('Most tokens.'),
  min_cost_usd: atLeast('Lowest cost in US dollars.'),
  max_cost_usd: atLeast('Highest cost in US dollars.'),
  score: values(
    'Conditions on scores, all of which must hold: "reward=0", "reward<0.5", "verdict=bad", or "reward" for any value.',
  ),
  has_scores: z.boolean().describe('true: traces with a score; false: traces without any.').optional(),
  status_message: text.describe('Part of the status message of an observation.').optional(),
  metadata: values('Entries of metadata as KEY=VALUE, all of which must be there.'),
};

const filters = z.object(FILTERS);
export type FilterArguments = z.infer<typeof filters>;

const UNITS = { duration: 'duration_seconds', tokens: 'tokens', cost: 'cost_usd' } as const;

/** Further arguments of a tool are ignored. */
export function filterQuery(args: FilterArguments): Query {
  const query: [string, string][] = [];
  for (const name of VALUE_FILTERS) {
    const given = args[name === 'failedTool' ? 'failed_tool' : name];
    for (const value of given ?? []) query.push([name, value]);
  }
  for (const name of RANGE_FILTERS) {
    const [min, max] = [args[`min_${UNITS[name]}`], args[`max_${UNITS[name]}`]];
    const suffix = name.charAt(0).toUpperCase() + name.slice(1);
    if (min !== undefined) query.push([`min${suffix}`, String(min)]);
    if (max !== undefined) query.push([`max${suffix}`, String(max)]);
  }
  for (const condition of args.score ?? []) query.push(['score', condition]);
  for (const entry of args.metadata ?? []) query.push(['metadata', entry]);
  if (args.has_scores !== undefined) query.push(['scored', args.has_scores ? 'yes' : 'no']);
  if (args.status_message !== undefined) query.push(['status', args.status_message]);
  if (args.from !== undefined) query.push(['from', args.from]);
  if (args.to !== undefined) query.push(['to', args.to]);
  return query;
}
