/** What an observation shows of a whole answer: output, usage, model, the parameters that the server chose. */
import type { GenerationBody } from '../../index.js';
import { audioAsMedia, imagesAsMedia, itemAsMedia } from './media.js';
import { type Fields, parameterOf, type RequestFields, textOf } from './request.js';

/** Parameters that the server repeats, with its defaults. */
const PARAMETERS = [
  'max_output_tokens',
  'parallel_tool_calls',
  'store',
  'temperature',
  'tool_choice',
  'top_p',
  'truncation',
  'user',
];
const METADATA = [
  'reasoning',
  'incomplete_details',
  'instructions',
  'previous_response_id',
  'tools',
  'metadata',
  'status',
  'error',
];

/** The fields that a finished answer adds to its observation. `isStreamed`: it is the last event of a stream. */
export function readResult(result: unknown, request: RequestFields, isStreamed = false): GenerationBody {
  if (typeof result !== 'object' || result === null) return { output: result };
  const answer = result as Fields;
  const body: GenerationBody = { output: outputOf(answer, request, isStreamed) };
  const usageDetails = usageOf(answer.usage);
  if (usageDetails !== undefined) body.usageDetails = usageDetails;
  const model = textOf(answer.model);
  if (model !== undefined) body.model = model;
  const parameters = pick(answer, PARAMETERS);
  if (parameters !== undefined) {
    for (const key in parameters) parameters[key] = parameterOf(parameters[key]);
    body.modelParameters = { ...request.modelParameters, ...parameters };
  }
  const metadata = pick(answer, METADATA);
  if (metadata !== undefined) body.metadata = metadata;
  return Object.assign(body, failureOf(answer));
}

function pick(answer: Fields, keys: readonly string[]): Record<string, unknown> | undefined {
  let picked: Record<string, unknown> | undefined;
  for (const key of keys) {
    const value = answer[key];
    if (value === undefined || value === null) continue;
    picked ??= {};
    picked[key] = value;
  }
  return picked;
}

/** A response may have failed although the request succeeded. */
export function failureOf({ status, error }: Fields): GenerationBody {
  if (status === 'cancelled') return { level: 'WARNING', statusMessage: 'cancelled' };
  if (status !== 'failed') return {};
  const { code, message } = (error ?? {}) as Fields;
  const text = [textOf(code), textOf(message)].filter((part) => part !== undefined).join(': ');
  return { level: 'ERROR', statusMessage: text === '' ? 'failed' : text };
}

function outputOf(answer: Fields, request: RequestFields, isStreamed: boolean): unknown {
  const { choices, output, data, object } = answer;
  if (Array.isArray(choices)) return outputOfChoices(choices, request);
  if (Array.isArray(output)) return outputOfItems(answer, output, isStreamed);
  if (Array.isArray(data)) return outputOfData(answer, data, object);
  if (Array.isArray(answer.results)) return answer.results; // moderations
  if (typeof answer.text === 'string' && answer.segments === undefined) return answer.text; // transcriptions
  if (typeof (answer as { arrayBuffer?: unknown }).arrayBuffer === 'function') return binaryOf(answer);
  return answer;
}

function outputOfChoices(choices: readonly unknown[], { audioFormat }: RequestFields): unknown {
  const outputs = choices.map((one) => {
    const choice = (one ?? {}) as Fields;
    return choice.message === undefined ? choice.text : audioAsMedia(choice.message, audioFormat);
  });
  return outputs.length > 1 ? outputs : outputs[0];
}

/** As Langfuse's wrapper: the text, else the item, if there is one, else all items. */
function outputOfItems(answer: Fields, items: readonly unknown[], isStreamed: boolean): unknown {
  const text = isStreamed ? '' : (textOf(answer.output_text) ?? textOfItems(items));
  if (text !== '') return text;
  if (items.length > 1) return items.map(itemAsMedia);
  return items.length === 1 ? itemAsMedia(items[0]) : null;
}

/** The same as the `output_text` that the package adds. */
function textOfItems(items: readonly unknown[]): string {
  let text = '';
  for (const item of items) {
    const { type, content } = (item ?? {}) as Fields;
    if (type !== 'message' || !Array.isArray(content)) continue;
    for (const part of content) if (part?.type === 'output_text') text += part.text ?? '';
  }
  return text;
}

/** Vectors are numbers that nobody reads: their count and length stand for them. */
function outputOfData(answer: Fields, data: readonly unknown[], object: unknown): unknown {
  const { embedding } = (data[0] ?? {}) as { embedding?: unknown };
  if (embedding === undefined) return imagesAsMedia(answer, data);
  if (Array.isArray(embedding)) return { object, count: data.length, dimensions: embedding.length };
  // Base64 of 32-bit numbers, as the package asks for them.
  const bytes = typeof embedding === 'string' ? Buffer.byteLength(embedding, 'base64') : 0;
  return { object, count: data.length, dimensions: bytes / Float32Array.BYTES_PER_ELEMENT };
}

/** Speech. Its bytes belong to the caller, who may stream them. */
function binaryOf(response: Fields): unknown {
  const { headers } = response as { headers?: { get?(name: string): string | null } };
  return { contentType: headers?.get?.('content-type') ?? null };
}

const COUNTS = [
  'prompt_tokens',
  'completion_tokens',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'prompt_tokens_details',
  'completion_tokens_details',
  'input_tokens_details',
  'output_tokens_details',
];

/** Only the counts that are known not to overlap: compatible services add others. */
export function usageOf(usage: unknown): GenerationBody['usageDetails'] {
  if (typeof usage !== 'object' || usage === null) return undefined;
  const given = usage as Fields;
  if (given.type === 'duration' && typeof given.seconds === 'number')
    return { seconds: Math.ceil(given.seconds) };
  const counts: Record<string, unknown> = {};
  let isEmpty = true;
  for (const key of COUNTS) {
    const count = given[key];
    if (count === undefined || count === null) continue;
    counts[key] = count;
    isEmpty = false;
  }
  // The tracing API takes the counts of the newer spelling for OpenAI's if it sees their details.
  if (counts.input_tokens !== undefined) counts.input_tokens_details ??= {};
  return isEmpty ? undefined : counts;
}
