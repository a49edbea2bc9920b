/** How a run that ended with an error is shown: as failed, as cancelled, or as interrupted, which for LangGraph is no failure. */
import type { ObservationBody } from '../../index.js';
import { shape } from './messages.js';

/** What LangChain and LangGraph throw, as far as it is read. */
interface ErrorLike {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  /** Of an HTTP error of a model's server: why it refused. */
  readonly error?: unknown;
  /** Of LangGraph's `GraphBubbleUp`: control flow (an interrupt, a command to the parent graph), not a failure. */
  readonly is_bubble_up?: unknown;
  /** Of LangGraph's `GraphInterrupt`. */
  readonly interrupts?: unknown;
  /** Of LangChain's `ModelAbortError`. */
  readonly partialOutput?: unknown;
}

/** Sets level, status message, and what the run had produced. */
export function describeError(body: ObservationBody, error: unknown): void {
  // Stays if the error cannot be read.
  body.level = 'ERROR';
  const isObject = typeof error === 'object' && error !== null;
  const { name, is_bubble_up, interrupts, partialOutput } = (isObject ? error : {}) as ErrorLike;
  if (is_bubble_up === true) {
    body.level = undefined;
    body.statusMessage = String(name);
    if (interrupts !== undefined) body.output = { interrupts };
    return;
  }
  const isCancelled = isObject && isAbort(error);
  if (isCancelled) body.level = 'WARNING';
  body.statusMessage = String(error) + (isObject && !isCancelled ? detailsOf(error) : '');
  if (partialOutput !== undefined) body.output = shape(partialOutput);
}

/** LangChain throws the reason of the signal, or an Error that says no more than this. */
function isAbort({ name, code, message }: ErrorLike): boolean {
  return name === 'AbortError' || name === 'ModelAbortError' || code === 'ABORT_ERR' || message === 'Aborted';
}

/** Azure says only here that a content filter refused the request. */
function detailsOf({ error }: ErrorLike): string {
  if (error === undefined) return '';
  try {
    return `\n\nError details:\n${JSON.stringify(error, null, 2)}`;
  } catch {
    return '';
  }
}
