/** The JSON of what has arrived, for the terminal. Times are microseconds since 1970; null is unknown. */

/** A row that has arrived, for the terminal: a trace that is new, or an observation that has ended. */
export interface ArrivedTrace {
  id: string;
  name: string | null;
  startUs: number;
  userId: string | null;
  sessionId: string | null;
  errorCount: number;
}

export interface ArrivedObservation {
  id: string;
  traceId: string;
  parentId: string | null;
  type: string;
  name: string | null;
  level: string;
  startUs: number;
  /** Null: it has not ended. */
  durationUs: number | null;
  tokens: number | null;
  cost: number | null;
  model: string | null;
  /** The beginning. */
  status: string | null;
  output: string | null;
}

export interface Arrivals {
  traces: ArrivedTrace[];
  observations: ArrivedObservation[];
  /** For the next question: what came until now. */
  next: { trace: number; observation: number };
  /** More has come than the answer holds. */
  isMore: boolean;
}
