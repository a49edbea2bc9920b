/** The partial success of an OTLP response: reports what a Langfuse server would drop or change (trace_service.proto). */

import { COMPLAINT_CODES } from '../../../ingest/complaint-codes.js';
import type { Finding } from '../../../ingest/findings.js';
import { protobufField } from './protobuf-writer.js';

/** `rejectedSpans` 0: all spans are accepted, and the message is a warning. Undefined: no findings. */
export interface PartialSuccess {
  rejectedSpans: number;
  errorMessage: string;
}

export function partialSuccessOf(findings: readonly Finding[], dropped: number): PartialSuccess | undefined {
  if (findings.length === 0) return undefined;
  const counts = new Map<string, number>();
  for (const { code } of findings) counts.set(code, (counts.get(code) ?? 0) + 1);
  // Dropped spans first: they are why the request is only partly accepted.
  const ordered = [...counts].sort(([a], [b]) => Number(isDropped(b)) - Number(isDropped(a)));
  const codes = ordered.map(([code, count]) => (count === 1 ? code : `${code} ×${count}`));
  const first = findings.find(({ code }) => code === ordered[0]?.[0])?.message;
  const lead = dropped > 0 ? 'a Langfuse server does not store' : 'a Langfuse server changes';
  return { rejectedSpans: dropped, errorMessage: `${lead}: ${codes.join(', ')} (${first})` };
}

function isDropped(code: string): boolean {
  return COMPLAINT_CODES[code as keyof typeof COMPLAINT_CODES] === 'dropped';
}

export function partialSuccessJson(partial: PartialSuccess | undefined): object {
  if (partial === undefined) return {};
  // A 64-bit integer is a string in JSON.
  return { partialSuccess: { ...partial, rejectedSpans: String(partial.rejectedSpans) } };
}

/** ExportTraceServiceResponse: field 1 is the message, and in it 1 is the number and 2 the text. */
export function partialSuccessProtobuf(partial: PartialSuccess | undefined): Uint8Array {
  if (partial === undefined) return new Uint8Array();
  const { rejectedSpans, errorMessage } = partial;
  return protobufField(1, Buffer.concat([protobufField(1, rejectedSpans), protobufField(2, errorMessage)]));
}
