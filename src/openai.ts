/** Public entry `tailrace/openai`: traces the calls of a client of the `openai` package. */
export { observeOpenAI } from './integrations/openai/observe-openai.js';
