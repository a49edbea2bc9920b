/** Traces of the classic endpoint: entities of their own, which must be made once for each trace, and when it changes. */
import { createHash } from 'node:crypto';
import { mergeMetadata } from '../../../records/metadata.js';
import { cutTraceName, type MetadataParts, type TraceAttributes } from '../../../records/trace.js';
import { setNewest } from '../../../shared/newest.js';
import { withoutNulls } from '../ingestion.js';

/** Traces that are remembered; one that has been forgotten is made again, which changes nothing. */
const MAX_KNOWN_TRACES = 4096;

/** What a trace shares with its observations; `ownMetadata` is what a trace's record has besides. */
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

/** Which traces the server has been told of, and with which attributes. */
export interface KnownTraces {
  /**
   * Whether this observation has to bring its trace with it. The one that brought it does so each time: it may be
   * encoded a second time because it was too large, and the first be thrown away.
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
