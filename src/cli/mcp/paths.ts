/** Paths of the server's data. Ids may hold any character. */
import { ToolError } from './tool-error.js';

export function tracePath(traceId: string): string {
  return `/api/tailrace/trace/${segment(traceId)}`;
}

export function observationPath(traceId: string, observationId: string): string {
  return `${tracePath(traceId)}/observation/${segment(observationId)}`;
}

/** URLs have no form of dot segments that names an id: also their escapes lead to the path above. */
function segment(id: string): string {
  if (id === '.' || id === '..') throw new ToolError(`no request can name the id "${id}"`);
  return encodeURIComponent(id);
}
