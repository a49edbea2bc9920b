/** Applies `maskModule` and `redact` for an exporter of the application: on its thread, as its spans never reach the worker. */

import { type Warn, warningOf } from '../messages/message.js';
import type { FinishedSpan } from '../records/finished-span.js';
import { loadMasking } from '../revision/masking.js';
import { createNaming } from '../revision/redact/values.js';
import {
  createSpanMasking,
  createSpanRedaction,
  type SpanOwner,
  type SpanRevision,
} from '../revision/span-revision.js';
import type { PayloadOptions } from '../shared/contract/redaction.js';
import type { DiagNotifier } from './diag-notifier.js';
import { copySpan } from './span-copy.js';

export interface OwnRevisions {
  /** Returns the span as it may be exported. Returns a promise while the module is being loaded, which does not reject if that fails. */
  revise(span: FinishedSpan): FinishedSpan | Promise<FinishedSpan>;
  /** Applies only `redact`: for a span whose payloads are hidden. */
  redact(span: FinishedSpan): FinishedSpan;
}

/** Undefined: neither option is set. */
export function createOwnRevisions(
  { maskModule, redact }: PayloadOptions,
  notifier: DiagNotifier,
): OwnRevisions | undefined {
  if (maskModule === undefined && redact === undefined) return undefined;
  const warning: Warn = (topic, text) => notifier.warnOnce(warningOf(topic, text), topic);
  const context = { warning };
  const redaction = redact && createSpanRedaction(redact, context);
  const redactSpan = (span: FinishedSpan) => (redaction === undefined ? span : reviseSpan(span, redaction));
  let masking: SpanRevision | undefined;
  let loading: Promise<void> | undefined;
  if (maskModule !== undefined) {
    loading = loadMasking(maskModule, context).then((mask) => {
      masking = createSpanMasking(mask);
      loading = undefined;
    });
  }
  const reviseNow = (span: FinishedSpan) =>
    redactSpan(masking === undefined ? span : reviseSpan(span, masking));
  return {
    revise: (span) => (loading === undefined ? reviseNow(span) : loading.then(() => reviseNow(span))),
    redact: redactSpan,
  };
}

function reviseSpan(span: FinishedSpan, revision: SpanRevision): FinishedSpan {
  const { traceId, spanId } = span.spanContext();
  const owner: SpanOwner = { traceId, id: spanId, name: span.name };
  const revised = (attributes: Attributes, eventName?: string) =>
    reviseAttributes(attributes ?? {}, revision, owner, eventName);
  const { message, ...status } = span.status;
  return copySpan(span, {
    attributes: revised(span.attributes),
    events: span.events.map((event) => ({ ...event, attributes: revised(event.attributes, event.name) })),
    links: span.links.map((link) => ({ ...link, attributes: revised(link.attributes) })),
    status:
      typeof message === 'string'
        ? { ...status, message: revision.statusMessage(message, owner) }
        : span.status,
  });
}

type Attributes = FinishedSpan['attributes'] | undefined;

function reviseAttributes(
  attributes: FinishedSpan['attributes'],
  revision: SpanRevision,
  span: SpanOwner,
  eventName: string | undefined,
): FinishedSpan['attributes'] {
  const nameOf = createNaming(revision.key);
  const entries = Object.entries(attributes).map(([key, value]) => [
    // As it is on the wire, where keys with half a character may be alike.
    nameOf(key.toWellFormed()),
    revision.attribute(key, value, { eventName, span }),
  ]);
  return Object.fromEntries(entries);
}
