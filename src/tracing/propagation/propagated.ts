/**
 * What `propagateAttributes` was given, or baggage has brought: read, judged and merged. A value that is no text, or too long,
 * is dropped with a warning, as Langfuse's client does: it may become a header.
 */

import type { Frozen } from '../../event/frozen.js';
import { message } from '../../messages/message.js';
import { isRecord } from '../../records/metadata.js';
import { show } from '../../shared/options.js';
import type { PropagatedAttributes } from '../bodies.js';
import { addMetadata, freeze, masked, read, type TracingCore } from '../core.js';
import { NO_PROMPT, type PromptLink, readPrompt, toEnvironment } from '../fields.js';

/** As it was then. */
export interface Propagated {
  readonly traceName: string | null;
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly tags: readonly string[] | null;
  readonly metadata: Frozen[] | null;
  readonly version: string | null;
  readonly environment: string | null;
  readonly prompt: PromptLink | null;
  /** The metadata as texts, masked: for OpenTelemetry's spans. */
  readonly metadataTexts: Texts | null;
  /** What goes into the headers of requests (see `injectTraceContext`). */
  readonly baggage: Texts | null;
}

export type Texts = Readonly<Record<string, string>>;

/** Langfuse's limit. */
const MAX_CHARACTERS = 200;

export function readPropagated(
  core: TracingCore,
  attributes: PropagatedAttributes | null | undefined,
): Propagated {
  const text = (key: 'traceName' | 'userId' | 'sessionId' | 'version'): string | null =>
    readText(core, key, read(core, attributes, key));
  const traceName = text('traceName');
  const metadata = maskedMetadata(core, traceName, read(core, attributes, 'metadata'));
  const prompt = read(core, attributes, 'prompt');
  return {
    traceName,
    userId: text('userId'),
    sessionId: text('sessionId'),
    tags: readTags(core, read(core, attributes, 'tags')),
    metadata: addMetadata(null, freeze(core, metadata)),
    metadataTexts: metadata,
    version: text('version'),
    environment: toEnvironment(core, read(core, attributes, 'environment')),
    prompt: linkOf(prompt ? readPrompt(core, prompt) : NO_PROMPT),
    baggage: null,
  };
}

/** The later wins; tags are united, metadata merged. Null where there is neither. */
export function mergePropagated(before: Propagated | null, added: Propagated): Propagated;
export function mergePropagated(before: Propagated | null, added: Propagated | null): Propagated | null;
export function mergePropagated(before: Propagated | null, added: Propagated | null): Propagated | null {
  if (before === null || added === null) return added ?? before;
  return {
    traceName: added.traceName ?? before.traceName,
    userId: added.userId ?? before.userId,
    sessionId: added.sessionId ?? before.sessionId,
    tags: mergeTags(before.tags, added.tags),
    metadata: mergeLists(before.metadata, added.metadata),
    metadataTexts: mergeTexts(before.metadataTexts, added.metadataTexts),
    version: added.version ?? before.version,
    environment: added.environment ?? before.environment,
    prompt: added.prompt ?? before.prompt,
    baggage: mergeTexts(before.baggage, added.baggage),
  };
}

export function mergeTags(
  before: readonly string[] | null,
  added: readonly string[] | null,
): readonly string[] | null {
  return before === null || added === null ? (added ?? before) : [...new Set([...before, ...added])];
}

function mergeLists<T>(before: T[] | null, added: T[] | null): T[] | null {
  return before === null || added === null ? (added ?? before) : [...before, ...added];
}

function mergeTexts(before: Texts | null, added: Texts | null): Texts | null {
  return before === null || added === null ? (added ?? before) : { ...before, ...added };
}

/** Null for what is not to be propagated. An empty text says nothing. */
function readText(core: TracingCore, name: string, value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string' && value.length <= MAX_CHARACTERS) return value;
  const got = typeof value === 'string' ? `${value.length} characters` : show(typeof value);
  core.notifier.warnOnce(message('TAILRACE_PROPAGATED_INVALID', name, MAX_CHARACTERS, got));
  return null;
}

function readTags(core: TracingCore, value: unknown): readonly string[] | null {
  if (value === undefined || value === null) return null;
  try {
    const given = Array.isArray(value) || value instanceof Set ? [...value] : [value];
    const tags = given.map((tag) => readText(core, 'tags', tag)).filter((tag) => tag !== null);
    return tags.length === 0 ? null : tags;
  } catch {
    readText(core, 'tags', {});
    return null;
  }
}

function maskedMetadata(core: TracingCore, traceName: string | null, given: unknown): Texts | null {
  const metadata = readTexts(core, given);
  if (metadata === null || core.config.mask === null) return metadata;
  const shown = masked(core, metadata, 'metadata', { type: 'trace', name: traceName, traceId: null });
  // Of what a mask makes that is no object, nothing says under which key it may go.
  return readTexts(
    core,
    isRecord(shown) ? shown : Object.fromEntries(Object.keys(metadata).map((key) => [key, shown])),
  );
}

function readTexts(core: TracingCore, given: unknown): Texts | null {
  if (given === undefined || given === null) return null;
  try {
    if (!isRecord(given)) throw new TypeError('no object');
    const entries = Object.entries(given).map(
      ([key, value]) => [key, readText(core, 'metadata', value)] as const,
    );
    const texts = entries.filter((entry): entry is readonly [string, string] => entry[1] !== null);
    return texts.length === 0 ? null : Object.fromEntries(texts);
  } catch {
    readText(core, 'metadata', {});
    return null;
  }
}

function linkOf(prompt: PromptLink): PromptLink | null {
  return prompt.name === null ? null : prompt;
}
