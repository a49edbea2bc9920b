/** Messages of the integrations: LangChain, OpenAI, the AI SDK. */

import type { Table } from '../entry.js';

export const INTEGRATIONS = {
  /** A hook of an integration (LangChain, OpenAI, the AI SDK) met something unexpected. The application's call goes on as if untraced. */
  TAILRACE_INTEGRATION_FAILED: {
    level: 'warning',
    text: (hook: string, error: string) =>
      `${hook} failed (${error}): the observation may be incomplete; the call itself is not affected`,
    docs: 'integrations',
  },
  /** More runs of LangChain are open than a handler follows: some never end, such as streams that nobody reads to their end. */
  TAILRACE_RUN_FORGOTTEN: {
    level: 'warning',
    text: (count: number) =>
      `langchain: more than ${count} runs are open, and the handler no longer follows the oldest: it is sent unfinished`,
    remedy: 'Find the runs that never end',
    docs: 'integrations',
  },
} as const satisfies Table;
