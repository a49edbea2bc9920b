/** One call of a model, from the request to the end of the answer, as one observation. */
import type { GenerationBody, Observation } from '../../index.js';
import { guarded } from '../common/guard.js';
import type { Endpoint } from './endpoints.js';
import { failureFields } from './failure.js';
import { type RequestFields, readRequest } from './request.js';
import { readResult } from './result.js';
import { begin, type Tracing } from './tracing.js';

/** Without a cost, a server would estimate one from the input of a failed call. */
const FREE = { input: 0, output: 0, total: 0 };

export interface Call {
  readonly tracing: Tracing;
  readonly observation: Observation<'generation' | 'embedding'>;
  readonly request: RequestFields;
  /** The answer, or the failure, is on the observation. */
  isEnded: boolean;
}

/** Undefined if the observation could not be started. Then the call is not traced. `agent`: the call is a round of it. */
export function startCall(
  tracing: Tracing,
  { area, type }: Endpoint,
  body: unknown,
  agent?: Observation,
): Call | undefined {
  return guarded(tracing.client, 'openai request', () => {
    const request = readRequest(body);
    const { model, input, modelParameters, responseFormat } = request;
    const { generationMetadata, langfusePrompt } = tracing;
    const metadata =
      responseFormat === undefined
        ? generationMetadata
        : { ...generationMetadata, response_format: responseFormat };
    const name = tracing.generationName ?? `${tracing.className}.${area}`;
    const fields: GenerationBody = { model, input, modelParameters, metadata, prompt: langfusePrompt };
    const observation = begin(tracing, type, name, fields, agent);
    return { tracing, observation, request, isEnded: false };
  });
}

/** The whole answer has come. A second one (a body that is read after the end) replaces the first. */
export function finishCall(call: Call, result: unknown): void {
  const { client } = call.tracing;
  // An answer that cannot be read is an answer all the same: the observation ends.
  const fields = guarded(client, 'openai answer', () => readResult(result, call.request)) ?? {};
  guarded(client, 'openai end', () => endCall(call, fields));
}

export function failCall(call: Call, error: unknown, more?: GenerationBody): void {
  guarded(call.tracing.client, 'openai error', () => {
    if (call.isEnded) return;
    const failure = failureFields(error, call.tracing.key());
    endCall(call, { ...more, ...failure, costDetails: failure.level === 'ERROR' ? FREE : undefined });
  });
}

export function endCall(call: Call, body: GenerationBody): void {
  if (call.isEnded) call.observation.update(body);
  else {
    call.isEnded = true;
    call.observation.end(body);
  }
}
