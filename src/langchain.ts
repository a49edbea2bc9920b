/** Public entry `tailrace/langchain`: a callback handler for LangChain and LangGraph. */
export type { ClientSource } from './integrations/common/client.js';
export { CallbackHandler } from './integrations/langchain/callback-handler.js';
export type { HandlerBase, NotSerialized } from './integrations/langchain/handler-base.js';
export type { CallbackHandlerOptions } from './integrations/langchain/options.js';
export type { RunHooks } from './integrations/langchain/run-hooks.js';
