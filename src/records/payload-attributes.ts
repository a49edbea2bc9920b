/** Tells which attributes of an OpenTelemetry span hold an input, an output or metadata, by the conventions of instrumentations. */
import { stringifyWellFormed } from '../shared/json.js';
import { FULLY_MASKED } from './masking.js';

export type PayloadField = 'input' | 'output' | 'metadata';

export interface PayloadLocation {
  readonly field: PayloadField;
  /** The rest of a key that names a part: `user.name` of `langfuse.observation.metadata.user.name`. */
  readonly rest: string;
}

/** Input, output and metadata of Langfuse's clients, whole or flattened by key. */
const OF_LANGFUSE = /^langfuse\.(?:observation|trace)\.(input|output|metadata)(?:\.|$)/;
/**
 * The attributes that a Langfuse server shows as input and output of other instrumentations' spans: OpenTelemetry's conventions
 * for generative AI, the Vercel AI SDK, OpenInference, OpenLLMetry.
 */
const OF_OTHERS: readonly (readonly [PayloadField, RegExp])[] = [
  [
    'input',
    /^(?:gen_ai\.(?:input\.messages|system_instructions|prompt|tool\.call\.arguments)|ai\.(?:prompt|toolCall\.args|values?)|input\.value|llm\.(?:input_messages|prompts)|traceloop\.entity\.input)(?:\.|$)/,
  ],
  [
    'output',
    /^(?:gen_ai\.(?:output\.messages|completion|tool\.call\.result)|ai\.(?:(?:response|result)\.(?:text|object|toolCalls|reasoning|files)|toolCall\.result|embeddings?)|output\.value|llm\.output_messages|retrieval\.documents|embedding\.embeddings|traceloop\.entity\.output)(?:\.|$)/,
  ],
  ['metadata', /^(?:ai\.telemetry\.metadata|metadata)(?:\.|$)/],
];
/** Events that are messages, in older conventions for generative AI, and their payloads. */
const MESSAGE_EVENT = /^gen_ai\.(?:(?:system|user|assistant|tool)\.message|(choice))$/;
const OF_MESSAGE = /^(?:content|message|tool_calls|gen_ai\.event\.content)(?:\.|$)/;

/** Cached by key: there are few keys, and it is looked up for each attribute of each span. */
const locations = new Map<string, PayloadLocation | null>();
const MAX_LOCATIONS = 10_000;

/** `eventName`: of the event, if the attribute is on an event of the span. */
export function locatePayload(key: string, eventName?: string): PayloadLocation | undefined {
  let location = locations.get(key);
  if (location === undefined) {
    location = readLocation(key);
    if (locations.size < MAX_LOCATIONS) locations.set(key, location);
  }
  return location ?? (eventName === undefined ? undefined : locationInMessage(key, eventName));
}

/** The attribute for the result of a mask: a server expects text where there was text. */
export function toAttribute(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isListOfScalars(value)) return value;
  try {
    return stringifyWellFormed(value) ?? FULLY_MASKED;
  } catch {
    return FULLY_MASKED;
  }
}

function readLocation(key: string): PayloadLocation | null {
  const [whole = '', field] = OF_LANGFUSE.exec(key) ?? [];
  if (field !== undefined) return { field: field as PayloadField, rest: key.slice(whole.length) };
  for (const [ofOthers, keys] of OF_OTHERS) {
    const found = keys.exec(key);
    if (found !== null) return { field: ofOthers, rest: key.slice(found[0].length) };
  }
  return null;
}

function locationInMessage(key: string, eventName: string): PayloadLocation | undefined {
  const event = MESSAGE_EVENT.exec(eventName);
  if (event === null || !OF_MESSAGE.test(key)) return undefined;
  return { field: event[1] === undefined ? 'input' : 'output', rest: key };
}

function isListOfScalars(value: object): boolean {
  return Array.isArray(value) && value.every((one) => typeof one !== 'object');
}
