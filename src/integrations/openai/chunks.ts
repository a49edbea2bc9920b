/** Collects the chunks of a streamed answer, and makes the fields of the finished observation from them. */
import type { GenerationBody } from '../../index.js';
import { now } from '../../tracing/clock.js';
import { createChatChunks } from './chat-chunks.js';
import type { Collector } from './collector.js';
import { createEventChunks } from './event-chunks.js';
import type { RequestFields } from './request.js';

export interface Chunks {
  readonly request: RequestFields;
  /** Null until the first chunk shows the kind of stream. */
  collector: Collector | null;
  completionStartTime: number | undefined;
}

export function createChunks(request: RequestFields): Chunks {
  return { request, collector: null, completionStartTime: undefined };
}

export function addChunk(chunks: Chunks, chunk: unknown): void {
  if (typeof chunk !== 'object' || chunk === null) return;
  const fields = chunk as Readonly<Record<string, unknown>>;
  chunks.collector ??=
    typeof fields.type === 'string' ? createEventChunks(chunks.request) : createChatChunks(chunks.request);
  if (chunks.collector.add(fields)) chunks.completionStartTime ??= now();
}

export function fieldsOf({ collector, completionStartTime }: Chunks): GenerationBody {
  return { ...collector?.fields(), completionStartTime };
}
