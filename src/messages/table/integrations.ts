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
} as const satisfies Table;
