/** Collects the chunks of a chat, or of a completion: for each choice its text, tool calls, refusal, reasoning and audio. */
import type { GenerationBody } from '../../index.js';
import { type Collector, MAX_CHARS } from './collector.js';
import { audioAsMedia } from './media.js';
import { type Fields, type RequestFields, textOf } from './request.js';
import { usageOf } from './result.js';

interface ToolCall {
  readonly index: unknown;
  id: unknown;
  type: unknown;
  name: string;
  arguments: string;
}

interface Choice {
  readonly index: unknown;
  content: string;
  refusal: string;
  reasoning: string;
  readonly toolCalls: ToolCall[];
  functionCall: ToolCall | null;
  audio: { id?: unknown; data: string; transcript: string } | null;
}

/** The API's bound for choices and tools. */
const MAX_PARTS = 128;

export function createChatChunks(request: RequestFields): Collector {
  const choices: Choice[] = [];
  let model: string | undefined;
  let usage: unknown;
  let chars = 0;

  function add(chunk: Fields): boolean {
    model ??= textOf(chunk.model);
    // The last chunk has it, if the request asks for it.
    if (chunk.usage !== undefined && chunk.usage !== null) usage = chunk.usage;
    const parts = chunk.choices;
    if (!Array.isArray(parts)) return false;
    let isContent = false;
    for (const part of parts) {
      const choice = part && chars < MAX_CHARS ? choiceOf(choices, part.index) : undefined;
      if (choice === undefined) continue;
      const added = addTo(choice, part);
      chars += added;
      if (added > 0) isContent = true;
    }
    return isContent;
  }

  return {
    add,
    isComplete: false,
    fields(): GenerationBody {
      const outputs = choices.map((choice) => outputOf(choice, request));
      const output = outputs.length > 1 ? outputs : (outputs[0] ?? '');
      return { output, model, usageDetails: usageOf(usage) };
    },
  };
}

function choiceOf(choices: Choice[], index: unknown): Choice | undefined {
  const found = choices.find((one) => one.index === index);
  if (found !== undefined || choices.length >= MAX_PARTS) return found;
  const choice: Choice = {
    index,
    content: '',
    refusal: '',
    reasoning: '',
    toolCalls: [],
    functionCall: null,
    audio: null,
  };
  choices.push(choice);
  return choice;
}

/** Returns the number of characters that were added. */
function addTo(choice: Choice, part: Fields): number {
  const delta = part.delta as Fields | null | undefined;
  if (typeof delta !== 'object' || delta === null) return addText(choice, part.text);
  let added = addText(choice, delta.content);
  if (delta.tool_calls !== undefined) added += addToolCalls(choice.toolCalls, delta.tool_calls);
  if (delta.refusal) added += grow(choice, 'refusal', delta.refusal);
  // DeepSeek's and OpenRouter's names.
  const reasoning = delta.reasoning_content ?? delta.reasoning;
  if (reasoning) added += grow(choice, 'reasoning', reasoning);
  if (delta.function_call) {
    choice.functionCall ??= createToolCall(undefined);
    added += addFunction(choice.functionCall, delta.function_call as Fields);
  }
  if (delta.audio) added += addAudio(choice, delta.audio as Fields);
  return added;
}

function addText(choice: Choice, text: unknown): number {
  return typeof text === 'string' && text !== '' ? grow(choice, 'content', text) : 0;
}

function grow(choice: Choice, key: 'content' | 'refusal' | 'reasoning', text: unknown): number {
  if (typeof text !== 'string') return 0;
  choice[key] += text;
  return text.length;
}

function createToolCall(index: unknown): ToolCall {
  return { index, id: undefined, type: undefined, name: '', arguments: '' };
}

/** Parts of parallel calls are interleaved. The index tells them apart; a service without it sends whole calls. */
function addToolCalls(toolCalls: ToolCall[], parts: unknown): number {
  if (!Array.isArray(parts)) return 0;
  let added = 0;
  for (const part of parts as (Fields | null)[]) {
    if (typeof part !== 'object' || part === null) continue;
    const key = part.index ?? part.id;
    let call = toolCalls.find(({ index }) => index === key);
    if (call === undefined) {
      if (toolCalls.length >= MAX_PARTS) continue;
      call = createToolCall(key);
      toolCalls.push(call);
    }
    call.id ??= part.id;
    call.type ??= part.type;
    added += addFunction(call, (part.function ?? part.custom ?? {}) as Fields);
  }
  return added;
}

function addFunction(call: ToolCall, { name, arguments: json, input }: Fields): number {
  const text = textOf(json) ?? textOf(input) ?? '';
  if (typeof name === 'string') call.name ||= name;
  call.arguments += text;
  return text.length + (typeof name === 'string' ? name.length : 0);
}

function addAudio(choice: Choice, { id, data, transcript }: Fields): number {
  choice.audio ??= { data: '', transcript: '' };
  choice.audio.id ??= id;
  if (typeof data === 'string') choice.audio.data += data;
  if (typeof transcript === 'string') choice.audio.transcript += transcript;
  return (textOf(data)?.length ?? 0) + (textOf(transcript)?.length ?? 0);
}

/** Text alone is a text, as with Langfuse's wrapper. Anything else makes it a message. */
function outputOf(choice: Choice, { audioFormat }: RequestFields): unknown {
  const { content, refusal, reasoning, toolCalls, functionCall, audio } = choice;
  const message: Record<string, unknown> = {};
  if (refusal !== '') message.refusal = refusal;
  if (reasoning !== '') message.reasoning_content = reasoning;
  if (toolCalls.length > 0) message.tool_calls = toolCalls.map(toolCallOf);
  if (functionCall !== null) message.function_call = functionOf(functionCall);
  if (audio !== null) message.audio = audio;
  if (Object.keys(message).length === 0) return content;
  if (content !== '') message.content = content;
  return audioAsMedia(message, audioFormat);
}

function toolCallOf(call: ToolCall): object {
  const { id, type } = call;
  if (type === 'custom') return { id, type, custom: { name: call.name, input: call.arguments } };
  return { id, type, function: functionOf(call) };
}

function functionOf({ name, arguments: json }: ToolCall): object {
  return { name, arguments: json };
}
