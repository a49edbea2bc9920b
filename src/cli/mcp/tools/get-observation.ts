/** `get_observation`: inputs, outputs and metadata, as far as they fit, and from any position on. */
import { z } from 'zod';
import type { ObservationDetail, Payloads, PayloadView } from '../../../viewer/data/details.js';
import { cutText, RECORDED_DATA_RULE } from '../answer-text.js';
import { quoted } from '../figures.js';
import { observationPath, tracePath } from '../paths.js';
import type { Query } from '../store-client.js';
import { defineTool, type Tool } from '../tool.js';
import { ToolError } from '../tool-error.js';

const FIELDS = ['input', 'output', 'metadata'] as const;
type Field = (typeof FIELDS)[number];
/** Of model parameters, usage, cost and estimates. */
const MAX_FACT_CHARS = 1_000;
const MAX_STATUS_CHARS = 4_000;

export const getObservation: Tool = defineTool({
  name: 'get_observation',
  title: 'Read an observation in full',
  description: `Reads one observation of a trace: status message, model parameters, usage, and input, output and metadata as they were recorded. Long ones are cut, and the answer says where to go on (offset with field). Without observation_id: input, output and metadata of the trace itself. Media are named, not fetched. ${RECORDED_DATA_RULE}`,
  input: z.strictObject({
    trace_id: z.string().min(1).max(1_000).describe('Id of the trace.'),
    observation_id: z
      .string()
      .min(1)
      .max(1_000)
      .describe('Id of the observation, from get_trace.')
      .optional(),
    field: z.enum(FIELDS).describe('Read only this one.').optional(),
    offset: z.int().min(0).default(0).describe('Begin at this character of the field.'),
    max_characters: z
      .int()
      .min(200)
      .max(50_000)
      .default(10_000)
      .describe('Bound of the texts in the answer together, in characters.'),
  }),
  async run(args, { store, signal }) {
    const { trace_id, observation_id, field, offset, max_characters } = args;
    if (offset > 0 && field === undefined)
      throw new ToolError('offset needs field: input, output or metadata');
    const path =
      observation_id === undefined
        ? `${tracePath(trace_id)}/payloads`
        : observationPath(trace_id, observation_id);
    const read = (query: Query) => store.get<Payloads & Partial<ObservationDetail>>(path, query, signal);
    let data = await read([]);
    const isBeyond = (name: Field) => {
      const { text, length } = data[name] ?? { text: '', length: 0 };
      return text.length < Math.min(length, offset + max_characters);
    };
    // The first 200,000 characters come at once.
    if (field !== undefined && isBeyond(field)) data = await read([['all', 'true']]);
    const wanted = field === undefined ? FIELDS : [field];
    const notes: string[] = [];
    let used = 0;
    const parts = wanted.map((name, index) => {
      const payload = data[name];
      if (payload === null) return `${name}: none`;
      // What one text does not need, the next ones have.
      const chars = Math.floor(roomFor(wanted.slice(index), data, max_characters - used));
      const { text, note } = shownPart(name, payload, offset, chars);
      used += text.length;
      if (note !== undefined) notes.push(note);
      return `${name}:\n${text}`;
    });
    return {
      head: observation_id === undefined ? 'The trace:' : 'The observation:',
      recorded: [...factsOf(data), ...parts].join('\n'),
      notes,
    };
  },
});

/** The share of the first one: the shorter others leave theirs to it. */
function roomFor(names: readonly Field[], data: Payloads, chars: number): number {
  const share = chars / names.length;
  const others = names.slice(1).map((name) => data[name]?.length ?? 0);
  const unused = others.reduce((sum, length) => sum + Math.max(0, share - length), 0);
  return Math.max(share + unused, 0);
}

function shownPart(
  name: Field,
  { text, length }: PayloadView,
  offset: number,
  maxChars: number,
): { text: string; note?: string } {
  if (offset >= length) return { text: '', note: `${name} ends at character ${length}.` };
  if (offset >= text.length) {
    return {
      text: '',
      note: `The server gives the first ${text.length} of ${length} characters of ${name}.`,
    };
  }
  const cut = cutText(text.slice(offset), maxChars);
  const end = offset + cut.text.length;
  if (end >= length && offset === 0) return { text: cut.text };
  const range = `${name}: characters ${offset} to ${end} of ${length}.`;
  const next = end >= length ? 'This is its end.' : `Go on with field "${name}" and offset ${end}.`;
  return { text: cut.text, note: `${range} ${next}` };
}

function factsOf(data: Partial<ObservationDetail>): string[] {
  const facts: string[] = [];
  const add = (name: string, value: unknown) => {
    if (value !== null && value !== undefined)
      facts.push(`${name}: ${cutText(JSON.stringify(value), MAX_FACT_CHARS).text}`);
  };
  if (data.statusMessage) facts.push(`status message: ${quoted(data.statusMessage, MAX_STATUS_CHARS)}`);
  add('time to first token in ms', data.firstTokenUs == null ? null : data.firstTokenUs / 1_000);
  add('model parameters', data.modelParameters);
  add('usage in tokens', data.usageDetails);
  add('cost in US dollars', data.costDetails);
  add('estimated (not as given)', data.estimate);
  add('prompt', data.promptName == null ? null : { name: data.promptName, version: data.promptVersion });
  add('version', data.version);
  add('environment', data.environment);
  return facts;
}
