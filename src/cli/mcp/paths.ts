/** Paths of the server's data. Ids may hold any character. */
import { segmentOf } from '../../viewer/path-segments.js';

export function tracePath(traceId: string): string {
  return `/api/tailrace/trace/${segmentOf(traceId)}`;
}

export function observationPath(traceId: string, observationId: string): string {
  return `${tracePath(traceId)}/observation/${segmentOf(observationId)}`;
}
