/** Wraps a client of the `openai` package. */
import { type ClientSource, clientOf } from '../common/client.js';

export function observeOpenAI<C extends object>(client: C, options: ClientSource = {}): C {
  clientOf(options);
  return client;
}
