/** Level and status message for what a call threw. Never a key: OpenAI's answer to a wrong key quotes a part of it. */
import type { ObservationBody } from '../../index.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { type Fields, textOf } from './request.js';

/** A proxy answers with a page. */
const MAX_CHARS = 1000;
/** More than is shown, as hidden keys make a text shorter. */
const MAX_SEARCHED_CHARS = 10_000;
const MAX_CAUSES = 3;

/**
 * Keys as OpenAI and its likes make them (also starred out in the middle), tokens in a header, and what an error calls a key. Each
 * repetition that looks back is bounded: a page may have long runs of spaces, and this runs on the application's thread.
 */
const KEYS = [
  /\b(?:sk|pk|rk|sess|key|gsk|ek)[-_][\w*.-]{6,}/gi,
  /(?<=\b(?:bearer|basic)\s{1,9})[\w*.~+/=-]{6,}/gi,
  /(?<=\b(?:api|subscription|access)[ _-]?(?:key|token)\b[^:]{0,20}:\s{0,9})["']?[^\s"',]{4,}/gi,
];
const HIDDEN = '[key]';

/** @param key The client's own. */
export function failureFields(error: unknown, key: unknown): ObservationBody {
  try {
    if (isAbort(error)) return { level: 'WARNING', statusMessage: 'aborted' };
    return { level: 'ERROR', statusMessage: hideKeys(textOfError(error), key) };
  } catch {
    return { level: 'ERROR', statusMessage: 'an error that cannot be read' };
  }
}

export const ABORTED: ObservationBody = { level: 'WARNING', statusMessage: 'aborted' };

/** Of the package, of a signal, or of `fetch`. */
function isAbort(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return (error as Error).name === 'AbortError' || error.constructor?.name === 'APIUserAbortError';
}

function textOfError(error: unknown): string {
  const { code, requestID } = (error ?? {}) as Fields;
  const name = error instanceof Error ? `${error.constructor?.name ?? error.name}: ` : '';
  const details = [textOf(code), requestOf(requestID)].filter((one) => one !== undefined);
  const text = messageOf(error) + causesOf(error);
  return name + text + (details.length === 0 ? '' : ` (${details.join(', ')})`);
}

function requestOf(id: unknown): string | undefined {
  const text = textOf(id);
  return text === undefined ? undefined : `request ${text}`;
}

function causesOf(error: unknown): string {
  let text = '';
  let { cause } = (error ?? {}) as { cause?: unknown };
  for (let depth = 0; depth < MAX_CAUSES && cause !== undefined && cause !== null; depth++) {
    text += `, because: ${messageOf(cause)}`;
    cause = (cause as { cause?: unknown }).cause;
  }
  return text;
}

export function hideKeys(text: string, key: unknown): string {
  let hidden = typeof key === 'string' && key !== '' ? text.replaceAll(key, HIDDEN) : text;
  hidden = hidden.slice(0, MAX_SEARCHED_CHARS);
  for (const pattern of KEYS) hidden = hidden.replace(pattern, HIDDEN);
  return hidden.length > MAX_CHARS ? `${hidden.slice(0, MAX_CHARS)}…` : hidden;
}
