/** The data of the pages, provided by the receiver. Times are microseconds since 1970; null is unknown. */

export interface TraceSummary {
  id: string;
  name: string | null;
  startUs: number;
  durationUs: number | null;
  observationCount: number;
  errorCount: number;
  totalTokens: number | null;
  totalCost: number | null;
  /** Whether the totals contain estimates. */
  hasEstimatedTokens: boolean;
  hasEstimatedCost: boolean;
  scores: { name: string; count: number; mean: number | null; last: string | null }[];
  userId: string | null;
  sessionId: string | null;
  environment: string | null;
  tags: string[];
  complaintCount: number;
}

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

/** A payload, or the beginning of a long one. */
export interface PayloadView {
  text: string;
  /** Length of the whole payload in characters. */
  fullLength: number;
}

export interface TraceView extends TraceSummary {
  release: string | null;
  version: string | null;
  input: PayloadView | null;
  output: PayloadView | null;
  metadata: PayloadView | null;
}

export interface ObservationView {
  id: string;
  parentId: string | null;
  /** SPAN, GENERATION, TOOL, … */
  type: string;
  name: string | null;
  /** DEBUG, DEFAULT, WARNING or ERROR. */
  level: string;
  statusMessage: string | null;
  startUs: number;
  endUs: number | null;
  completionStartUs: number | null;
  totalTokens: number | null;
  totalCost: number | null;
  model: string | null;
  modelParameters: string | null;
  usageDetails: string | null;
  costDetails: string | null;
  /** Null: usage and cost are as given, or unknown. */
  estimate: EstimateView | null;
  promptName: string | null;
  promptVersion: number | null;
  version: string | null;
  input: PayloadView | null;
  output: PayloadView | null;
  metadata: PayloadView | null;
}

/** The source of estimated figures. */
export interface EstimateView {
  usage: string;
  cost: string;
  price?: string;
  priceModel?: string;
  tokenizer?: string;
  uncounted?: string;
}

export interface ScoreView {
  name: string;
  observationId: string | null;
  value: string;
  comment: string | null;
}
