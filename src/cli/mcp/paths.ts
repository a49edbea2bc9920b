/** Paths of the server's data. Ids may hold any character. */

export function tracePath(traceId: string): string {
  return `/api/tailrace/trace/${encodeURIComponent(traceId)}`;
}

export function observationPath(traceId: string, observationId: string): string {
  return `${tracePath(traceId)}/observation/${encodeURIComponent(observationId)}`;
}
