/** Messages of `tailrace/browser`, in a file of their own and short: they are part of what a page loads. */
import type { Table } from '../entry.js';

export const BROWSER = {
  /** `TailraceFeedback` got a secret key, as `publicKey`, `secretKey` or in an address. Whoever opens the page could read it. */
  TAILRACE_FEEDBACK_SECRET_KEY: {
    level: 'error',
    text: () => 'TailraceFeedback got a secret key, which visitors of the page could read: nothing is sent',
    remedy: 'Pass the public key only, and replace the secret key if the page was published',
    docs: 'feedback',
  },
  /** An option of `TailraceFeedback` is missing or cannot be used. */
  TAILRACE_FEEDBACK_OPTION: {
    level: 'error',
    text: (problem: string) => `TailraceFeedback: ${problem}: nothing is sent`,
    docs: 'feedback',
  },
  /** A field of a score is missing, or no server would take it. The text names the field, never its value. */
  TAILRACE_FEEDBACK_INVALID: {
    level: 'warning',
    text: (problem: string) => `score(): ${problem}: the score is not sent`,
    docs: 'feedback',
  },
  /** The server refused a score, and would refuse it again: because of the key (401, 403), or of the score (400). It is given up. */
  TAILRACE_FEEDBACK_REFUSED: {
    level: 'warning',
    text: (status: number) => `the server refused a score (${status}): it is dropped`,
    docs: 'feedback',
  },
  /** Scores that could not be sent were too many (100 scores, 200,000 characters) or too old (7 days). The oldest are given up. */
  TAILRACE_FEEDBACK_DROPPED: {
    level: 'warning',
    text: () => 'scores that could not be sent are dropped: too many, or too old',
    docs: 'feedback',
  },
  /** `score()` was called where there is no page: on a server, or in a worker. It does nothing there. */
  TAILRACE_FEEDBACK_NO_PAGE: {
    level: 'warning',
    text: () => 'score() does nothing outside of a web page',
    docs: 'feedback',
  },
} as const satisfies Table;
