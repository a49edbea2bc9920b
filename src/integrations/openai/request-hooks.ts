/** Makes the observation of a request, and follows its answer: whole, streamed or raw. */
import { guarded } from '../common/guard.js';
import { type Call, endCall, failCall, finishCall, startCall } from './call.js';
import { addChunk, createChunks, fieldsOf } from './chunks.js';
import type { Endpoint } from './endpoints.js';
import { followApiPromise } from './follow-promise.js';
import { followStream } from './follow-stream.js';
import type { Fields } from './request.js';
import type { Run } from './run-tools.js';
import { settleStored, storeIfUnfinished } from './stored.js';
import type { Tracing } from './tracing.js';

/** Runs a request of a model. `run`: the request is a round of it. */
export function traceRequest(
  tracing: Tracing,
  endpoint: Endpoint,
  body: unknown,
  send: () => unknown,
  run?: Run,
): unknown {
  const call = startCall(tracing, endpoint, body, run?.agent);
  if (call === undefined) return send();
  if (run !== undefined) run.call = call;
  let promise: unknown;
  try {
    promise = send();
  } catch (error) {
    failCall(call, error);
    throw error;
  }
  return followAnswer(call, promise);
}

function followAnswer(call: Call, promise: unknown): unknown {
  const onData = (data: unknown): void => onAnswer(call, data);
  const onError = (error: unknown): void => failCall(call, error);
  const followed = guarded(call.tracing.client, 'openai promise', () =>
    followApiPromise(promise, { onData, onError, onRaw: (response) => onRaw(call, response) }),
  );
  if (followed) return promise;
  // A stand-in of a test, for example.
  if (!(promise instanceof Promise)) {
    onData(promise);
    return promise;
  }
  return promise.then(
    (data: unknown) => {
      onData(data);
      return data;
    },
    (error: unknown) => {
      onError(error);
      throw error;
    },
  );
}

function onAnswer(call: Call, data: unknown): void {
  const isStream = guarded(call.tracing.client, 'openai stream', () => followAnswerStream(call, data));
  if (isStream) return;
  finishCall(call, data);
  storeIfUnfinished(call, data);
}

function followAnswerStream(call: Call, stream: unknown): boolean {
  const chunks = createChunks(call.request);
  const { client } = call.tracing;
  let hasFailed = false;
  const onEnd = (more: object = {}): void => {
    if (call.isEnded) return;
    const fields = guarded(client, 'openai stream end', () => fieldsOf(chunks));
    guarded(client, 'openai end', () => endCall(call, { ...more, ...fields }));
    if (chunks.collector?.response !== undefined) storeIfUnfinished(call, chunks.collector.response);
    // Whatever happened, nothing more comes.
    call.isEnded = true;
  };
  return followStream(stream, {
    onEnd,
    onError: (error) =>
      failCall(
        call,
        error,
        guarded(client, 'openai stream end', () => fieldsOf(chunks)),
      ),
    onChunk(chunk) {
      if (call.isEnded || hasFailed) return;
      try {
        addChunk(chunks, chunk);
        // The last event holds the whole answer, and its readers may change it.
        if (chunks.collector?.isComplete) onEnd();
      } catch (error) {
        hasFailed = true;
        guarded(client, 'openai chunk', () => {
          throw error;
        });
      }
    },
  });
}

/** The caller has the response, and reads the body himself. If that is by `json()`, the answer is known after all. */
function onRaw(call: Call, response: unknown): void {
  guarded(call.tracing.client, 'openai raw response', () => {
    endCall(call, {});
    const { json } = (response ?? {}) as { json?: (this: unknown, ...args: unknown[]) => unknown };
    if (typeof json !== 'function') return;
    const value = function (this: unknown, ...args: unknown[]): unknown {
      const read = json.apply(this, args);
      if (!(read instanceof Promise)) return read;
      // Not beside the caller: a rejection that nobody handles is reported as it was.
      return read.then((data: unknown) => {
        finishCall(call, data);
        return data;
      });
    };
    Object.defineProperty(response, 'json', { value, writable: true, configurable: true });
  });
}

/** Follows a stored response that is read or cancelled. */
export function followStored(tracing: Tracing, promise: unknown): unknown {
  const onData = (data: unknown): void => {
    const isStream = guarded(tracing.client, 'openai stored stream', () =>
      followStream(data, {
        onChunk(event) {
          const { response } = (event ?? {}) as Fields;
          if (response !== undefined) settleStored(tracing, response);
        },
        onEnd() {},
        onError() {},
      }),
    );
    if (!isStream) settleStored(tracing, data);
  };
  guarded(tracing.client, 'openai promise', () =>
    followApiPromise(promise, { onData, onError() {}, onRaw() {} }),
  );
  return promise;
}
