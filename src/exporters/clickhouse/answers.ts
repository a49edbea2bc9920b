/** What an answer of the server means for a batch. The code in its header decides; its text repeats rows and statements, and is never shown. */
import type { ExportOutcome, ExportResponse } from '../../shared/contract/exporter.js';
import { isPage, outcomeOfStatus } from '../../shared/contract/http-outcome.js';

type Meaning =
  /** A configuration problem. */
  | 'misconfigured'
  /** May pass. */
  | 'busy'
  /** The schema is not there, or an older one. */
  | 'schema'
  /** Something in the batch: halves bring the others through, and name the one that it is. */
  | 'refused';

interface Code {
  readonly means: Meaning;
  readonly text: string;
}

const LOGIN: Code = { means: 'misconfigured', text: 'does not take the user and password' };
const SETTING: Code = { means: 'misconfigured', text: 'does not let this user choose settings of an insert' };
const UNREAD: Code = { means: 'refused', text: 'cannot read a row' };
const SLOW: Code = { means: 'busy', text: 'has not finished in time' };
const NO_KEEPER: Code = { means: 'busy', text: 'has no connection to its keeper' };

/** From ErrorCodes.cpp of ClickHouse: numbers there never change. */
const CODES: Readonly<Record<number, Code>> = {
  6: UNREAD,
  26: UNREAD,
  27: UNREAD,
  38: UNREAD,
  41: UNREAD,
  53: UNREAD,
  69: UNREAD,
  72: UNREAD,
  117: UNREAD,
  130: UNREAD,
  131: { means: 'refused', text: 'has a limit that a value exceeds' },
  349: UNREAD,
  16: { means: 'schema', text: 'has a table of an earlier schema' },
  60: { means: 'schema', text: 'has no such table' },
  81: { means: 'schema', text: 'has no such database' },
  115: { means: 'misconfigured', text: 'does not know a setting of the insert: is it older than 23.12?' },
  452: SETTING,
  164: { means: 'misconfigured', text: 'has this user as read-only' },
  192: LOGIN,
  193: LOGIN,
  194: LOGIN,
  195: LOGIN,
  516: LOGIN,
  497: { means: 'misconfigured', text: 'does not let this user insert: GRANT INSERT on the table' },
  62: { means: 'misconfigured', text: 'does not understand the insert: is it older than 23.12?' },
  159: SLOW,
  160: SLOW,
  209: SLOW,
  173: { means: 'busy', text: 'has no memory left' },
  241: { means: 'busy', text: 'has no memory left for the insert (max_memory_usage)' },
  201: { means: 'busy', text: 'has a quota, which is used up' },
  202: { means: 'busy', text: 'has too many queries' },
  203: { means: 'busy', text: 'has no connection left' },
  242: { means: 'busy', text: 'has the table as read-only' },
  243: { means: 'busy', text: 'has no space left on its disk' },
  252: { means: 'busy', text: 'has too many parts: fewer and larger inserts help, or asyncInsert' },
  285: { means: 'busy', text: 'has too few replicas alive' },
  319: { means: 'busy', text: 'does not know whether the insert has arrived' },
  225: NO_KEEPER,
  999: NO_KEEPER,
};

const UNKNOWN: Code = { means: 'busy', text: 'does not take the batch' };

/** A server with another cause behind the same code: the times in a batch are of too many months. */
const TOO_MANY_PARTS = 252;
const OF_ONE_INSERT = 'partitions for single INSERT';

interface Answer {
  readonly code: number;
  readonly means: Meaning;
  readonly reason: string;
}

/** Undefined: the server has answered without an error of its own. */
function readAnswer({ headers, body }: ExportResponse, called: string): Answer | undefined {
  const code = Number(headers['x-clickhouse-exception-code']);
  if (!Number.isInteger(code) || code <= 0) return undefined;
  const { means, text } = CODES[code] ?? UNKNOWN;
  const isSpread = code === TOO_MANY_PARTS && Buffer.from(body).includes(OF_ONE_INSERT);
  return isSpread
    ? {
        code,
        means: 'refused',
        reason: `clickhouse ${called} takes no batch with times of so many months (${code})`,
      }
    : { code, means, reason: `clickhouse ${called} ${text} (${code})` };
}

/** `onSchema`: what a missing table or column means, given the reason so far. */
export function outcomeOfInsert(
  response: ExportResponse,
  url: string,
  onSchema: (reason: string) => ExportOutcome,
): ExportOutcome {
  const called = new URL(url).host;
  const answer = readAnswer(response, called);
  if (answer === undefined) return outcomeWithoutCode(response, url, called);
  const { means, reason } = answer;
  if (means === 'schema') return onSchema(reason);
  if (means === 'refused') return { kind: 'too-large', reason };
  return { kind: 'retryable', reason, misconfigured: means === 'misconfigured' };
}

/** Of a statement about the schema. It is not tried again by itself: the next insert asks for it. */
export function outcomeOfStatement(response: ExportResponse, url: string): ExportOutcome & { code?: number } {
  const called = new URL(url).host;
  const answer = readAnswer(response, called);
  if (answer !== undefined) return { kind: 'failure', reason: answer.reason, code: answer.code };
  const outcome = outcomeWithoutCode(response, url, called);
  return outcome.kind === 'success' ? outcome : { kind: 'failure', reason: reasonOf(outcome) };
}

export function reasonOf(outcome: ExportOutcome): string {
  return 'reason' in outcome ? outcome.reason : outcome.kind;
}

/** Of a proxy before the server, or of something else at its address. */
function outcomeWithoutCode(response: ExportResponse, url: string, called: string): ExportOutcome {
  const { status } = response;
  if (status === 200 && !isPage(response)) return { kind: 'success' };
  if (status === 404 || isPage(response) || (status > 200 && status < 300)) {
    const reason = `HTTP ${status} of no ClickHouse: is ${called} the address of its HTTP interface (port 8123 or 8443)?`;
    return { kind: 'retryable', reason, misconfigured: true };
  }
  const outcome = outcomeOfStatus({ ...response, body: Buffer.alloc(0) }, { url }) as ExportOutcome;
  const isKey = status === 401 || status === 403;
  return isKey && 'reason' in outcome
    ? { ...outcome, reason: `HTTP ${status}: ${called} does not take the user and password` }
    : outcome;
}
