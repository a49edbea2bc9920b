/** The parts of a view that metrics are read from: dimensions to group by, measures to aggregate, and the tables that they need. */

/**
 * A column to group and to filter by. `sql` is its value for one row of the view. A text that may be missing is null in
 * some dimensions and empty in others, as on a Langfuse server: its column there has no null.
 */
export interface Dimension {
  readonly sql: string;
  readonly type: 'text' | 'number' | 'flag' | 'texts';
  readonly isNullable: boolean;
  /** A relation that rows must have: with this dimension the view leaves out all other rows. */
  readonly relation?: string;
  /** Almost every row has a value of its own: the second version of the API groups by it only for the top rows. */
  readonly isUnbounded?: true;
  /** A JSON object whose keys are the values: a row counts once for each of them. `sql` is then `pair.key`. */
  readonly pairs?: string;
}

/** A figure of one row. `sql` is a number, or a text that can only be counted. */
export interface Measure {
  readonly sql: string;
  readonly type: 'number' | 'text';
  /** Whether rows may be without it. A sum over no rows is then null, else 0. */
  readonly isNullable: boolean;
  readonly relation?: string;
  /** The dimension whose pairs have the value: it is added to those of the query. */
  readonly dimension?: string;
}

export interface MetricsView {
  readonly from: string;
  /** Which rows of the tables belong to the view. */
  readonly where?: string;
  readonly time: { readonly name: string; readonly sql: string };
  readonly metadata: string;
  readonly dimensions: Readonly<Record<string, Dimension>>;
  readonly measures: Readonly<Record<string, Measure>>;
  /** Relation → the condition that a row has one in the time range. */
  readonly relations: Readonly<Record<string, string>>;
}

/** A time in the range of the query, which statement.ts binds. */
export const inRange = (sql: string) =>
  `${sql} BETWEEN (SELECT from_us FROM time_range) AND (SELECT to_us FROM time_range)`;

export const monthOf = (us: string) => `strftime('%Y-%m', ${us} / 1000000, 'unixepoch')`;
export const dayOf = (us: string) => `strftime('%Y-%m-%d', ${us} / 1000000, 'unixepoch')`;
/** Between two times, as of a server, which stores milliseconds. */
export const millisecondsBetween = (start: string, end: string) => `(${end} / 1000 - ${start} / 1000)`;

export const text = (sql: string): Dimension => ({ sql, type: 'text', isNullable: true });
export const neverNull = (sql: string): Dimension => ({
  sql: `coalesce(${sql}, '')`,
  type: 'text',
  isNullable: false,
});
export const texts = (sql: string): Dimension => ({
  sql: `coalesce(${sql}, '[]')`,
  type: 'texts',
  isNullable: false,
});
export const environment = (table: string): Dimension => ({
  sql: `coalesce(${table}.environment, 'default')`,
  type: 'text',
  isNullable: false,
});
export const unbounded = (dimension: Dimension): Dimension => ({ ...dimension, isUnbounded: true });
export const related = <T extends Dimension | Measure>(relation: string, to: T): T => ({ ...to, relation });

export const count = (sql: string): Measure => ({ sql, type: 'number', isNullable: false });
export const figure = (sql: string): Measure => ({ sql, type: 'number', isNullable: true });
/** For counts of different values. */
export const countable = (sql: string): Measure => ({ sql, type: 'text', isNullable: true });
