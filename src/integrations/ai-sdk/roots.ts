/** The observation of a whole call: its type and its input. */
import type { Observation, TailraceClient } from '../../index.js';
import type { StartEvent } from './events.js';
import { chat, hasKeys, linkedPrompt, withContext } from './fields.js';

export function beginRoot(client: TailraceClient, start: StartEvent): Observation<'generation'> {
  const type = rootType(start.operationId);
  const metadata = withContext(
    { operationId: start.operationId, provider: start.provider },
    start.runtimeContext,
  );
  const isModelCall = type === 'generation';
  return client.startObservation(
    start.functionId || start.operationId,
    {
      input: rootInput(start),
      metadata,
      model: isModelCall ? start.modelId : undefined,
      modelParameters: isModelCall ? speechParameters(start) : undefined,
      prompt: isModelCall ? linkedPrompt(start.runtimeContext) : undefined,
    },
    { asType: type as 'generation' },
  );
}

/** Text and objects come from an agent's loop, as Langfuse's integration has it. Speech and transcription are one call of a model. */
function rootType(operationId: string): 'agent' | 'span' | 'generation' {
  if (/^ai\.(generateSpeech|transcribe|streamTranscribe)$/.test(operationId)) return 'generation';
  return /^ai\.(embed|embedMany|rerank)$/.test(operationId) ? 'span' : 'agent';
}

function rootInput(start: StartEvent): unknown {
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

function speechParameters({
  voice,
  speed,
  language,
  outputFormat,
}: StartEvent): Record<string, unknown> | undefined {
  const parameters: Record<string, unknown> = {};
  for (const [key, value] of Object.entries({ voice, speed, language, outputFormat })) {
    if (value !== undefined) parameters[key] = value;
  }
  return hasKeys(parameters) ? parameters : undefined;
}
