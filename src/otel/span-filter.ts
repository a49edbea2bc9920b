/** Selects the spans of an LLM application: the default filter for a Langfuse server. */
import type { FinishedSpan } from '../records/finished-span.js';

const LANGFUSE_SCOPE = 'langfuse-sdk';
const GEN_AI = 'gen_ai.';

/**
 * Scopes of instrumentations of LLM libraries, as in @langfuse/otel 5.11. Each matches itself and all scopes below it
 * (`openinference.instrumentation.langchain`). Only `ai`, the Vercel AI SDK, matches no others, as the name is too short.
 */
export const KNOWN_LLM_INSTRUMENTATION_SCOPE_PREFIXES: readonly string[] = [
  LANGFUSE_SCOPE,
  'agent_framework',
  'ai',
  'haystack',
  'langsmith',
  'litellm',
  'openinference',
  'opentelemetry.instrumentation.anthropic',
  'opentelemetry.instrumentation.aws_bedrock',
  'opentelemetry.instrumentation.bedrock',
  'opentelemetry.instrumentation.gemini',
  'opentelemetry.instrumentation.google_genai',
  'opentelemetry.instrumentation.google_generativeai',
  'opentelemetry.instrumentation.openai',
  'opentelemetry.instrumentation.openai_v2',
  'opentelemetry.instrumentation.vertex_ai',
  'opentelemetry.instrumentation.vertexai',
  'strands-agents',
  'vllm',
];
const WITHOUT_CHILDREN: ReadonlySet<string> = new Set(['ai']);

/** The fields of a span by which the filters classify it. */
export type SpanWithScope = Pick<
  FinishedSpan,
  'attributes' | 'instrumentationScope' | 'instrumentationLibrary'
>;

/** Cached by name: there are few scopes, and every span is checked. */
const knownScopes = new Map<string, boolean>();
const MAX_KNOWN_SCOPES = 1000;

/** Whether the span was made by Langfuse's own SDK. */
export function isLangfuseSpan(span: SpanWithScope): boolean {
  return scopeName(span) === LANGFUSE_SCOPE;
}

/** Whether the span has an attribute of OpenTelemetry's conventions for generative AI, `gen_ai.*`. */
export function isGenAISpan({ attributes }: SpanWithScope): boolean {
  for (const key in attributes) if (key.startsWith(GEN_AI)) return true;
  return false;
}

/** Whether the span comes from a known instrumentation of an LLM library. */
export function isKnownLLMInstrumentor(span: SpanWithScope): boolean {
  const name = scopeName(span);
  let known = knownScopes.get(name);
  if (known === undefined) {
    known = isKnownScope(name);
    if (knownScopes.size < MAX_KNOWN_SCOPES) knownScopes.set(name, known);
  }
  return known;
}

/**
 * The default of `shouldExportSpan` for a Langfuse server: spans of Langfuse's SDK, spans with `gen_ai.*` attributes, and spans of
 * known LLM instrumentations.
 */
export function isDefaultExportSpan(span: SpanWithScope): boolean {
  return isKnownLLMInstrumentor(span) || isGenAISpan(span);
}

function isKnownScope(name: string): boolean {
  return KNOWN_LLM_INSTRUMENTATION_SCOPE_PREFIXES.some(
    (prefix) => name === prefix || (!WITHOUT_CHILDREN.has(prefix) && name.startsWith(`${prefix}.`)),
  );
}

export function scopeName({ instrumentationScope, instrumentationLibrary }: SpanWithScope): string {
  return (instrumentationScope ?? instrumentationLibrary)?.name ?? '';
}
