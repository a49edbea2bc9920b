/**
 * What Langfuse's public API answers with, restated from its sources (v4.16), as strict as these are: every key is
 * required unless said otherwise, and there are no others.
 *
 * web/src/features/public-api/types/{traces,sessions,observations,comments}.ts, web/src/pages/api/public/projects/index.ts,
 * packages/shared/src/features/scores/interfaces/api/{v1,v2,v3}/schemas.ts, packages/shared/src/utils/zod.ts
 */
import { z } from 'zod';

const time = z.iso.datetime();
const text = z.string().nullable();
const count = z.number().int().nonnegative();
const figures = z.record(z.string(), z.number().nonnegative());
const metadata = z.record(z.string(), z.unknown());
/** Any JSON, but there. */
const json = z.unknown().refine((value) => value !== undefined);
const environment = z.string().min(1);

export const meta = z.strictObject({
  page: count.positive(),
  limit: count.positive(),
  totalItems: count,
  totalPages: count,
});
export const pageOf = <T extends z.ZodType>(item: T) => z.strictObject({ data: z.array(item), meta });

/** APITrace */
const plainTrace = z.strictObject({
  id: z.string(),
  externalId: z.null(),
  timestamp: time,
  name: text,
  userId: text,
  metadata,
  release: text,
  version: text,
  projectId: z.string(),
  environment,
  public: z.boolean(),
  bookmarked: z.boolean(),
  tags: z.array(z.string()),
  input: json,
  output: json,
  sessionId: text,
  createdAt: time,
  updatedAt: time,
});

const observationType = z.enum([
  'GENERATION',
  'SPAN',
  'EVENT',
  'AGENT',
  'TOOL',
  'CHAIN',
  'RETRIEVER',
  'EVALUATOR',
  'EMBEDDING',
  'GUARDRAIL',
]);
const level = z.enum(['DEBUG', 'DEFAULT', 'WARNING', 'ERROR']);
const number = z.number().nullable();

/** APIObservation */
export const observation = z.strictObject({
  id: z.string(),
  projectId: z.string(),
  traceId: text,
  parentObservationId: text,
  name: text,
  type: observationType,
  environment,
  startTime: time,
  endTime: time.nullable(),
  version: text,
  createdAt: time,
  updatedAt: time,
  input: json,
  output: json,
  metadata,
  level,
  statusMessage: text,
  model: text,
  modelParameters: json,
  completionStartTime: time.nullable(),
  promptId: text,
  promptName: text,
  promptVersion: count.positive().nullable(),
  usageDetails: figures,
  costDetails: figures,
  usage: z.strictObject({ unit: text, input: z.number(), output: z.number(), total: z.number() }),
  unit: text,
  promptTokens: z.number(),
  completionTokens: z.number(),
  totalTokens: z.number(),
  usagePricingTierName: text,
  usagePricingTierId: text,
  modelId: text,
  inputPrice: number,
  outputPrice: number,
  totalPrice: number,
  calculatedInputCost: number,
  calculatedOutputCost: number,
  calculatedTotalCost: number,
  latency: number,
  timeToFirstToken: number,
});

/** APIObservationV2: the fields that are always there, and those of each group. */
const coreV2 = {
  id: z.string(),
  traceId: text,
  startTime: time,
  endTime: time.nullable(),
  projectId: z.string(),
  parentObservationId: text,
  type: observationType,
  modelId: text,
  inputPrice: text,
  outputPrice: text,
  totalPrice: text,
};
const groupsV2 = {
  basic: {
    isRootObservation: z.boolean(),
    name: text,
    level,
    statusMessage: text,
    version: text,
    environment,
    bookmarked: z.boolean(),
    public: z.boolean(),
    userId: text,
    sessionId: text,
  },
  time: { completionStartTime: time.nullable(), createdAt: time, updatedAt: time },
  io: { input: text, output: text },
  metadata: { metadata },
  model: { providedModelName: text, internalModelId: text, modelParameters: json },
  usage: { usageDetails: figures, costDetails: figures, totalCost: number, usagePricingTierName: text },
  prompt: { promptId: text, promptName: text, promptVersion: count.positive().nullable() },
  metrics: { latency: number, timeToFirstToken: number },
  trace_context: { traceName: text, tags: z.array(z.string()), release: text },
};
export const groupNamesV2 = Object.keys(groupsV2) as (keyof typeof groupsV2)[];
export const observationsV2 = (...groups: (keyof typeof groupsV2)[]) =>
  z.strictObject({
    data: z.array(
      z.strictObject(Object.assign({}, coreV2, ...groups.map((group) => groupsV2[group])) as typeof coreV2),
    ),
    meta: z.strictObject({ cursor: z.string().optional() }),
  });

const scoreBase = {
  id: z.string(),
  projectId: z.string(),
  environment,
  name: z.string(),
  source: z.enum(['API', 'EVAL', 'ANNOTATION']),
  authorUserId: text,
  comment: text,
  metadata,
  configId: text,
  queueId: text,
  executionTraceId: text,
  createdAt: time,
  updatedAt: time,
  timestamp: time,
  observationId: text,
};
const values = {
  NUMERIC: { value: z.number(), stringValue: z.null() },
  CATEGORICAL: { value: z.number(), stringValue: z.string() },
  BOOLEAN: { value: z.union([z.literal(0), z.literal(1)]), stringValue: z.enum(['True', 'False']) },
  TEXT: { stringValue: z.string() },
  CORRECTION: { value: z.literal(0), stringValue: z.string() },
};
function scoreWith<T extends z.ZodRawShape>(shape: T, dataTypes: (keyof typeof values)[]) {
  return z.union(
    dataTypes.map((dataType) =>
      z.strictObject({ ...scoreBase, ...shape, ...values[dataType], dataType: z.literal(dataType) }),
    ),
  );
}
const typesV1 = ['NUMERIC', 'CATEGORICAL', 'BOOLEAN', 'TEXT'] as const;
const subjectsV2 = { traceId: text, sessionId: text, datasetRunId: text };
const traceOfV1 = { userId: text, tags: z.array(z.string()), environment };

/** APIComment */
export const comment = z.strictObject({
  id: z.string(),
  projectId: z.string(),
  createdAt: time,
  updatedAt: time,
  objectType: z.enum(['TRACE', 'OBSERVATION', 'SESSION', 'PROMPT']),
  objectId: z.string(),
  content: z.string().min(1).max(5000),
  authorUserId: text,
});

/** APIScoreSchemaV1, GetScoreResponseDataV1 */
export const scoreV1 = scoreWith({ traceId: z.string() }, [...typesV1]);
export const listedScoreV1 = scoreWith({ traceId: z.string(), trace: z.strictObject(traceOfV1) }, [
  ...typesV1,
]);
/** APIScoreSchemaV2, GetScoreResponseDataV2 */
export const scoreV2 = scoreWith(subjectsV2, [...typesV1, 'CORRECTION']);
export const listedScoreV2 = scoreWith(
  { ...subjectsV2, trace: z.strictObject({ ...traceOfV1, sessionId: text }).nullable() },
  [...typesV1, 'CORRECTION'],
);

/** APIScoreSchemaV3 */
const valuesV3 = {
  NUMERIC: z.number(),
  BOOLEAN: z.boolean(),
  CATEGORICAL: z.string(),
  TEXT: z.string(),
  CORRECTION: z.string(),
};
const coreV3 = {
  id: z.string(),
  projectId: z.string(),
  name: z.string(),
  source: scoreBase.source,
  timestamp: time,
  environment,
  createdAt: time,
  updatedAt: time,
};
const groupsV3 = {
  details: { comment: text, configId: text, metadata },
  annotation: { authorUserId: text, queueId: text },
  subject: {
    subject: z.union([
      z.strictObject({ kind: z.literal('observation'), id: z.string(), traceId: z.string() }),
      z.strictObject({ kind: z.enum(['trace', 'session', 'experiment']), id: z.string() }),
    ]),
  },
};
export const scoresV3 = (...groups: (keyof typeof groupsV3)[]) =>
  z.strictObject({
    data: z.array(
      z.union(
        Object.entries(valuesV3).map(([dataType, value]) =>
          z.strictObject(
            Object.assign(
              { ...coreV3, dataType: z.literal(dataType), value },
              ...groups.map((g) => groupsV3[g]),
            ),
          ),
        ),
      ),
    ),
    meta: z.strictObject({ limit: count, cursor: z.string().optional() }),
  });

const traceExtras = { htmlPath: z.string(), latency: number, totalCost: number };
/** APIExtendedTrace, GetTraceV1Response */
export const listedTrace = plainTrace.extend({
  ...traceExtras,
  observations: z.array(z.string()),
  scores: z.array(z.string()),
});
export const trace = plainTrace.extend({
  ...traceExtras,
  observations: z.array(observation),
  scores: z.array(scoreV1),
});

/** APISession, GetSessionV1Response */
export const listedSession = z.strictObject({
  id: z.string(),
  createdAt: time,
  projectId: z.string(),
  environment,
});
export const session = listedSession.extend({ traces: z.array(plainTrace) });

export const projects = z.strictObject({
  data: z
    .array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        organization: z.strictObject({ id: z.string(), name: z.string() }),
        metadata,
      }),
    )
    .length(1),
});
/** GetMetricsV1Response, GetMetricsV2Response */
export const metrics = z.strictObject({ data: z.array(z.record(z.string(), z.unknown())) });

const price = z.number().nonnegative();
/** APIModelDefinition, APIPricingTier, PricingTierConditionSchema */
export const model = z.strictObject({
  id: z.string(),
  modelName: z.string(),
  matchPattern: z.string(),
  startDate: time.nullable(),
  inputPrice: price.nullable(),
  outputPrice: price.nullable(),
  totalPrice: price.nullable(),
  unit: z.enum(['TOKENS', 'CHARACTERS', 'MILLISECONDS', 'SECONDS', 'REQUESTS', 'IMAGES']),
  tokenizerId: text,
  tokenizerConfig: json,
  isLangfuseManaged: z.boolean(),
  createdAt: time,
  prices: z.record(z.string(), z.strictObject({ price })),
  pricingTiers: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      isDefault: z.boolean(),
      priority: count,
      conditions: z.array(
        z.strictObject({
          usageDetailPattern: z.string(),
          operator: z.enum(['gt', 'gte', 'lt', 'lte', 'eq', 'neq']),
          value: z.number(),
          caseSensitive: z.boolean(),
        }),
      ),
      prices: z.record(z.string(), price),
    }),
  ),
});

/** GetMediaResponse, GetMediaUploadUrlResponse */
export const media = z.strictObject({
  mediaId: z.string(),
  contentType: z.string(),
  contentLength: count,
  uploadedAt: time,
  url: z.url(),
  urlExpiry: time,
});
export const mediaUpload = z.strictObject({ mediaId: z.string(), uploadUrl: z.url().nullable() });
export const ingestion = z.strictObject({
  successes: z.array(z.strictObject({ id: z.string(), status: z.number() })),
  errors: z.array(z.unknown()),
});
export const message = z.strictObject({ message: z.string() });
export const created = z.strictObject({ id: z.string().min(1) });
export const health = z.strictObject({ status: z.string(), version: z.string() });
