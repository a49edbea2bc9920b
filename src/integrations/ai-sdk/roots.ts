/** What the observation of a whole call shows: its type, its input, and how it failed. */
import type { StartEvent } from './events.js';
import { chat } from './fields.js';

/** Text and objects come from an agent's loop, as Langfuse's integration has it. Speech and transcription are one call of a model. */
export function rootType(operationId: string): 'agent' | 'span' | 'generation' {
  if (/^ai\.(generateSpeech|transcribe|streamTranscribe)$/.test(operationId)) return 'generation';
  return /^ai\.(embed|embedMany|rerank)$/.test(operationId) ? 'span' : 'agent';
}

export function rootInput(start: StartEvent): unknown {
  switch (start.operationId) {
    case 'ai.embed':
    case 'ai.embedMany':
      return start.value;
    case 'ai.rerank':
      return { query: start.query, documents: start.documents };
    case 'ai.generateSpeech':
      return start.text;
    case 'ai.transcribe':
    case 'ai.streamTranscribe':
      return start.audio;
    default:
      return chat(start.instructions ?? start.system, start.prompt, start.messages);
  }
}

/** By these names an application's own `abort()` is known. A timeout is a failure. */
const ABORTS = new Set(['AbortError', 'ResponseAborted']);

/** An abort is what the application wanted: a warning. The client turns the error into its message, and never lets it throw. */
export function failureOf(error: unknown, isAbort = false) {
  const name = (error as Error | undefined)?.name;
  const isWanted = isAbort ? name !== 'TimeoutError' : ABORTS.has(name as string);
  const message = (error ?? (isWanted ? 'aborted' : 'failed')) as string;
  return { level: isWanted ? ('WARNING' as const) : ('ERROR' as const), statusMessage: message };
}
