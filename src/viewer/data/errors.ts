/** The JSON of failures that are grouped by their messages. Times are microseconds since 1970. */

/** What failed with the messages of a group. */
export interface ErrorSource {
  type: string;
  name: string | null;
  model: string | null;
  count: number;
}

/** Failed observations whose messages differ in numbers, ids and times only. */
export interface ErrorGroup {
  /** With `<n>`, `<id>` and `<time>` in place of what differs; empty: they have no message, and share type and name. */
  message: string;
  count: number;
  firstUs: number;
  lastUs: number;
  traceCount: number;
  /** Some of them, first that of the newest error. */
  traceIds: string[];
  /** The beginning of its message as it is. */
  newest: { traceId: string; observationId: string; message: string | null };
  /** The commonest ones. */
  sources: ErrorSource[];
  sourceTotal: number;
}

export interface ErrorGroups {
  /** The largest ones. */
  groups: ErrorGroup[];
  groupTotal: number;
  observationTotal: number;
  /** False: there was no time to read everything, and these are of the newest observations. */
  isComplete: boolean;
}
