/** What an observation shows of a request: model, input, parameters. Picks known fields, so that no other option of a call shows. */

export type Fields = Readonly<Record<string, unknown>>;

export interface RequestFields {
  readonly model: string | undefined;
  readonly input: unknown;
  readonly modelParameters: Record<string, unknown>;
  /** Shown as metadata, as in Langfuse's wrapper: a schema is no parameter. */
  readonly responseFormat: unknown;
  /** File format of audio in the answer. */
  readonly audioFormat: string | undefined;
}

/** The parameters of all endpoints. */
const PARAMETERS = [
  ...[
    'temperature',
    'top_p',
    'max_tokens',
    'max_completion_tokens',
    'max_output_tokens',
    'n',
    'stop',
    'seed',
  ],
  ...['frequency_penalty', 'presence_penalty', 'logit_bias', 'logprobs', 'top_logprobs', 'best_of', 'echo'],
  ...['reasoning_effort', 'reasoning', 'verbosity', 'modalities', 'parallel_tool_calls', 'service_tier'],
  ...[
    'stream',
    'store',
    'truncation',
    'background',
    'max_tool_calls',
    'user',
    'dimensions',
    'encoding_format',
  ],
  ...['size', 'quality', 'style', 'output_format', 'output_compression', 'moderation', 'partial_images'],
  ...['voice', 'speed', 'language', 'timestamp_granularities'],
];

/** Part of the input of a chat, beside the messages. */
const WITH_MESSAGES = ['function_call', 'functions', 'tools', 'tool_choice'];

export function readRequest(body: unknown): RequestFields {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Fields;
  const modelParameters: Record<string, unknown> = {};
  for (const key of PARAMETERS) {
    const value = fields[key];
    if (value !== undefined && value !== null) modelParameters[key] = parameterOf(value);
  }
  const responseFormat = fields.response_format ?? undefined;
  const hasMessages = fields.messages !== undefined;
  if (!hasMessages && fields.tool_choice !== undefined)
    modelParameters.tool_choice = parameterOf(fields.tool_choice);
  return {
    model: textOf(fields.model),
    input: hasMessages ? chatInput(fields) : otherInput(fields),
    modelParameters,
    responseFormat,
    audioFormat: textOf((fields.audio as Fields | null | undefined)?.format),
  };
}

/** A parameter is a number or a text on a Langfuse server, which makes the same text of anything else. */
export function parameterOf(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function chatInput(fields: Fields): unknown {
  const input: Record<string, unknown> = { messages: fields.messages };
  for (const key of WITH_MESSAGES) if (fields[key] !== undefined) input[key] = fields[key];
  return input;
}

function otherInput(fields: Fields): unknown {
  if (fields.input !== undefined && fields.input !== null) return fields.input;
  const prompt = fields.prompt ?? undefined;
  const file = fileName(fields.file);
  return file === undefined ? prompt : { file, ...(prompt === undefined ? {} : { prompt }) };
}

/** Of a File, a `fs.ReadStream`, or a Response. The content may be a stream, which only the request may read. */
function fileName(file: unknown): string | undefined {
  if (typeof file !== 'object' || file === null) return undefined;
  const { name, path, url } = file as Fields;
  const found = textOf(name) ?? textOf(path) ?? textOf(url)?.split('?')[0];
  return found === undefined ? 'file' : found.slice(found.lastIndexOf('/') + 1);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
