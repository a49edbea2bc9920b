/**
 * Holds spans that have ended but cannot be written yet: their resource still waits for attributes, or the application's mask has
 * returned a promise. Bounded in number and in time.
 */

import type { FinishedSpan, ResourceLike } from '../../records/finished-span.js';
import { sleep } from '../../shared/runtime/real-time.js';
import { startTimeout } from '../../shared/runtime/timeout.js';
import type { SpanSink } from './span-sink.js';

export interface HeldSpans {
  readonly held: Set<Held>;
  readonly maxHeld: number;
  readonly maxWaitMs: number;
  /** The waits that have begun, by resource; false once a wait has ended. */
  readonly resources: WeakMap<ResourceLike, Promise<unknown> | false>;
}

interface Held {
  readonly settled: Promise<void>;
  /** Writes it in its current state. */
  readonly writeNow: () => void;
}

export function createHeldSpans(maxHeld: number, maxWaitMs: number): HeldSpans {
  return { held: new Set(), maxHeld, maxWaitMs, resources: new WeakMap() };
}

/** A promise for the pending attributes of a span's resource. Undefined: none are pending, or they took too long. */
export function resourceOf(spans: HeldSpans, { resource }: FinishedSpan): Promise<unknown> | undefined {
  if (resource?.asyncAttributesPending !== true) return undefined;
  const waits = spans.resources.get(resource);
  if (waits !== undefined) return waits || undefined;
  const wait = Promise.race([waitFor(resource).catch(() => {}), sleep(spans.maxWaitMs)]);
  spans.resources.set(resource, wait);
  void wait.then(() => spans.resources.set(resource, false));
  return wait;
}

/** Async, so that it also rejects if the call throws. */
async function waitFor(resource: ResourceLike): Promise<void> {
  await resource.waitForAsyncAttributes?.();
}

export function hasRoomToHold({ held, maxHeld }: HeldSpans): boolean {
  return held.size < maxHeld;
}

/**
 * Writes the span that `ready` resolves to, or the `fallback` if it rejects. Each span is written once: a span that `writeNow` has
 * written is not written again.
 */
export function holdSpan(
  { held }: HeldSpans,
  ready: Promise<FinishedSpan>,
  sink: SpanSink,
  fallback: () => FinishedSpan,
): void {
  const write = (span: () => FinishedSpan): void => {
    if (!held.delete(one)) return;
    try {
      sink.write(span());
    } catch {
      sink.refuse('unserializable');
    }
  };
  const one: Held = {
    settled: ready.then(
      (span) => write(() => span),
      () => write(fallback),
    ),
    writeNow: () => write(fallback),
  };
  held.add(one);
}

/** Rejects if the application's mask takes too long. */
export function inTime<T>({ maxWaitMs }: HeldSpans, masked: Promise<T>): Promise<T> {
  const timeout = startTimeout(maxWaitMs, false);
  const late = timeout.expired.then(() => Promise.reject());
  return Promise.race([masked, late]).finally(timeout.cancel);
}

/** Resolves once all spans that are held now have been written. */
export async function allWritten({ held }: HeldSpans): Promise<void> {
  await Promise.all(Array.from(held, ({ settled }) => settled));
}

/** For the end of the process, which waits for nothing any more. */
export function writeAllHeld({ held }: HeldSpans): void {
  for (const { writeNow } of held) writeNow();
}
