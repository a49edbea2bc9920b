/** Wraps a client of the `openai` package, so that its calls of models are traced. */
import { type FlushResult, getClient } from '../../index.js';
import { guarded } from '../common/guard.js';
import { OBSERVED, observedClient } from './observed-client.js';
import type { ObserveOpenAIOptions } from './options.js';
import { type Tracing, tracingOf } from './tracing.js';

/** What an observed client has besides the client's own members, as with langfuse 3. */
export interface ObservedOpenAI {
  /** Sends everything that was traced. Never rejects. */
  flushAsync(): Promise<FlushResult>;
  /** Sends everything, and ends the client of tailrace. Never rejects. */
  shutdownAsync(): Promise<FlushResult>;
}

/** How observed clients are traced: if one is observed again, its options are the defaults. */
const views = new WeakMap<object, { readonly options: ObserveOpenAIOptions; readonly tracing: Tracing }>();

/**
 * Returns a view of a client of the `openai` package (versions 5 to 7, `AzureOpenAI`, and clients of compatible services that are built
 * alike) whose calls of models are traced. The client itself stays as it is. All answers keep their types: promises with
 * `withResponse()`, streams, helpers. Nothing of tracing can make a call fail.
 *
 * Each request to a model is one generation (retries included), a request for embeddings is an embedding, `runTools` is an agent
 * with its rounds and tools. Other requests are not traced. An observed client may be observed again, with other options.
 *
 * @param client If it is no such client, it is returned as it is.
 * @example
 * const openai = observeOpenAI(new OpenAI(), { sessionId: 's-1', generationName: 'answer' });
 * await openai.chat.completions.create({ model: 'gpt-4o', messages });
 */
export function observeOpenAI<C extends object>(
  client: C,
  options?: ObserveOpenAIOptions | null,
): C & ObservedOpenAI {
  const observed = guarded(getClient, 'observeOpenAI', () => {
    const inner = ((client as { [OBSERVED]?: C })[OBSERVED] ?? client) as C;
    if (typeof (inner as { post?: unknown }).post !== 'function')
      throw new TypeError('not a client of openai');
    const earlier = views.get(client);
    const all = { ...earlier?.options, ...options };
    const tracing = tracingOf(inner, all, earlier && { ...earlier, added: options ?? {} });
    const view = observedClient(inner, tracing, {
      flushAsync: () => tracing.client().flush(),
      shutdownAsync: () => tracing.client().shutdown(),
    });
    views.set(view, { options: all, tracing });
    return view;
  });
  return (observed ?? client) as C & ObservedOpenAI;
}
