/** The JSON of complaints: what a Langfuse server would drop or change. */

/** What a Langfuse server would drop or change. */
export interface ComplaintView {
  code: string;
  /** dropped, changed or disagreement. */
  severity: string;
  traceId: string | null;
  observationId: string | null;
  field: string;
  message: string;
}

export interface ComplaintList {
  complaints: ComplaintView[];
  /** How many there are in all. */
  total: number;
}
