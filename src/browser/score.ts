/** A score as the page gives it → the event that is sent, or what is wrong with it. */

/** Fields of a score, as for `score()` of the client in `tailrace`. It belongs to a trace, to an observation in it, or to a session. */
export interface FeedbackScore {
  /** A score with the same id replaces the earlier one: thumbs down after thumbs up. @default random */
  id?: string | null | undefined;
  /** The trace's id as the server has it: `trace.id` (32 hexadecimal digits). */
  traceId?: string | null | undefined;
  /** With `traceId`: `observation.id` (16 hexadecimal digits). */
  observationId?: string | null | undefined;
  /** In place of `traceId`. */
  sessionId?: string | null | undefined;
  name: string;
  /** A number, a category, or a truth value (sent as 1 or 0 with type BOOLEAN). */
  value: number | string | boolean;
  /** @default by the type of the value: NUMERIC, CATEGORICAL or BOOLEAN. TEXT is for free text of up to 500 characters. */
  dataType?: 'NUMERIC' | 'CATEGORICAL' | 'BOOLEAN' | 'TEXT' | null | undefined;
  comment?: string | null | undefined;
  /** Anything that JSON can hold. */
  metadata?: unknown;
  /** A score configuration of the server, which then checks the value. */
  configId?: string | null | undefined;
  /** @default the option `environment` */
  environment?: string | null | undefined;
}

const TEXTS = ['id', 'traceId', 'observationId', 'sessionId', 'comment', 'configId', 'environment'] as const;

export type ScoreFields = { [field: string]: unknown };

/** A text says what is wrong. Each field is read once: a getter must not give another value later. */
export function fieldsOf(score: FeedbackScore, environment: string | undefined): ScoreFields | string {
  const { name, value, dataType, metadata } = score;
  const fields: ScoreFields = {};
  for (const field of TEXTS) {
    const text = score[field] ?? (field === 'environment' ? environment : undefined) ?? '';
    if (typeof text !== 'string') return `${field} must be a string`;
    if (text !== '') fields[field] = text;
  }
  if (typeof name !== 'string' || name === '') return 'name must be a string';
  if (!fields.traceId === !fields.sessionId) return 'it needs a traceId or a sessionId, and not both';
  if (fields.observationId && !fields.traceId) return 'an observationId needs the traceId';
  const isBoolean = typeof value === 'boolean';
  if (!isBoolean && typeof value !== 'string' && !Number.isFinite(value)) {
    return 'value must be a number, a string or a boolean';
  }
  return {
    ...fields,
    name,
    value: isBoolean ? Number(value) : value,
    dataType: dataType ?? (isBoolean ? 'BOOLEAN' : undefined),
    metadata: metadata ?? undefined,
  };
}

/** Not by `crypto.randomUUID`, which pages have only if they are served securely. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
