/** The JSON of what is selected in a trace: payloads, the facts of an observation, what OpenTelemetry knows of a span. */

/** A payload, or the beginning of a long one. */
export interface PayloadView {
  text: string;
  /** Length of the whole payload in characters. */
  length: number;
}

export interface Payloads {
  input: PayloadView | null;
  output: PayloadView | null;
  metadata: PayloadView | null;
}

export interface SpanEventView {
  name: string;
  timeUs: number | null;
  attributes: Record<string, unknown>;
}

export interface SpanLinkView {
  traceId: string;
  spanId: string;
  /** Whether this server has the trace. */
  isStored: boolean;
  attributes: Record<string, unknown>;
}

/** What OpenTelemetry knows of a span besides its attributes. */
export interface SpanView {
  /** The first ones of `eventTotal`. */
  events: SpanEventView[];
  eventTotal: number;
  links: SpanLinkView[];
  linkTotal: number;
  scope: { name: string; version: string; attributes: Record<string, unknown> } | null;
  resource: Record<string, unknown> | null;
}

export interface ObservationDetail extends Payloads {
  statusMessage: string | null;
  version: string | null;
  environment: string | null;
  /** After the start of the observation. */
  firstTokenUs: number | null;
  modelParameters: Record<string, unknown> | null;
  usageDetails: Record<string, unknown> | null;
  costDetails: Record<string, unknown> | null;
  /** Null: usage and cost are as given, or unknown. */
  estimate: EstimateView | null;
  promptName: string | null;
  promptVersion: number | null;
  span: SpanView | null;
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
