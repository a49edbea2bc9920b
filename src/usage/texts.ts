/** Collects the countable texts of a model's input and output, in the shapes of the usual APIs. */

export interface Texts {
  readonly texts: string[];
  /** Tokens that the chat format adds. */
  overheadTokens: number;
  /** Whether there were images, audio or files, which are not counted. */
  hasMedia: boolean;
}

/** As OpenAI documents it: three tokens frame each message, and three start the reply. */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_NAME = 1;
const TOKENS_OF_REPLY = 3;

/** Members with text, parts or messages, in the order in which a model sees them. */
const CONTENT_KEYS = [
  'instructions',
  'system',
  'systemInstruction',
  'system_instruction',
  'messages',
  'contents',
  'prompt',
  'choices',
  'message',
  'text',
  'thinking',
  'reasoning_content',
  'refusal',
  'content',
  'parts',
  'output',
  'tool_calls',
  'toolCalls',
  'function_call',
  'functionCall',
  'functionResponse',
  'function',
] as const;
/** Members that are text, or JSON of another shape. */
const VALUE_KEYS = ['arguments', 'args', 'input', 'response', 'result', 'tools', 'functions'] as const;

const MEDIA_TYPE = /^(input_|output_)?(image|audio|video|file|document|media|blob)(_url)?$/i;
const MEDIA_KEYS = ['image_url', 'inlineData', 'inline_data', 'fileData', 'file_data', 'input_audio'];
const MEDIA_TEXT = /^(data:[^,]{0,200};base64,|@@@langfuseMedia:)/;
/** No model input is nested deeper. */
const MAX_DEPTH = 30;

/** The model's input; for a chat with the frame of each message. */
export function textsOfInput(value: unknown): Texts {
  const found: Texts = { texts: [], overheadTokens: 0, hasMedia: false };
  collect(found, value, 0, true);
  if (found.overheadTokens > 0) found.overheadTokens += TOKENS_OF_REPLY;
  return found;
}

/** The model's output, without a frame. */
export function textsOfOutput(value: unknown): Texts {
  const found: Texts = { texts: [], overheadTokens: 0, hasMedia: false };
  collect(found, value, 0, false);
  return found;
}

function collect(found: Texts, value: unknown, depth: number, isFramed: boolean): void {
  if (value === null || value === undefined || depth > MAX_DEPTH) return;
  if (typeof value === 'string') {
    collectText(found, value);
  } else if (value instanceof Uint8Array) {
    found.hasMedia = true;
  } else if (Array.isArray(value)) {
    for (const item of value) collect(found, item, depth + 1, isFramed);
  } else if (typeof value === 'object') {
    collectObject(found, value as Record<string, unknown>, depth, isFramed);
  } else {
    found.texts.push(String(value));
  }
}

function collectText(found: Texts, text: string): void {
  if (MEDIA_TEXT.test(text)) found.hasMedia = true;
  else found.texts.push(text);
}

function collectObject(
  found: Texts,
  object: Record<string, unknown>,
  depth: number,
  isFramed: boolean,
): void {
  if (isMedia(object)) {
    found.hasMedia = true;
    return;
  }
  const { role, name } = object;
  if (isFramed && typeof role === 'string') {
    found.overheadTokens += TOKENS_PER_MESSAGE;
    found.texts.push(role);
    if (typeof name === 'string') found.overheadTokens += TOKENS_PER_NAME;
  }
  if (typeof name === 'string' && (isFramed || role === undefined)) found.texts.push(name);
  const texts = CONTENT_KEYS.filter((key) => hasValue(object[key]));
  const values = VALUE_KEYS.filter((key) => hasValue(object[key]));
  for (const key of texts) collect(found, object[key], depth + 1, isFramed);
  for (const key of values) {
    // `input` has the messages in OpenAI's newer API, and a tool call's arguments in others.
    if (typeof object[key] === 'string' || (key === 'input' && isMessages(object[key]))) {
      collect(found, object[key], depth + 1, isFramed);
    } else found.texts.push(jsonOf(object[key]));
  }
  if (texts.length + values.length === 0 && typeof role !== 'string') found.texts.push(jsonOf(object));
}

function isMedia(object: Record<string, unknown>): boolean {
  const { type } = object;
  return (
    (typeof type === 'string' && MEDIA_TYPE.test(type)) || MEDIA_KEYS.some((key) => hasValue(object[key]))
  );
}

function isMessages(value: unknown): boolean {
  return (
    Array.isArray(value) && value.some((item) => typeof item === 'object' && item !== null && 'role' in item)
  );
}

function hasValue(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** A payload that is nested too deeply for JSON is not text that a model has seen. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}
