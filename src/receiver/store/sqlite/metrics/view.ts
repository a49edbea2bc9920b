/** The SQL of a view of metrics (contract/metrics-views.ts): its tables, and the value of each dimension and measure for one of its rows. */

export interface ViewSql {
  readonly from: string;
  /** Which rows of the tables belong to the view. */
  readonly where?: string;
  readonly time: string;
  readonly metadata: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly measures: Readonly<Record<string, string>>;
  /** Relation → the condition that a row has one in the time range. */
  readonly relations: Readonly<Record<string, string>>;
  /** A JSON object whose keys are the values of a dimension, which is `pair.key`. */
  readonly pairs?: Readonly<Record<'cost' | 'usage', string>>;
}

/** A time in the range of the query, which statement.ts binds. */
export const inRange = (sql: string) =>
  `${sql} BETWEEN (SELECT from_us FROM time_range) AND (SELECT to_us FROM time_range)`;

export const monthOf = (us: string) => `strftime('%Y-%m', ${us} / 1000000, 'unixepoch')`;
export const dayOf = (us: string) => `strftime('%Y-%m-%d', ${us} / 1000000, 'unixepoch')`;
/** Between two times, as of a server, which stores milliseconds. */
export const millisecondsBetween = (start: string, end: string) => `(${end} / 1000 - ${start} / 1000)`;

export const neverNull = (sql: string) => `coalesce(${sql}, '')`;
/** A JSON list. */
export const texts = (sql: string) => `coalesce(${sql}, '[]')`;
export const environment = (table: string) => `coalesce(${table}.environment, 'default')`;
