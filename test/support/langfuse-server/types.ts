/** What the parts of the model hand to each other. */

/** Which of the two generations of storage the server has: tables of traces and observations, or one table of spans. */
export type ServerVersion = 3 | 4;

/** A request as far as the model reads it; the body is decompressed. */
export interface ReceivedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** An event of the ingestion endpoint, sent as such or made of a span. */
export interface IngestionEvent {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly body: Body;
}

export type Body = Readonly<Record<string, unknown>>;

/** Something that the server does not store at all. */
export interface Dropped {
  /** Of the event or the span; a request as a whole has none. */
  readonly id: string | null;
  /** The event's type, `span` or `request`. */
  readonly type: string;
  readonly status: number;
  readonly message: string;
  readonly error: string;
}

/** A value that the server stores, but not as it was sent. */
export interface Changed {
  /** Of the trace, observation or score. */
  readonly id: string;
  readonly field: string;
  readonly why: string;
}

export type Note = (field: string, why: string) => void;

/** Where the model writes down what a server keeps to itself. */
export interface Findings {
  readonly dropped: Dropped[];
  readonly changed: Changed[];
}

export interface StoredTrace {
  readonly id: string;
  readonly timestamp: string;
  readonly name: string | null;
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly environment: string;
  readonly version: string | null;
  readonly release: string | null;
  readonly public: boolean;
  readonly tags: readonly string[];
  /** Langfuse 3: a text for each key. Langfuse 4: nested objects are flattened to `outer.inner`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly input: string | null;
  readonly output: string | null;
}

export interface StoredObservation {
  readonly id: string;
  readonly traceId: string;
  readonly parentObservationId: string | null;
  readonly type: string;
  readonly name: string | null;
  readonly startTime: string;
  readonly endTime: string | null;
  readonly completionStartTime: string | null;
  readonly environment: string;
  readonly version: string | null;
  readonly level: string;
  readonly statusMessage: string | null;
  readonly model: string | null;
  readonly modelParameters: unknown;
  /** As provided; a server adds totals, prices and counts of its own. */
  readonly usageDetails: Body;
  readonly costDetails: Body;
  readonly promptName: string | null;
  readonly promptVersion: number | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly input: string | null;
  readonly output: string | null;
}

export interface StoredScore {
  readonly id: string;
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

export interface Stored {
  readonly traces: ReadonlyMap<string, StoredTrace>;
  readonly observations: ReadonlyMap<string, StoredObservation>;
  readonly scores: ReadonlyMap<string, StoredScore>;
}
