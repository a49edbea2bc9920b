/** Picks from the AI SDK's events what an observation shows: messages, parameters, usage, metadata. Values stay the SDK's own objects. */
import type { ContentPart, EndEvent, LanguageUsage, ModelCallStartEvent, ModelSettings } from './events.js';

type Fields = Record<string, unknown>;

/** Names of OpenTelemetry's `gen_ai.request.*`, by which a server shows them for AI SDK 5 and 6. */
export function modelParameters(event: ModelSettings): Fields | undefined {
  const found: Fields = {};
  let isEmpty = true;
  const add = (name: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    found[name] = value;
    isEmpty = false;
  };
  add('max_tokens', event.maxOutputTokens);
  add('temperature', event.temperature);
  add('top_p', event.topP);
  add('top_k', event.topK);
  add('presence_penalty', event.presencePenalty);
  add('frequency_penalty', event.frequencyPenalty);
  add('stop_sequences', event.stopSequences);
  add('seed', event.seed);
  add('reasoning', event.reasoning);
  return isEmpty ? undefined : found;
}

/** The messages of a call, the instructions first, as a model gets them. */
export function chat(
  instructions: unknown,
  prompt: unknown,
  messages: readonly unknown[] | undefined,
): unknown[] {
  const all: unknown[] = [];
  if (typeof instructions === 'string') all.push({ role: 'system', content: instructions });
  else if (Array.isArray(instructions)) all.push(...instructions);
  else if (instructions !== undefined && instructions !== null) all.push(instructions);
  if (typeof prompt === 'string') all.push({ role: 'user', content: prompt });
  else if (Array.isArray(prompt)) all.push(...prompt);
  if (messages) all.push(...messages);
  return all;
}

export function promptOf(
  event: ModelCallStartEvent,
  promptMessages: readonly unknown[] | undefined,
): unknown {
  return promptMessages ?? event.promptMessages ?? chat(event.instructions, undefined, event.messages);
}

/** The text; or the tool calls if there is nothing else; or all parts. */
export function outputOf(content: readonly ContentPart[] | undefined): unknown {
  if (content === undefined || content.length === 0) return undefined;
  let text = '';
  let onlyText = true;
  for (const part of content) {
    if (part.type === 'text') text += part.text;
    else onlyText = false;
  }
  return onlyText ? text : content;
}

/** Each token is under one key: the cached ones are not part of `input`, those of the reasoning not of `output`. */
export function usageOf(usage: LanguageUsage | undefined): Record<string, number> | undefined {
  if (usage === undefined) return undefined;
  const found: Record<string, number> = {};
  const cacheRead = usage.inputTokenDetails?.cacheReadTokens || 0;
  const cacheWrite = usage.inputTokenDetails?.cacheWriteTokens || 0;
  const reasoning = usage.outputTokenDetails?.reasoningTokens || 0;
  const { inputTokens, outputTokens } = usage;
  if (isCount(inputTokens)) found.input = Math.max(0, inputTokens - cacheRead - cacheWrite);
  if (isCount(outputTokens)) found.output = Math.max(0, outputTokens - reasoning);
  if (cacheRead > 0) found.input_cache_read = cacheRead;
  if (cacheWrite > 0) found.input_cache_creation = cacheWrite;
  if (reasoning > 0) found.output_reasoning = reasoning;
  return hasKeys(found) ? found : undefined;
}

/** Speech and transcription report what their provider counts. */
export function providerUsage(usage: object | undefined): Record<string, number> | undefined {
  if (usage === undefined || usage === null) return undefined;
  const found: Record<string, number> = {};
  const names: Record<string, string> = {
    inputTokens: 'input',
    outputTokens: 'output',
    totalTokens: 'total',
  };
  for (const [key, value] of Object.entries(usage)) if (isCount(value)) found[names[key] ?? key] = value;
  return hasKeys(found) ? found : undefined;
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

/** Arguments of a provider's own tools may hold credentials (an MCP server's headers), so only their names are shown. */
export function toolDefinitions(tools: readonly unknown[] | undefined): readonly unknown[] | undefined {
  if (!tools || tools.length === 0) return undefined;
  let shown: unknown[] | undefined;
  for (let index = 0; index < tools.length; index++) {
    const tool = tools[index] as { type?: unknown; id?: unknown; name?: unknown } | undefined;
    if (tool?.type !== 'provider') continue;
    shown ??= tools.slice();
    shown[index] = { type: 'provider', id: tool.id, name: tool.name };
  }
  return shown ?? tools;
}

/** Keys of the runtime context that are fields of the trace, or the prompt, and not metadata. */
const RESERVED = new Set(['langfusePrompt', 'userId', 'sessionId', 'tags']);

export function withContext(metadata: Fields, context: Readonly<Fields> | undefined): Fields {
  for (const key in context) {
    if (!RESERVED.has(key) && context[key] !== undefined) metadata[key] ??= context[key];
  }
  return metadata;
}

/** The user, session and tags of a runtime context; undefined if it has none. */
export function traceAttributes(context: Readonly<Fields> | undefined): Fields | undefined {
  if (!context) return undefined;
  const { userId, sessionId, tags } = context;
  const found: Fields = {};
  if (isText(userId)) found.userId = userId;
  if (isText(sessionId)) found.sessionId = sessionId;
  if (Array.isArray(tags)) found.tags = tags;
  return hasKeys(found) ? found : undefined;
}

export function linkedPrompt(context: Readonly<Fields> | undefined) {
  const prompt = context?.langfusePrompt as
    | { name?: unknown; version?: unknown; isFallback?: unknown }
    | undefined;
  if (typeof prompt?.name !== 'string' || typeof prompt.version !== 'number') return undefined;
  return { name: prompt.name, version: prompt.version, isFallback: prompt.isFallback === true };
}

export function endOutput(event: EndEvent): unknown {
  if (event.object !== undefined) return event.object;
  // Of speech it is the input.
  if (event.text && event.operationId !== 'ai.generateSpeech') return event.text;
  if (event.toolCalls && event.toolCalls.length > 0) return event.toolCalls;
  if (event.ranking !== undefined) return event.ranking;
  if (event.embedding !== undefined) return shapeOf(event.embedding);
  return event.audio ?? outputOf(event.content);
}

/** A vector says nothing to a reader and takes 20 KB: its number of dimensions stands for it. */
export function shapeOf(embedding: unknown): unknown {
  if (!Array.isArray(embedding) || embedding.length === 0) return undefined;
  const isMany = Array.isArray(embedding[0]);
  return {
    embeddings: isMany ? embedding.length : 1,
    dimensions: (isMany ? embedding[0] : embedding).length,
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function hasKeys(object: object | undefined | null): boolean {
  for (const _ in object) return true;
  return false;
}
