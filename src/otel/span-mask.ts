/** The option `mask`: what an application's function makes of the payloads of a span, on the application's thread. */

import type { FinishedSpan } from '../records/finished-span.js';
import { FULLY_MASKED } from '../records/masking.js';
import { locatePayload, toAttribute } from '../records/payload-attributes.js';
import { nameOf } from '../shared/untrusted-text/errors.js';
import { isThenable } from '../tracing/mask.js';
import { copySpan } from './span-copy.js';

/**
 * Called for each attribute that holds a payload; what it returns, or its promise resolves to, is sent instead. Where it
 * fails, the attribute is masked as a whole.
 */
// biome-ignore lint/suspicious/noExplicitAny: whatever the application put there
export type SpanMaskFunction = (params: { data: any }) => unknown;

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
    const eventName = map === 0 ? undefined : events[map - 1]?.name;
    const keys = Object.keys(attributes).filter((key) => locatePayload(key, eventName) !== undefined);
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

function withMaps(span: FinishedSpan, [attributes = {}, ...ofEvents]: readonly Attributes[]): FinishedSpan {
  return copySpan(span, {
    attributes,
    events: span.events.map((event, i) => ({ ...event, attributes: ofEvents[i] })),
  });
}
