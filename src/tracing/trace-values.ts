/** What a trace shares with its observations, as the application says it. */
import type { ObservationFields } from '../records/observation.js';
import type { TraceValues } from '../records/trace.js';
import type { TraceBody } from './bodies.js';
import type { TracingCore } from './core.js';
import { toEnvironment, toFlag, toTags, toText } from './fields.js';
import { mergeTags, type Propagated } from './propagation/propagated.js';

/** Of those, what the trace's own record has fields for. */
type RecordFields = Pick<ObservationFields, 'name' | 'version' | 'environment'>;

export function createTraceValues(release: string | null, tags: readonly string[] | null): TraceValues {
  return { userId: null, sessionId: null, tags, release, isPublic: null, metadata: null };
}

/** Fields that are null or missing stay as they are. The payload is not among them. Returns whether anything was said. */
export function applyValues(
  core: TracingCore,
  values: TraceValues,
  fields: RecordFields,
  body: TraceBody,
): boolean {
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

/** Version and environment are of what begins inside, not of a trace that is there. */
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
