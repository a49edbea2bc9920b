/** Traces of the classic endpoint: entities of their own, to be created once, and again when they change. */
import { createHash } from 'node:crypto';
import { mergeMetadata } from '../../../records/metadata.js';
import { cutTraceName, type MetadataParts, type TraceAttributes } from '../../../records/trace.js';
import { setNewest } from '../../../shared/newest.js';
import { withoutNulls } from '../ingestion.js';

/** So many traces are remembered; a forgotten trace is created again, which changes nothing. */
const MAX_KNOWN_TRACES = 4096;

/** The fields that a trace shares with its observations. `ownMetadata`: further metadata, of a trace's record. */
export function traceFields(
  attributes: TraceAttributes | null,
  fallbackName: unknown,
  ownMetadata: MetadataParts,
): Record<string, unknown> {
  const [name, userId, sessionId, tags, metadata, release, isPublic] = attributes ?? [];
  const parts = [...(ownMetadata ?? []), ...(metadata ?? [])];
  return withoutNulls({
    name: toName(name ?? fallbackName),
    userId,
    sessionId,
    tags,
    metadata: parts.length === 0 ? null : mergeMetadata(parts),
    release,
    public: isPublic,
  });
}

function toName(name: unknown): string | null {
  return typeof name === 'string' ? cutTraceName(name) : null;
}

/** The traces that were sent to the server, and their attributes. */
export interface KnownTraces {
  /**
   * Whether this observation has to bring its trace with it. The observation that brought it does so again: it may be encoded
   * a second time because it was too large, and the first result is discarded.
   */
  isNews(traceId: string, observationId: string, attributes: Buffer): boolean;
  forgetAll(): void;
}

export function createKnownTraces(): KnownTraces {
  const known = new Map<string, { digest: string; broughtBy: string }>();
  return {
    isNews(traceId, observationId, attributes) {
      const digest = createHash('sha1').update(attributes).digest('base64');
      const last = known.get(traceId);
      if (last?.digest === digest && last.broughtBy !== observationId) return false;
      setNewest(known, traceId, { digest, broughtBy: observationId }, MAX_KNOWN_TRACES);
      return true;
    },
    forgetAll: () => known.clear(),
  };
}
