/**
 * Recognises the messages of a chat in a payload: those of OpenAI (chat and responses), Anthropic, Gemini, the AI SDK and LangChain.
 * What it does not know stays JSON.
 */

export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'reasoning'; text: string }
  | { kind: 'json'; value: unknown }
  /** `source`: a data URL, a reference of Langfuse, or an address, which is not followed. */
  | { kind: 'media'; source: string }
  | { kind: 'call'; id: string | null; name: string; input: unknown; result: Part[] | null }
  | { kind: 'result'; id: string | null; name: string | null; parts: Part[] };

export interface Message {
  role: string;
  /** Of a tool, or of who speaks. */
  name: string | null;
  parts: Part[];
}

export const INSTRUCTION_ROLES = ['system', 'developer'];
export const KNOWN_ROLES = [...INSTRUCTION_ROLES, 'user', 'assistant', 'tool', 'function'];

type Raw = Record<string, unknown>;

/** The messages: of an array, of one message, of `messages`, or of `choices`; null for anything else. */
export function chatMessages(value: unknown): Message[] | null {
  const list = listOf(value);
  if (list === null || list.length === 0) return null;
  const messages: Message[] = [];
  for (const raw of list) {
    const message = toMessage(raw);
    if (message === null) return null;
    messages.push(message);
  }
  return withResults(messages);
}

/** The same messages as they came: null for anything else. */
export function chatItems(value: unknown): unknown[] | null {
  const list = listOf(value);
  return list !== null && isMessages(list) ? list : null;
}

function listOf(value: unknown): unknown[] | null {
  if (Array.isArray(value)) {
    // LangChain has a list for each of several prompts.
    return value.length === 1 && Array.isArray(value[0]) ? value[0] : value;
  }
  if (!isObject(value)) return null;
  for (const name of ['messages', 'contents', 'input', 'output']) {
    if (Array.isArray(value[name]) && isMessages(value[name])) {
      const system = value.system ?? value.instructions ?? value.systemInstruction;
      return system === undefined || system === null
        ? value[name]
        : [{ role: 'system', content: contentOf(system) }, ...value[name]];
    }
  }
  if (Array.isArray(value.choices))
    return value.choices.map((choice) => (isObject(choice) ? choice.message : choice));
  return [value];
}

const isMessages = (list: unknown[]) => list.length > 0 && list.every((one) => toMessage(one) !== null);

/** Gemini has the system's parts in an object. */
const contentOf = (value: unknown) => (isObject(value) && Array.isArray(value.parts) ? value.parts : value);

/** LangChain's names of roles, as those of OpenAI. */
const ROLES: Record<string, string> = {
  human: 'user',
  ai: 'assistant',
  model: 'assistant',
  AIMessage: 'assistant',
  HumanMessage: 'user',
};

function toMessage(raw: unknown): Message | null {
  if (!isObject(raw)) return null;
  const item = responseItem(raw);
  if (item !== null) return item;
  const role =
    raw.role ?? (typeof raw.content === 'string' || Array.isArray(raw.content) ? raw.type : undefined);
  if (typeof role !== 'string') return null;
  const content = raw.content ?? raw.parts;
  if (content === undefined && !Array.isArray(raw.tool_calls)) return null;
  const parts = [...reasoningOf(raw), ...partsOf(content)];
  for (const call of Array.isArray(raw.tool_calls) ? raw.tool_calls : []) parts.push(toolCall(call));
  const name = text(raw.name);
  const knownRole = Object.hasOwn(ROLES, role) ? (ROLES[role] as string) : role;
  const callId = text(raw.tool_call_id);
  if ((knownRole === 'tool' || knownRole === 'function') && parts.every(({ kind }) => kind !== 'result')) {
    return { role: knownRole, name, parts: [{ kind: 'result', id: callId, name, parts }] };
  }
  return { role: knownRole, name, parts };
}

/** The items of OpenAI's responses that are no messages. */
function responseItem(raw: Raw): Message | null {
  if (raw.type === 'function_call') {
    const call: Part = {
      kind: 'call',
      id: text(raw.call_id),
      name: text(raw.name) ?? 'tool',
      input: parsed(raw.arguments),
      result: null,
    };
    return { role: 'assistant', name: null, parts: [call] };
  }
  if (raw.type === 'function_call_output') {
    const result: Part = { kind: 'result', id: text(raw.call_id), name: null, parts: partsOf(raw.output) };
    return { role: 'tool', name: null, parts: [result] };
  }
  if (raw.type === 'reasoning' && raw.role === undefined) {
    return {
      role: 'assistant',
      name: null,
      parts: [{ kind: 'reasoning', text: textsIn(raw.summary ?? raw.content) }],
    };
  }
  return null;
}

function reasoningOf(raw: Raw): Part[] {
  const reasoning = raw.reasoning_content ?? raw.reasoning;
  return typeof reasoning === 'string' && reasoning !== '' ? [{ kind: 'reasoning', text: reasoning }] : [];
}

function partsOf(content: unknown): Part[] {
  const list = Array.isArray(content) ? content : [content];
  return list.flatMap((part) => (part === null || part === undefined || part === '' ? [] : [toPart(part)]));
}

function toPart(part: unknown): Part {
  if (typeof part === 'string') return textPart(part);
  if (!isObject(part)) return { kind: 'json', value: part };
  const media = mediaOf(part);
  if (media !== null) return { kind: 'media', source: media };
  switch (part.type) {
    case 'thinking':
    case 'reasoning':
      return {
        kind: 'reasoning',
        text: textsIn(part.thinking ?? part.text ?? part.reasoning ?? part.summary),
      };
    case 'tool_use':
    case 'tool-call':
    case 'function_call':
    case 'tool_call':
      return toolCall(part);
    case 'tool_result':
    case 'tool-result':
    case 'tool_call_response': {
      const { type, value } = isObject(part.output) ? part.output : ({} as Raw);
      const output =
        type !== undefined && value !== undefined
          ? value
          : (part.output ?? part.result ?? part.content ?? part.response);
      return {
        kind: 'result',
        id: text(part.tool_use_id) ?? text(part.toolCallId) ?? text(part.id),
        name: text(part.toolName) ?? text(part.name),
        parts: Array.isArray(output) ? partsOf(output) : [valuePart(output)],
      };
    }
  }
  if (isObject(part.functionCall)) return toolCall(part.functionCall);
  if (isObject(part.functionResponse)) {
    const { name, response } = part.functionResponse;
    return { kind: 'result', id: null, name: text(name), parts: [valuePart(response)] };
  }
  if (typeof part.text === 'string') return textPart(part.text);
  return { kind: 'json', value: part };
}

/** Tools usually return JSON as a string. */
function textPart(source: string): Part {
  const value = /^\s*[[{]/.test(source) ? parsed(source) : source;
  return typeof value === 'string' ? { kind: 'text', text: source } : { kind: 'json', value };
}

function valuePart(value: unknown): Part {
  return typeof value === 'string' ? textPart(value) : { kind: 'json', value: value ?? null };
}

function toolCall(call: unknown): Part {
  if (!isObject(call)) return { kind: 'json', value: call };
  const tool = isObject(call.function) ? call.function : call;
  const input = tool.arguments ?? tool.args ?? tool.input ?? {};
  const id = text(call.id) ?? text(call.toolCallId) ?? text(call.call_id);
  return {
    kind: 'call',
    id,
    name: text(tool.name) ?? text(tool.toolName) ?? 'tool',
    input: parsed(input),
    result: null,
  };
}

/** The data URL, reference or address of an image, audio or file part. */
function mediaOf(part: Raw): string | null {
  if (isObject(part.image_url)) return text(part.image_url.url);
  if (typeof part.image_url === 'string') return part.image_url;
  if (isObject(part.input_audio)) {
    const data = text(part.input_audio.data);
    return data === null ? null : asDataUrl(data, `audio/${text(part.input_audio.format) ?? 'wav'}`);
  }
  if (isObject(part.inlineData)) return dataUrlOf(part.inlineData.data, part.inlineData.mimeType);
  if (isObject(part.inline_data)) return dataUrlOf(part.inline_data.data, part.inline_data.mime_type);
  if (isObject(part.source) && (part.type === 'image' || part.type === 'document')) {
    return dataUrlOf(part.source.data, part.source.media_type) ?? text(part.source.url);
  }
  if (part.type === 'image' && typeof part.image === 'string') {
    return asDataUrl(part.image, text(part.mediaType) ?? text(part.mimeType) ?? 'image/png');
  }
  if (part.type === 'file' && typeof part.data === 'string') {
    return asDataUrl(part.data, text(part.mediaType) ?? text(part.mimeType) ?? 'application/octet-stream');
  }
  return null;
}

function dataUrlOf(data: unknown, type: unknown): string | null {
  return typeof data === 'string' && typeof type === 'string' ? asDataUrl(data, type) : null;
}

function asDataUrl(data: string, type: string): string {
  return /^(?:data:|https?:|@@@)/.test(data) ? data : `data:${type};base64,${data}`;
}

function textsIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return value.map((part) => (isObject(part) ? (text(part.text) ?? '') : String(part))).join('\n\n');
}

/** Moves each result to its call: by id, else by name to the first call without a result. */
function withResults(messages: Message[]): Message[] {
  const calls: Extract<Part, { kind: 'call' }>[] = [];
  for (const message of messages) {
    message.parts = message.parts.filter((part) => {
      if (part.kind === 'call') calls.push(part);
      if (part.kind !== 'result') return true;
      const call =
        calls.find(({ id, result }) => result === null && id !== null && id === part.id) ??
        calls.find(
          ({ id, name, result }) =>
            result === null && (id === null || part.id === null) && name === part.name,
        );
      if (call === undefined) return true;
      call.result = part.parts;
      return false;
    });
  }
  // A message that held nothing but results is gone.
  return messages.filter(({ role, parts }) => parts.length > 0 || (role !== 'tool' && role !== 'function'));
}

/** A text that is JSON as its value. */
export function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
