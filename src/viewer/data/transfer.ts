/** Exports and imports: their formats, and the JSON of what each has done. */

/** `replay`: batches of Langfuse's ingestion; `otlp`: requests of OTLP; `conversations`: messages of chats. One a line. */
export const EXPORT_FORMATS = ['replay', 'otlp', 'conversations'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What an export wrote. */
export interface ExportSummary {
  traces: number;
  observations: number;
  scores: number;
  comments: number;
  media: number;
  /** What the format cannot hold. */
  leftOutCount: number;
  /** The first of it by name. */
  leftOut: string[];
}

/** What an export of a page has written so far. `broken`: its reader has gone, or it failed. */
export interface ExportState extends ExportSummary {
  phase: 'running' | 'done' | 'broken';
}

/** What an import stored. */
export interface ImportSummary {
  traces: number;
  observations: number;
  scores: number;
  comments: number;
  media: number;
  /** Lines, or events in them, that are not stored. */
  refusedCount: number;
  /** The first of them. */
  refused: { line: number; problem: string }[];
}
