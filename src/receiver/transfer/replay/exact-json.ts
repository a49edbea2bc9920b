/** Writes a stored text as JSON from which exactly this text comes back: as the value that it is the JSON of, or as a string. */

import { isWalkable } from '../../../ingest/json-text.js';
/** Null: there is none. An object or a list is written as such if its text is the one that JavaScript writes. */
export function exactJson(text: string | null): string | null {
  if (text === null) return null;
  return isObjectText(text) ? text : JSON.stringify(text);
}

/** The same. An empty text is none for a Langfuse server. */
export function exactPayload(text: string | null): string | null {
  return text === '' ? null : exactJson(text);
}

function isObjectText(text: string): boolean {
  if (!/^[[{]/.test(text) || !isWalkable(text)) return false;
  try {
    return JSON.stringify(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}
