/** Events, links, scope and resource of a span for the page. Metadata of a client that have these names and another shape are left out. */

import { isObject, parsedOrUndefined } from '../../ingest/json-text.js';
import type { SpanEventView, SpanLinkView, SpanView } from '../../viewer/data/details.js';
import type { Store } from '../store/contract.js';

const MAX_EVENTS = 100;
const MAX_LINKS = 100;
/** A stack has some thousand characters. The metadata have the whole. */
const MAX_ATTRIBUTE_CHARS = 20_000;

/** Null: the observation has none of these. */
export async function spanView(store: Store, traceId: string, id: string): Promise<SpanView | null> {
  const parts = await store.tracePage.spanParts(traceId, id);
  const events = listOf(parts.events, isEvent);
  const links = listOf(parts.links, isLink);
  const [scope, resource] = [objectOf(parts.scope), objectOf(parts.resource)];
  const isScope = scope !== null && typeof scope.name === 'string' && isObject(scope.attributes);
  if (events.length === 0 && links.length === 0 && !isScope && resource === null) return null;
  const shownLinks = links.slice(0, MAX_LINKS);
  const stored = await store.traces.known(shownLinks.map((link) => link.traceId));
  return {
    events: events.slice(0, MAX_EVENTS).map(eventView),
    eventTotal: events.length,
    links: shownLinks.map((link) => linkView(link, stored)),
    linkTotal: links.length,
    scope: isScope
      ? {
          name: String(scope.name),
          version: String(scope.version ?? ''),
          attributes: cutAttributes(scope.attributes as Attributes),
        }
      : null,
    resource: resource && cutAttributes(resource),
  };
}

type Attributes = Record<string, unknown>;

interface StoredEvent {
  name: string;
  time: string | null;
  attributes: Attributes;
}

interface StoredLink {
  traceId: string;
  spanId: string;
  attributes: Attributes;
}

function isEvent(value: unknown): value is StoredEvent {
  if (!isObject(value) || typeof value.name !== 'string' || !isObject(value.attributes)) return false;
  return value.time === null || typeof value.time === 'string';
}

function isLink(value: unknown): value is StoredLink {
  return (
    isObject(value) &&
    typeof value.traceId === 'string' &&
    typeof value.spanId === 'string' &&
    isObject(value.attributes)
  );
}

/** Empty if one of the items is of another kind. */
function listOf<T>(json: string | null, isItem: (value: unknown) => value is T): T[] {
  const value = json === null ? undefined : parsedOrUndefined(json);
  return Array.isArray(value) && value.every(isItem) ? value : [];
}

function objectOf(json: string | null): Attributes | null {
  const value = json === null ? undefined : parsedOrUndefined(json);
  return isObject(value) ? value : null;
}

function eventView({ name, time, attributes }: StoredEvent): SpanEventView {
  const ms = time === null ? Number.NaN : Date.parse(time);
  return { name, timeUs: Number.isNaN(ms) ? null : ms * 1000, attributes: cutAttributes(attributes) };
}

function linkView({ traceId, spanId, attributes }: StoredLink, stored: ReadonlySet<string>): SpanLinkView {
  return { traceId, spanId, isStored: stored.has(traceId), attributes: cutAttributes(attributes) };
}

function cutAttributes(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => {
      if (typeof value !== 'string' || value.length <= MAX_ATTRIBUTE_CHARS) return [key, value];
      const more = value.length - MAX_ATTRIBUTE_CHARS;
      return [key, `${value.slice(0, MAX_ATTRIBUTE_CHARS)}… (${more} more characters are in the metadata)`];
    }),
  );
}
