/** One call of a model, from the request to the end of the answer, as one observation. */
import type { GenerationBody, Observation } from '../../index.js';
import { guarded } from '../common/guard.js';
import type { Endpoint } from './endpoints.js';
import { failureFields } from './failure.js';
import { type RequestFields, readRequest } from './request.js';
import { readResult } from './result.js';
import type { Tracing } from './tracing.js';

export interface Call {
  readonly tracing: Tracing;
  readonly observation: Observation<'generation' | 'embedding'>;
  readonly request: RequestFields;
  /** The answer, or the failure, is on the observation. */
  isEnded: boolean;
}

/** Undefined if the observation could not be started. Then the call is not traced. */
export function startCall(tracing: Tracing, { area, type }: Endpoint, body: unknown): Call | undefined {
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
    const options = { asType: type, parent: tracing.parent };
    const start = (): Call['observation'] => tracing.client().startObservation(name, fields, options);
    const { attributes } = tracing;
    const observation =
      attributes === undefined ? start() : tracing.client().propagateAttributes(attributes, start);
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
    if (!call.isEnded) endCall(call, { ...more, ...failureFields(error, call.tracing.key()) });
  });
}

export function endCall(call: Call, body: GenerationBody): void {
  if (call.isEnded) call.observation.update(body);
  else {
    call.isEnded = true;
    call.observation.end(body);
  }
}
