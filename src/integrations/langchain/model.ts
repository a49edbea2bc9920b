/** What a run of a model tells of the model: its name, its parameters, the tools that it may call, its answer. */
import type { GenerationBody } from '../../index.js';
import type { Fields, GenerationLike, Metadata, ResultLike } from './langchain-types.js';
import { shape } from './messages.js';

/** By name, as a provider's parameters also hold headers, keys and URLs. Those of Langfuse's handler come first. */
const PARAMETERS = [
  'temperature',
  'max_tokens',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'request_timeout',
  'max_completion_tokens',
  'maxOutputTokens',
  'top_k',
  'topP',
  'topK',
  'n',
  'seed',
  'reasoning_effort',
];

function parametersOf(invocation: Fields | undefined): Fields {
  const parameters: Record<string, unknown> = {};
  if (invocation === undefined) return parameters;
  for (const name of PARAMETERS) {
    const value = invocation[name];
    if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') {
      parameters[name] = value;
    }
  }
  return parameters;
}

function modelOf(invocation: Fields | undefined, metadata: Metadata): string | undefined {
  const name = invocation?.model ?? invocation?.model_name ?? invocation?.modelId ?? metadata?.ls_model_name;
  return typeof name === 'string' ? name : undefined;
}

/** @param extra What LangChain tells beside the messages: `{ invocation_params, options, … }`. */
export function describeModel(
  body: GenerationBody,
  extra: Fields | undefined,
  metadata: Metadata,
  messages: unknown,
): void {
  const invocation = (extra?.invocation_params ?? undefined) as Fields | undefined;
  body.input = modelInput(messages, invocation);
  body.model = modelOf(invocation, metadata);
  body.modelParameters = parametersOf(invocation);
}

/** The model that the provider says it used. */
export function answeringModelOf(generation: GenerationLike | undefined): string | undefined {
  const name = generation?.message?.response_metadata?.model_name;
  return typeof name === 'string' ? name : undefined;
}

/** The messages or prompts; with the tools beside them, if the model may call any. */
function modelInput(messages: unknown, invocation: Fields | undefined): unknown {
  const tools = invocation?.tools;
  const choice = invocation?.tool_choice;
  if (tools === undefined && choice === undefined) return messages;
  const input: Record<string, unknown> = { messages };
  if (tools !== undefined) input.tools = Array.isArray(tools) ? tools.map(withoutSecrets) : tools;
  if (choice !== undefined) input.tool_choice = choice;
  return input;
}

/** A tool that is a remote server (MCP) has the credentials for it. */
function withoutSecrets(tool: unknown): unknown {
  if (typeof tool !== 'object' || tool === null) return tool;
  if (!('headers' in tool) && !('authorization' in tool) && !('authorization_token' in tool)) return tool;
  const { headers: _1, authorization: _2, authorization_token: _3, ...rest } = tool as Fields;
  return rest;
}

/** The last candidate for the last prompt: LangChain passes one prompt for each run. */
export function lastGeneration({ generations }: ResultLike): GenerationLike | undefined {
  return generations?.at(-1)?.at(-1);
}

export function modelOutput(generation: GenerationLike | undefined): unknown {
  return generation?.message === undefined ? generation?.text : shape(generation.message);
}
