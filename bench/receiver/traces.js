/**
 * Traces of recorded agent runs (`../shared/data/airline-agent-runs.jsonl`) as OTLP bodies: a root, a generation for each message of the
 * assistant, a tool for each answer of one. Ids, times and a case number of its own make each trace another one.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { readConversations } from '../harness/recorded.js';

/** As BatchSpanProcessor sends them. */
const SPANS_PER_BODY = 512;
const RESOURCE = { attributes: { 'service.name': 'airline-agent' } };
const SCOPE = { name: 'bench', version: '1' };
const OK = { code: 1 };
const ERROR = { code: 2, message: 'the tool has timed out' };
const STEP_MS = 800;

/** `message`: the input of a generation is the message before it. `conversation`: all messages before it, as agents send them. */
export const SHAPES = ['message', 'conversation'];

/** Endless. Each has at most `SPANS_PER_BODY` spans. */
export function* bodies(shape, { startMs = Date.now() - 86_400_000, traceEveryMs = 50 } = {}) {
  const conversations = readConversations();
  let spans = [];
  for (let at = 0; ; at++) {
    for (const span of traceOf(
      conversations[at % conversations.length],
      at,
      shape,
      startMs + at * traceEveryMs,
    )) {
      spans.push(span);
      if (spans.length < SPANS_PER_BODY) continue;
      yield { body: Buffer.from(ProtobufTraceSerializer.serializeRequest(spans)), spans: spans.length };
      spans = [];
    }
  }
}

/** A trace of one root with so many spans below it, three under each. */
export function* wideTrace(count, traceId = randomBytes(16).toString('hex')) {
  const ids = Array.from({ length: count }, () => randomBytes(8).toString('hex'));
  let spans = [];
  for (const [at, spanId] of ids.entries()) {
    const startMs = Date.now() - 3_600_000 + at;
    const parent = at === 0 ? undefined : ids[Math.floor((at - 1) / 3)];
    const attributes = { 'langfuse.observation.type': 'span', 'langfuse.observation.input': `"step ${at}"` };
    spans.push(span({ traceId, spanId, parent, name: `step ${at % 50}`, startMs, attributes }));
    if (spans.length < SPANS_PER_BODY && at < count - 1) continue;
    yield { body: Buffer.from(ProtobufTraceSerializer.serializeRequest(spans)), spans: spans.length };
    spans = [];
  }
}

function* traceOf({ messages, model }, number, shape, startMs) {
  const traceId = randomBytes(16).toString('hex');
  const rootId = randomBytes(8).toString('hex');
  const ofTrace = {
    'langfuse.trace.name': `airline-agent-${number % 7}`,
    'user.id': `user-${number % 5_000}`,
    'session.id': `session-${number % 20_000}`,
    'langfuse.environment': number % 10 === 0 ? 'staging' : 'production',
    'langfuse.trace.tags': [`tag-${number % 12}`],
    'langfuse.trace.metadata.case': randomUUID(),
  };
  const root = {
    ...ofTrace,
    'langfuse.observation.type': 'agent',
    'langfuse.observation.input': JSON.stringify(messages[1].content),
  };
  yield span({
    traceId,
    spanId: rootId,
    name: 'airline-agent',
    startMs,
    ms: STEP_MS * messages.length,
    attributes: root,
  });
  for (const [at, message] of messages.entries()) {
    const step = {
      traceId,
      spanId: randomBytes(8).toString('hex'),
      parent: rootId,
      startMs: startMs + at * STEP_MS,
    };
    if (message.role === 'assistant') {
      const input = shape === 'conversation' ? messages.slice(0, at) : [messages[at - 1]];
      const attributes = {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.model.name': number % 3 === 0 ? 'gpt-4o-mini' : model,
        'langfuse.observation.input': JSON.stringify(input),
        'langfuse.observation.output': JSON.stringify({ ...message, case: `${number}-${at}` }),
        'langfuse.observation.usage_details': '{"input":812,"output":64,"total":876}',
        'langfuse.observation.cost_details': '{"total":0.0026}',
      };
      yield span({ ...step, name: 'chat', attributes });
    } else if (message.role === 'tool') {
      const status = number % 40 === 0 ? ERROR : OK;
      const attributes = {
        'langfuse.observation.type': 'tool',
        'langfuse.observation.level': number % 40 === 0 ? 'ERROR' : 'DEFAULT',
        'langfuse.observation.output': JSON.stringify(message.content),
      };
      yield span({ ...step, name: message.name ?? 'tool', status, attributes });
    }
  }
}

const hrTime = (ms) => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];

function span({ traceId, spanId, parent, name, startMs, ms = STEP_MS - 10, status = OK, attributes }) {
  return {
    name,
    kind: 0,
    spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
    parentSpanContext: parent && { traceId, spanId: parent, traceFlags: 1 },
    startTime: hrTime(startMs),
    endTime: hrTime(startMs + ms),
    status,
    attributes,
    links: [],
    events: [],
    ended: true,
    duration: hrTime(ms),
    resource: RESOURCE,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
