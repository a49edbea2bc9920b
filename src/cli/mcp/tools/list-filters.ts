/** `list_filters`: which values the filters can have, with counts. */
import { z } from 'zod';
import { VALUE_FILTERS } from '../../../viewer/data/filters.js';
import type { Facets } from '../../../viewer/data/list.js';
import { counted, RECORDED_DATA_RULE } from '../answer-text.js';
import { quoted } from '../figures.js';
import { FILTERS, filterQuery } from '../filters.js';
import { defineTool, type Tool } from '../tool.js';

const MAX_VALUES = 20;
const VALUE_CHARS = 120;

export const listFilters: Tool = defineTool({
  name: 'list_filters',
  title: 'List the values of filters',
  description: `Says which names, levels, types, models, tags, users, sessions, environments, releases, versions and scores the traces have, with the number of traces for each value, among the traces that the given filters leave. A good first call. ${RECORDED_DATA_RULE}`,
  input: z.strictObject(FILTERS),
  async run(args, { store, signal }) {
    const facets = await store.get<Facets>('/api/tailrace/facets', filterQuery(args), signal);
    const lines: string[] = [];
    let left = 0;
    for (const name of VALUE_FILTERS) {
      const values = facets.values[name];
      const shown = values.slice(0, MAX_VALUES);
      left += values.length - shown.length;
      if (shown.length === 0) continue;
      lines.push(
        `${name}: ${shown.map(({ value, count }) => `${quoted(value, VALUE_CHARS)} (${count})`).join(', ')}`,
      );
    }
    for (const { name, count, min, max, values } of facets.scores.slice(0, MAX_VALUES)) {
      const range = min === null ? '' : ` from ${min} to ${max}`;
      const some = values.map((one) => `${quoted(one.value, VALUE_CHARS)} (${one.count})`).join(', ');
      lines.push(
        `score ${quoted(name, VALUE_CHARS)}: ${counted(count, 'trace')}${range}${some === '' ? '' : `; ${some}`}`,
      );
    }
    left += Math.max(0, facets.scores.length - MAX_VALUES);
    const head =
      lines.length === 0
        ? 'No trace matches.'
        : 'Values with the number of traces; levels, types and models are counted in the newest 2,000 traces.';
    const notes = left > 0 ? [`${counted(left, 'rarer value')} left out: narrow the filters.`] : [];
    return { head, recorded: lines.join('\n'), notes };
  },
});
