/** Errors of the server in words. Its own text repeats statements and rows, and is never shown: the code in its header decides. */

/** From ErrorCodes.cpp of ClickHouse: numbers there never change. */
const CODES: Readonly<Record<number, string>> = {
  16: 'has tables of an earlier schema: `npx tailrace clickhouse-schema` prints the statements that update them',
  47: 'has tables of an earlier schema: `npx tailrace clickhouse-schema` prints the statements that update them',
  60: 'has no such tables: check the database, or run the statements of `npx tailrace clickhouse-schema`',
  81: 'has no such database: check its name, or run the statements of `npx tailrace clickhouse-schema`',
  115: 'does not know a setting of the query: is it older than 23.12?',
  62: 'does not understand the query: is it older than 23.12?',
  46: 'does not know a function of the query: is it older than 23.12?',
  159: 'has not answered in time: choose a shorter time or fewer filters',
  160: 'would take too long: choose a shorter time or fewer filters',
  209: 'has not answered in time: choose a shorter time or fewer filters',
  158: 'would have to read more rows than this user may: choose a shorter time',
  307: 'would have to read more bytes than this user may: choose a shorter time',
  396: 'has more to answer than fits into one answer: choose a shorter time or a smaller page',
  173: 'has no memory left',
  241: 'has no memory left for the query (max_memory_usage): choose a shorter time or fewer filters',
  164: 'has this user as read-only in a way that forbids settings of a query: use readonly = 2',
  452: 'does not let this user choose settings of a query',
  192: 'does not take the user and password',
  193: 'does not take the user and password',
  194: 'does not take the user and password',
  195: 'does not take the user and password',
  516: 'does not take the user and password',
  497: 'does not let this user do that: it needs SELECT on the tables, and INSERT to store what it receives',
  201: 'has a quota, which is used up',
  202: 'has too many queries',
  242: 'has the table as read-only',
  243: 'has no space left on its disk',
  252: 'has too many parts: fewer and larger inserts help',
  225: 'has no connection to its keeper',
  999: 'has no connection to its keeper',
};

const TOO_LONG = [158, 159, 160, 209, 241, 307];
const TOO_LARGE = 396;
const MISSING = [60, 81];

/** What a person may be told. */
export class ClickhouseProblem extends Error {
  override readonly name = 'ClickhouseProblem';

  /** Undefined: the server has not answered. */
  readonly code: number | undefined;

  constructor(message: string, code: number | undefined) {
    super(message);
    this.code = code;
  }

  /** The query has met a limit of time or memory. */
  get isTooLong(): boolean {
    return TOO_LONG.includes(this.code ?? 0);
  }

  get isTooLarge(): boolean {
    return this.code === TOO_LARGE;
  }

  get isMissingTable(): boolean {
    return MISSING.includes(this.code ?? 0);
  }
}

export function problemOfCode(host: string, code: number): ClickhouseProblem {
  const text = CODES[code] ?? 'has refused the query';
  return new ClickhouseProblem(`ClickHouse at ${host} ${text} (${code})`, code);
}

/** Of a proxy before the server, or of something else at its address. */
export function problemOfStatus(host: string, status: number): ClickhouseProblem {
  const isKey = status === 401 || status === 403;
  const text = isKey
    ? 'does not take the user and password'
    : 'is no ClickHouse: is it the address of its HTTP interface (port 8123 or 8443)?';
  return new ClickhouseProblem(`HTTP ${status}: ${host} ${text}`, undefined);
}

/** Of a request without an answer. `code`: that of the system. */
export function problemOfConnection(host: string, code: string): ClickhouseProblem {
  return new ClickhouseProblem(`ClickHouse at ${host} cannot be reached (${code})`, undefined);
}

export function problemOfTime(host: string, maxMs: number): ClickhouseProblem {
  const SILENT = 209;
  return new ClickhouseProblem(
    `ClickHouse at ${host} has not answered within ${Math.round(maxMs / 1000)} s: choose a shorter time or fewer filters`,
    SILENT,
  );
}
