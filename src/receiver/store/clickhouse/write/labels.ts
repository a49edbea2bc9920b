/** The columns of observations that say something of their trace. */

/** What observations carry of their trace, for queries without a join. */
export interface TraceLabels {
  user_id: string | null;
  session_id: string | null;
  tags: string[];
  release: string | null;
  trace_name: string | null;
  trace_public: boolean;
}
