/** The values that a trace shares with its observations: read from bodies, and as TraceAttributes for their records. */
import type { Frozen } from '../event/frozen.js';
import type { ObservationFields } from '../records/observation.js';
import type { TraceBody } from './bodies.js';
import type { Propagated, TracingCore } from './core.js';
import { toEnvironment, toFlag, toTags, toText } from './fields.js';
import { addMetadata, freezeMetadata, keepPayload, type MaskSubject } from './payloads.js';
import { mergeTags } from './propagation/propagated.js';

export interface TraceValues {
  userId: string | null;
  sessionId: string | null;
  tags: readonly string[] | null;
  release: string | null;
  isPublic: boolean | null;
  metadata: Frozen[] | null;
}

/** Shared values that are fields of the trace's own record. */
type RecordFields = Pick<ObservationFields, 'name' | 'version' | 'environment'>;

export function createTraceValues(release: string | null, tags: readonly string[] | null): TraceValues {
  return { userId: null, sessionId: null, tags, release, isPublic: null, metadata: null };
}

/** What a body has set, as bits. */
export const SET_ATTRIBUTES = 1;
export const SET_PAYLOAD = 2;

/**
 * Sets values and fields from a body. Fields that are null or missing stay as they are. Metadata comes last: it is appended, which must
 * happen only once. `subject`: the trace, for the mask function.
 */
export function applyTraceBody(
  core: TracingCore,
  values: TraceValues,
  fields: ObservationFields,
  body: TraceBody,
  subject: MaskSubject,
): number {
  const setsValues = applyValues(core, values, fields, body);
  const { input, output } = body;
  const setsPayload = input !== undefined || output !== undefined;
  if (setsPayload) {
    fields.input = keepPayload(core, input, 'input', subject) ?? fields.input;
    fields.output = keepPayload(core, output, 'output', subject) ?? fields.output;
  }
  const metadata = freezeMetadata(core, body.metadata, subject);
  values.metadata = addMetadata(values.metadata, metadata);
  return (setsValues || metadata !== null ? SET_ATTRIBUTES : 0) | (setsPayload ? SET_PAYLOAD : 0);
}

/** Sets all values but payload and metadata. Returns whether the body has any of them. */
function applyValues(core: TracingCore, values: TraceValues, fields: RecordFields, body: TraceBody): boolean {
  const name = toText(body.name);
  const userId = toText(body.userId);
  const sessionId = toText(body.sessionId);
  const tags = toTags(body.tags);
  const version = toText(body.version);
  const release = toText(body.release);
  const environment = toEnvironment(core, body.environment);
  const isPublic = toFlag(body.public);
  fields.name = name ?? fields.name;
  values.userId = userId ?? values.userId;
  values.sessionId = sessionId ?? values.sessionId;
  values.tags = tags ?? values.tags;
  fields.version = version ?? fields.version;
  values.release = release ?? values.release;
  fields.environment = environment ?? fields.environment;
  values.isPublic = isPublic ?? values.isPublic;
  return (name ?? userId ?? sessionId ?? tags ?? version ?? release ?? environment ?? isPublic) !== null;
}

/** Sets the propagated attributes, but for version and environment: those apply only to what begins inside. */
export function inheritValues(
  values: TraceValues,
  fields: RecordFields,
  { traceName, userId, sessionId, tags, metadata }: Propagated,
): void {
  fields.name = traceName ?? fields.name;
  values.userId = userId ?? values.userId;
  values.sessionId = sessionId ?? values.sessionId;
  values.tags = mergeTags(values.tags, tags);
  if (metadata !== null) values.metadata = [...(values.metadata ?? []), ...metadata];
}
