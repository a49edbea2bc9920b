/**
 * A generation as a curl command: for models of Anthropic a request of its messages API, else one of the chat completions API that OpenAI
 * and most others have. Keys are variables of the shell, never values.
 */

import { chatItems, chatMessages, INSTRUCTION_ROLES, KNOWN_ROLES, type Message, type Part } from './chat.js';

export interface ModelCall {
  model: string | null;
  parameters: Record<string, unknown> | null;
  /** The input as a value. */
  input: unknown;
}

type Raw = Record<string, unknown>;

/** Null: the input is no chat. */
export function curlOf({ model, parameters, input }: ModelCall): string | null {
  const items = chatItems(input);
  if (items === null) return null;
  const messages = items.every(isChatMessage) ? (items as Raw[]) : chatMessages(items)?.flatMap(toOpenAi);
  if (messages === undefined) return null;
  const isAnthropic = /claude|anthropic/i.test(model ?? '');
  const given = givenWith(input);
  if (isAnthropic && !hasOpenAiTools(messages, given)) {
    const body = anthropicBody(model, messages, parametersOf(parameters), given);
    const headers = [`-H 'anthropic-version: 2023-06-01'`, `-H "x-api-key: $ANTHROPIC_API_KEY"`];
    return command('https://api.anthropic.com/v1/messages', headers, body);
  }
  const body = { model: model ?? 'gpt-4o', messages, ...given, ...parametersOf(parameters) };
  // Anthropic takes requests of OpenAI's form as well.
  const [host, key] = isAnthropic
    ? ['api.anthropic.com', 'ANTHROPIC_API_KEY']
    : ['api.openai.com', 'OPENAI_API_KEY'];
  return command(`https://${host}/v1/chat/completions`, [`-H "authorization: Bearer $${key}"`], body);
}

function command(url: string, headers: readonly string[], body: object): string {
  const parts = [`curl ${url}`, `-H 'content-type: application/json'`, ...headers];
  return [...parts, `--data-raw ${quoted(jsonOf(body))}`].join(' \\\n  ');
}

function hasOpenAiTools(messages: readonly Raw[], { tools }: Raw): boolean {
  const isTool = ({ role, tool_calls }: Raw) =>
    role === 'tool' || role === 'function' || tool_calls !== undefined;
  const isDefinition = (tool: unknown) => (tool as Raw | null)?.type === 'function';
  return messages.some(isTool) || (Array.isArray(tools) && tools.some(isDefinition));
}

/** One word for a POSIX shell: in single quotes nothing but a single quote is special. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Characters that a terminal obeys, or that show a text in another order, as escapes. */
const INVISIBLE = /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function jsonOf(body: object): string {
  return JSON.stringify(body, null, 2).replaceAll(
    INVISIBLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Messages that such an API takes as they are. */
function isChatMessage(item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false;
  const { role, content, tool_calls } = item as Raw;
  const isContent = Array.isArray(content)
    ? content.every(isChatPart)
    : typeof content === 'string' || Array.isArray(tool_calls);
  return KNOWN_ROLES.includes(String(role)) && isContent;
}

/** Parts of OpenAI and of Anthropic, but not those of the AI SDK. */
function isChatPart(part: unknown): boolean {
  return typeof part === 'object' && part !== null && !/^tool-|^reasoning$/.test(String((part as Raw).type));
}

/** Messages of other libraries: their texts, tool calls and results. */
function toOpenAi({ role, parts }: Message): Raw[] {
  const text = textsOf(parts);
  const calls = parts.flatMap((part) => (part.kind === 'call' ? [part] : []));
  const results = parts.flatMap((part) => (part.kind === 'result' ? [part] : []));
  if (calls.length === 0 && results.length > 0) {
    return results.map((result) => toolMessage(result.id, result.parts));
  }
  const knownRole = KNOWN_ROLES.includes(role) ? role : 'user';
  if (calls.length === 0) return [{ role: knownRole, content: text }];
  const idOf = (id: string | null, index: number) => id ?? `call_${index + 1}`;
  const tool_calls = calls.map(({ id, name, input }, index) => ({
    id: idOf(id, index),
    type: 'function',
    function: { name, arguments: typeof input === 'string' ? input : JSON.stringify(input) },
  }));
  return [
    { role: 'assistant', content: text === '' ? null : text, tool_calls },
    ...calls.flatMap(({ id, result }, index) =>
      result === null ? [] : [toolMessage(idOf(id, index), result)],
    ),
  ];
}

function toolMessage(id: string | null, parts: readonly Part[]): Raw {
  return { role: 'tool', tool_call_id: id ?? 'call_1', content: textsOf(parts) };
}

function textsOf(parts: readonly Part[]): string {
  const texts = parts.map((part) => {
    if (part.kind === 'text') return part.text;
    return part.kind === 'json' ? JSON.stringify(part.value) : '';
  });
  return texts.filter((text) => text !== '').join('\n\n');
}

const MAX_TOKENS = 1024;

/** Instructions are a field of their own there, the number of tokens must be given, and other parameters are refused. */
function anthropicBody(
  model: string | null,
  messages: readonly Raw[],
  { max_tokens, max_completion_tokens, stop, ...others }: Raw,
  given: Raw,
): Raw {
  const isInstruction = ({ role }: Raw) => INSTRUCTION_ROLES.includes(String(role));
  const system = messages.filter(isInstruction).map(({ content }) => content);
  return {
    model,
    max_tokens: max_tokens ?? max_completion_tokens ?? MAX_TOKENS,
    ...(system.length > 0 && { system: system.length === 1 ? system[0] : system.join('\n\n') }),
    messages: messages.filter((message) => !isInstruction(message)),
    ...picked(given, ['tools', 'tool_choice']),
    ...(stop !== undefined && { stop_sequences: Array.isArray(stop) ? stop : [stop] }),
    ...picked(others, ['temperature', 'top_p', 'top_k']),
  };
}

/** What a request has beside its messages, if the input is a whole request. */
function givenWith(input: unknown): Raw {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return {};
  return picked(input as Raw, ['tools', 'tool_choice', 'response_format']);
}

/** Others are settings of a library, and may hold secrets. */
const PARAMETERS = [
  'temperature',
  'top_p',
  'top_k',
  'max_tokens',
  'max_completion_tokens',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'stop',
  'n',
  'reasoning_effort',
];

/** Langfuse's clients send numbers as texts too. */
function parametersOf(parameters: Raw | null): Raw {
  const found = picked(parameters ?? {}, PARAMETERS);
  for (const [name, value] of Object.entries(found)) {
    if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) {
      found[name] = Number(value);
    }
  }
  return found;
}

function picked(from: Raw, names: readonly string[]): Raw {
  const given = names.filter((name) => Object.hasOwn(from, name) && from[name] !== null);
  return Object.fromEntries(given.map((name) => [name, from[name]]));
}
