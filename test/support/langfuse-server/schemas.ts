/**
 * The schemas by which a Langfuse server judges each event, and what they make of a value: Langfuse's
 * packages/shared/src/server/ingestion/types.ts, its public variant. A field that no schema names is left out.
 */
import { z } from 'zod';
import { usage, usageDetails } from './usage-schemas.js';

const MAX_ID_CHARACTERS = 800;
const MAX_NAME_CHARACTERS = 1000;
const MAX_ENVIRONMENT_CHARACTERS = 40;
/** Langfuse's packages/shared/src/domain/scores.ts. */
const MAX_SCORE_TEXT_CHARACTERS = 500;

const id = z
  .string()
  .min(1)
  .max(MAX_ID_CHARACTERS)
  .refine((text) => !text.includes('\r'), 'an id with a carriage return');
const text = z.string().nullish();
const time = z.iso.datetime({ offset: true });
const json = z.json().nullish();
const anything = z.any().nullish();
const level = z.enum(['DEBUG', 'DEFAULT', 'WARNING', 'ERROR']).nullish();

/**
 * Lower case, without the reserved beginning, at most 40 characters; anything that is then no name is `default`
 * (`PublicEnvironmentName`).
 */
export function normalizeEnvironment(value: unknown): string {
  if (typeof value !== 'string') return 'default';
  const name = value
    .toLowerCase()
    .replace(/^(?:langfuse[-_]?)+/, '')
    .slice(0, MAX_ENVIRONMENT_CHARACTERS);
  return /^[a-z0-9_-]+$/.test(name) ? name : 'default';
}

const environment = z.unknown().transform(normalizeEnvironment).default('default');

/** Amounts that are no number, or below zero, are left out (`CostDetails`). */
const costDetails = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((costs) => {
    if (!costs) return costs;
    const kept = Object.entries(costs).filter(([, cost]) => typeof cost === 'number' && cost >= 0);
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  });

const traceBody = z.object({
  id: id.nullish(),
  timestamp: time.nullish(),
  name: z.string().max(MAX_NAME_CHARACTERS).nullish(),
  externalId: text,
  input: anything,
  output: anything,
  sessionId: text,
  userId: text,
  environment,
  metadata: json,
  release: text,
  version: text,
  public: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
});

const eventBody = z.object({
  id,
  traceId: id.nullish(),
  environment,
  name: text,
  startTime: time.nullish(),
  metadata: json,
  input: anything,
  output: anything,
  level,
  statusMessage: text,
  parentObservationId: text,
  version: text,
});

const spanBody = eventBody.extend({ endTime: time.nullish() });

const modelParameter = z
  .union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.record(z.string(), z.string())])
  .nullish();

/** Of generations, and of all the types that came after spans, generations and events. */
const generationBody = spanBody
  .extend({
    completionStartTime: time.nullish(),
    model: text,
    modelParameters: z.record(z.string(), modelParameter).nullish(),
    usage,
    usageDetails,
    costDetails,
    promptName: text,
    promptVersion: z.number().int().nullish(),
  })
  .refine(
    ({ promptName, promptVersion }) => Boolean(promptName) === Boolean(promptVersion),
    'a prompt needs a name and a version',
  );

const score = z.object({
  id: id.nullish(),
  name: z.string().min(1),
  traceId: text,
  sessionId: text,
  datasetRunId: text,
  environment,
  observationId: text,
  comment: text,
  metadata: json,
  source: z.enum(['API', 'EVAL', 'ANNOTATION']).default('API'),
  executionTraceId: text,
  queueId: text,
  configId: text,
});

const truthValue = z.number().refine((value) => value === 0 || value === 1, 'a truth value is 0 or 1');

/** Of one trace, one session or one dataset run; an observation stands inside its trace (`applyScoreValidation`). */
const scoreBody = z
  .discriminatedUnion('dataType', [
    score.extend({ dataType: z.literal('NUMERIC'), value: z.number() }),
    score.extend({ dataType: z.literal('CATEGORICAL'), value: z.string() }),
    score.extend({ dataType: z.literal('BOOLEAN'), value: truthValue }),
    score.extend({ dataType: z.literal('CORRECTION'), value: z.string(), configId: z.undefined().nullish() }),
    score.extend({ dataType: z.literal('TEXT'), value: z.string().min(1).max(MAX_SCORE_TEXT_CHARACTERS) }),
    score.extend({ dataType: z.undefined().optional(), value: z.union([z.string(), z.number()]) }),
  ])
  .refine(({ traceId, sessionId, datasetRunId, observationId }) => {
    const subjects = [traceId, sessionId, datasetRunId].filter(Boolean).length;
    return subjects === 1 && (Boolean(traceId) || !observationId);
  }, 'a score is of one trace, one session or one dataset run');

function event<Type extends string, Body extends z.ZodType>(type: Type, body: Body) {
  return z.object({ id, timestamp: time, metadata: json, type: z.literal(type), body });
}

/** `ingestionEvent`; without the legacy `observation-*` types and the internal one of dataset runs. */
export const ingestionEvent = z.discriminatedUnion('type', [
  event('trace-create', traceBody),
  event('score-create', scoreBody),
  event('event-create', eventBody),
  event('span-create', spanBody),
  event('span-update', spanBody),
  event('generation-create', generationBody),
  event('generation-update', generationBody),
  event('agent-create', generationBody),
  event('tool-create', generationBody),
  event('chain-create', generationBody),
  event('retriever-create', generationBody),
  event('evaluator-create', generationBody),
  event('embedding-create', generationBody),
  event('guardrail-create', generationBody),
  event('sdk-log', z.object({ log: z.json(), id: text })),
]);
