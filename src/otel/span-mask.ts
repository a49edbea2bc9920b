/** The option `mask`: what an application's function makes of the payloads of a span, on the application's thread. */

import { nameOf } from '../shared/errors.js';
import { stringifyWellFormed } from '../shared/json.js';
import { FULLY_MASKED } from '../shared/masking.js';
import { isThenable } from '../tracing/mask.js';
import type { FinishedSpan } from './finished-span.js';
import { withMaps } from './span-copy.js';

/**
 * Called for each attribute that holds a payload; what it returns, or its promise resolves to, is sent instead. Where it
 * fails, the attribute is masked as a whole.
 */
// biome-ignore lint/suspicious/noExplicitAny: whatever the application put there
export type SpanMaskFunction = (params: { data: any }) => unknown;

/** Input, output and metadata of Langfuse's clients, whole or flattened by key. */
const OF_LANGFUSE = /^langfuse\.(?:observation|trace)\.(?:input|output|metadata)(?:\.|$)/;
/**
 * What a Langfuse server shows as input and output of spans that others have made: OpenTelemetry's conventions for
 * generative AI, the Vercel AI SDK, OpenInference, OpenLLMetry.
 */
const OF_OTHERS =
  /^(?:gen_ai\.(?:input\.messages|output\.messages|system_instructions|prompt|completion|tool\.call\.(?:arguments|result))|ai\.(?:prompt|(?:response|result)\.(?:text|object|toolCalls|reasoning|files)|toolCall\.(?:args|result)|values?|embeddings?|telemetry\.metadata)|metadata|(?:input|output)\.value|llm\.(?:(?:input|output)_messages|prompts)|retrieval\.documents|embedding\.embeddings|traceloop\.entity\.(?:input|output))(?:\.|$)/;
/** Events that are messages, in older conventions for generative AI, and what of them is payload. */
const MESSAGE_EVENT = /^gen_ai\.(?:(?:system|user|assistant|tool)\.message|choice)$/;
const OF_MESSAGE = /^(?:content|message|tool_calls|gen_ai\.event\.content)(?:\.|$)/;

/** By key: there are few, and each attribute of each span asks. */
const payloadKeys = new Map<string, boolean>();
const MAX_PAYLOAD_KEYS = 10_000;

export type OnMaskFailure = (what: string) => void;

/** The span as it may be sent: itself where it has no payload, else a copy. A promise where the mask returns one. */
export function maskSpan(
  mask: SpanMaskFunction,
  span: FinishedSpan,
  onFailure: OnMaskFailure,
): FinishedSpan | Promise<FinishedSpan> {
  const maps = mapsOf(span);
  const payloads = payloadsOf(span, maps);
  if (payloads.length === 0) return span;
  const values = payloads.map(({ map, key }) => applyMask(mask, maps[map]?.[key], onFailure));
  const merge = (masked: readonly unknown[]): FinishedSpan =>
    withMaps(span, replaced(maps, payloads, masked.map(toAttribute)));
  return values.some(isThenable) ? Promise.all(values).then(merge) : merge(values);
}

/** The span with each of its payloads hidden: where there is no time for the mask. */
export function hideSpan(span: FinishedSpan): FinishedSpan {
  const maps = mapsOf(span);
  const payloads = payloadsOf(span, maps);
  return withMaps(
    span,
    replaced(
      maps,
      payloads,
      payloads.map(() => FULLY_MASKED),
    ),
  );
}

type Attributes = FinishedSpan['attributes'];

interface Payload {
  /** Index of the attributes that it is among. */
  readonly map: number;
  readonly key: string;
}

/** The span's own attributes, then those of each event. Read once: what is looked at is what is sent. */
function mapsOf({ attributes, events }: FinishedSpan): Attributes[] {
  return [attributes, ...events.map((event) => event.attributes ?? {})];
}

function payloadsOf({ events }: FinishedSpan, maps: readonly Attributes[]): Payload[] {
  return maps.flatMap((attributes, map) => {
    const isMessage = map > 0 && MESSAGE_EVENT.test(events[map - 1]?.name ?? '');
    const keys = Object.keys(attributes).filter(
      (key) => isPayloadKey(key) || (isMessage && OF_MESSAGE.test(key)),
    );
    return keys.map((key) => ({ map, key }));
  });
}

function replaced(
  maps: readonly Attributes[],
  payloads: readonly Payload[],
  values: readonly unknown[],
): Attributes[] {
  const copies = maps.map((attributes): Record<string, unknown> => ({ ...attributes }));
  payloads.forEach(({ map, key }, i) => {
    (copies[map] as Record<string, unknown>)[key] = values[i];
  });
  return copies;
}

/** Not its message in `onFailure`: that may quote what was to be masked. */
function applyMask(mask: SpanMaskFunction, data: unknown, onFailure: OnMaskFailure): unknown {
  const fail = (error: unknown): string => {
    onFailure(nameOf(error));
    return FULLY_MASKED;
  };
  try {
    const masked = mask({ data });
    return isThenable(masked) ? Promise.resolve(masked).catch(fail) : masked;
  } catch (error) {
    return fail(error);
  }
}

/** A server expects text where there was text. */
function toAttribute(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isListOfScalars(value)) return value;
  try {
    return stringifyWellFormed(value) ?? FULLY_MASKED;
  } catch {
    return FULLY_MASKED;
  }
}

function isListOfScalars(value: object): boolean {
  return Array.isArray(value) && value.every((one) => typeof one !== 'object');
}

function isPayloadKey(key: string): boolean {
  let isPayload = payloadKeys.get(key);
  if (isPayload === undefined) {
    isPayload = OF_LANGFUSE.test(key) || OF_OTHERS.test(key);
    if (payloadKeys.size < MAX_PAYLOAD_KEYS) payloadKeys.set(key, isPayload);
  }
  return isPayload;
}
