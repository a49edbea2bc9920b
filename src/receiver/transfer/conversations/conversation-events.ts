/** A conversation → classic events: a trace that ends now, with its generations, tool calls and scores. */

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { isObject } from '../../../ingest/json-text.js';
import type { Conversation } from './conversation.js';
import { planConversation } from './conversation-plan.js';

const TRACE_NAME = 'conversation';
/** An id of OTLP or a UUID, as an export has it, is that of the trace: an import again replaces it. Others are names of tasks, which repeat. */
const TRACE_ID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export function conversationEvents(conversation: Conversation): object[] {
  const { id, model, metadata, scores } = conversation;
  const plan = planConversation(conversation);
  const startMs = Date.now() - plan.durationMs;
  const isTraceId = id !== undefined && TRACE_ID.test(id);
  const traceId = isTraceId ? id : randomBytes(16).toString('hex');
  const at = (ms: number) => new Date(startMs + ms).toISOString();
  const event = (type: string, body: object) => ({ id: randomUUID(), type, timestamp: at(0), body });
  return [
    event('trace-create', {
      id: traceId,
      timestamp: at(0),
      name: TRACE_NAME,
      input: plan.input,
      output: plan.output,
      metadata: isTraceId || id === undefined ? metadata : { ...asObject(metadata), conversationId: id },
      environment: 'default',
    }),
    ...plan.observations.map(({ type, name, startMs: start, endMs, firstTokenMs, ...fields }, index) =>
      event(`${type}-create`, {
        id: idOf(traceId, `observation ${index}`),
        traceId,
        name,
        startTime: at(start),
        endTime: at(endMs),
        completionStartTime: firstTokenMs === undefined ? undefined : at(firstTokenMs),
        model: type === 'generation' ? model : undefined,
        environment: 'default',
        ...fields,
      }),
    ),
    ...scores.map(({ name, value, comment }, index) =>
      event('score-create', {
        id: idOf(traceId, `score ${index}`),
        traceId,
        name,
        value: typeof value === 'boolean' ? Number(value) : value,
        dataType: typeof value === 'boolean' ? 'BOOLEAN' : undefined,
        comment,
        environment: 'default',
      }),
    ),
  ];
}

function asObject(metadata: unknown): object {
  if (metadata === undefined || metadata === null) return {};
  return isObject(metadata) ? metadata : { metadata };
}

function idOf(traceId: string, what: string): string {
  return createHash('sha256').update(`${traceId} ${what}`).digest('hex').slice(0, 16);
}
