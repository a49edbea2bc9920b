/** Applies the option `mask` to the payloads of a span, on the application's thread. */

import type { SpanMaskFunction } from '../config/option-types.js';
import type { FinishedSpan } from '../records/finished-span.js';
import { FULLY_MASKED, isThenable } from '../records/masking.js';
import { locatePayload, toAttribute } from '../records/payload-attributes.js';
import { nameOf } from '../shared/untrusted-text/errors.js';
import { copySpan } from './span-copy.js';

type OnMaskFailure = (what: string) => void;

/** Returns the span itself if it has no payload, else a masked copy. Returns a promise if the mask does. */
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

/** Returns a copy with all payloads hidden, for when the mask takes too long. */
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
  /** Index of the attributes that contain it. */
  readonly map: number;
  readonly key: string;
}

/** The span's own attributes, then those of each event. Read only once, so that what is checked is what is sent. */
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

/** `onFailure` does not get the error's message, which may quote the value. */
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
