/** Public entry `tailrace/openai`: traces the calls of a client of the `openai` package. */
export type { ClientSource } from './integrations/common/client.js';
export { type ObservedOpenAI, observeOpenAI } from './integrations/openai/observe-openai.js';
export type { ObserveOpenAIOptions } from './integrations/openai/options.js';
