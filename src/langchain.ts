/** Public entry `tailrace/langchain`: a callback handler for LangChain and LangGraph. */
export { CallbackHandler } from './integrations/langchain/callback-handler.js';
