/**
 * All complaints of the receiver by code: what a Langfuse server does in each case, and which of its files shows that.
 *
 * `dropped`: the server does not store the event. `changed`: it stores something else than was sent.
 * `disagreement`: Langfuse 3 and Langfuse 4 show something different. Files are those of Langfuse 4.16, under
 * packages/shared/src/server unless another path is given. "Langfuse 3" is the code that writes its older tables.
 */

export type Severity = 'dropped' | 'changed' | 'disagreement';

export const COMPLAINT_CODES = {
  /** The body cannot be read: the request is answered with 400. web/src/pages/api/public/otel/v1/traces, …/ingestion.ts */
  'request-refused': 'dropped',
  /** One invalid trace, span or parent id fails the whole request. otel/utils.ts, validateOtelSpanIds */
  'invalid-id': 'dropped',
  /** The server's conversion of the span throws, and with it all spans of the request are lost. otel/OtelIngestionProcessor.ts, processToIngestionEvents */
  'conversion-fails': 'dropped',
  /** The schema wants another type; an observation or score with it is refused. ingestion/types.ts */
  'field-type': 'dropped',
  /** The same for a trace field on a span: the observation is stored, its trace event is lost. ingestion/types.ts, TraceBody */
  'trace-field-type': 'dropped',
  /** The name of a trace has at most 1,000 characters. ingestion/types.ts, TraceBody */
  'trace-name-too-long': 'dropped',
  /** `prompt.version` is an integer: OTLP's intValue, not text. ingestion/types.ts, CreateGenerationBody */
  'prompt-version-type': 'dropped',
  /** Prompt name and version belong together, and version 0 counts as none. ingestion/types.ts, CreateGenerationBody */
  'prompt-incomplete': 'dropped',
  /** Model parameters are an object of texts, numbers, booleans, lists of texts and objects of texts. ingestion/types.ts, CreateGenerationBody */
  'model-parameters-shape': 'dropped',
  /** A time that JavaScript can parse but that is not ISO 8601 with an offset. ingestion/types.ts, stringDateTime */
  'time-format': 'dropped',
  /** A classic event's level is one of four names. ingestion/types.ts, ObservationLevel */
  'level-refused': 'dropped',
  /** An id has 1 to 800 characters and no carriage return, and an observation has one. ingestion/types.ts, idSchema */
  'id-refused': 'dropped',
  /** A trace or score without an id is acknowledged and then left out. ingestion/processEventBatch.ts */
  'id-missing': 'dropped',
  /** The envelope: id, type, timestamp, body. ingestion/types.ts, base */
  'event-invalid': 'dropped',
  /** A public key alone (`Authorization: Bearer`) may create scores, and nothing else. ingestion/processEventBatch.ts, isAuthorized */
  'scope-denied': 'dropped',
  /** `usage` has integer counts, a known unit and costs that are numbers; usageDetails and costDetails are objects. ingestion/types.ts */
  'usage-shape': 'dropped',
  /** A score has a value that fits its data type, and one target. ingestion/types.ts, ScoreBody; utils/scores.ts */
  'score-invalid': 'dropped',
  /** A body that nests deeper than this receiver, or a schema of many levels, can walk. */
  'nested-too-deep': 'dropped',

  /** The attributes of a span of another scope are copied into metadata.attributes. otel/OtelIngestionProcessor.ts, createObservationEvent */
  'scope-not-langfuse-sdk': 'changed',
  /** A span of a scope that begins with langfuse-sdk keeps no other attributes. otel/OtelIngestionProcessor.ts, createObservationEvent */
  'attribute-not-kept': 'changed',
  /** A list of pairs, bytes or an empty value becomes the text of its OTLP JSON. otel/OtelIngestionProcessor.ts, convertValueToPlainJavascript */
  'attribute-structured': 'changed',
  /** An integer beyond 2^53 is rounded. otel/OtelIngestionProcessor.ts, convertOtelIntValue */
  'integer-rounded': 'changed',
  /** An unknown observation type is guessed from the other attributes. The ten known ones are in lower case. otel/ObservationTypeMapper.ts */
  'observation-type-unknown': 'changed',
  /** An unknown level is replaced by the one that follows from the span's status. otel/OtelIngestionProcessor.ts, parseObservationLevel */
  'level-unknown': 'changed',
  /** A level of another vocabulary (INFO, FATAL, …) becomes one of the four. otel/OtelIngestionProcessor.ts, parseObservationLevel */
  'level-renamed': 'changed',
  /** Lower case, without a leading `langfuse`, 40 characters of a-z 0-9 - _, else `default`. ingestion/types.ts, PublicEnvironmentName */
  'environment-changed': 'changed',
  /** A whole `metadata` value that is not an object is left out. otel/OtelIngestionProcessor.ts, parseMetadataAttribute */
  'metadata-dropped': 'changed',
  /** A whole `metadata` value that is a list becomes an object with its indices as keys. otel/OtelIngestionProcessor.ts, extractMetadata */
  'metadata-spread': 'changed',
  /** Classic metadata that is not an object is wrapped under the key `metadata`. worker/src/services/IngestionService/utils.ts, convertJsonSchemaToRecord */
  'metadata-wrapped': 'changed',
  /** A null in metadata becomes the text `null`, on Langfuse 4 the empty text. worker/src/services/IngestionService/utils.ts, convertRecordValuesToString */
  'metadata-null': 'changed',
  /** Only generations have a prompt. otel/OtelIngestionProcessor.ts, canLinkPrompt */
  'prompt-ignored': 'changed',
  /** Model parameters that are not JSON are ignored. otel/OtelIngestionProcessor.ts, extractModelParameters */
  'model-parameters-ignored': 'changed',
  /** A model parameter that is neither text nor number becomes its JSON text. otel/OtelIngestionProcessor.ts, sanitizeModelParams */
  'model-parameter-as-text': 'changed',
  /** Usage details that are not a JSON object are ignored. otel/OtelIngestionProcessor.ts, parseJsonObjectAttribute */
  'usage-ignored': 'changed',
  /** A count that is not an integer from 0 is left out. ingestion/types.ts, RawUsageDetails */
  'usage-member-dropped': 'changed',
  /** A count that is a string is parsed up to its last leading digit. ingestion/types.ts, RawUsageDetails */
  'usage-member-parsed': 'changed',
  /** OpenAI's usage is only converted if it has exactly the known keys; otherwise the keys stay as they are, and nested details are lost. ingestion/types.ts, UsageDetails */
  'usage-openai-shape': 'changed',
  /** Cost details that are not a JSON object are ignored. otel/OtelIngestionProcessor.ts, parseJsonObjectAttribute */
  'cost-ignored': 'changed',
  /** A cost that is not a number from 0 is left out. ingestion/types.ts, CostDetails */
  'cost-member-dropped': 'changed',
  /** A completion start time that cannot be parsed is left out. otel/OtelIngestionProcessor.ts, extractCompletionStartTime */
  'time-ignored': 'changed',
  /** A missing start or end time is copied from the other one, or taken from the clock. otel/OtelIngestionProcessor.ts, resolveSpanTimestamps */
  'time-missing': 'changed',
  /** An end before the start becomes the start. worker/src/services/IngestionService/index.ts, mergeObservationRecords */
  'end-before-start': 'changed',
  /** Tags that are not texts become texts; text with commas is split. otel/OtelIngestionProcessor.ts, extractTags */
  'tags-changed': 'changed',
  /** Tags that are neither a list nor text are left out. otel/OtelIngestionProcessor.ts, extractTags */
  'tags-ignored': 'changed',
  /** Any value but true means "not public". otel/OtelIngestionProcessor.ts, extractPublic */
  'public-not-boolean': 'changed',
  /** A user, session or model that is not text becomes its JSON text. otel/OtelIngestionProcessor.ts, extractUserId */
  'text-from-value': 'changed',
  /** Generation fields (model, usage, …) are left out of spans and events. ingestion/types.ts, CreateSpanBody */
  'field-ignored': 'changed',
  /** An input or output of 0 or false counts as absent. worker/src/services/IngestionService/index.ts, processObservationEventList */
  'payload-falsy': 'changed',
  /** A lone half of a surrogate pair becomes U+FFFD on its way to the database. */
  'text-not-unicode': 'changed',
  /** A span-update turns any observation into a span. worker/src/services/IngestionService/index.ts, getObservationType */
  'type-overwritten': 'changed',
  /** An observation without a trace gets a random one. worker/src/services/IngestionService/index.ts, mapObservationEventsToRecords */
  'observation-without-trace': 'changed',

  /** Langfuse 3 merges a trace by the time of its events, Langfuse 4 by arrival. queries/clickhouse-sql/event-query-builder.ts, EVENTS_AGGREGATION_FIELDS */
  'trace-views-differ': 'disagreement',
  /** If a span is sent twice, Langfuse 3 keeps fields that only the first version has; Langfuse 4 replaces the whole span. worker/src/services/IngestionService/utils.ts, overwriteObject */
  'observation-rewritten': 'disagreement',
} as const satisfies Record<string, Severity>;

export type ComplaintCode = keyof typeof COMPLAINT_CODES;

export const SEVERITIES: readonly Severity[] = ['dropped', 'changed', 'disagreement'];
