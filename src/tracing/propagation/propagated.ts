/**
 * The attributes of `propagateAttributes`: read, checked and merged, and as baggage (www.w3.org/TR/baggage) under the names of
 * Langfuse's client, which reads ours and writes its own. A value that is not a text, or too long, is left out with a warning, as
 * Langfuse's client does: it may become a header.
 */

import { message } from '../../messages/message.js';
import { isRecord } from '../../records/metadata.js';
import {
  BAGGAGE_METADATA_PREFIX,
  BAGGAGE_PREFIX,
  BAGGAGE_TAGS_SEPARATOR,
  BAGGAGE_TRACE_ID,
  PROPAGATION_KEYS,
} from '../../shared/contract/propagation-keys.js';
import { show } from '../../shared/untrusted-text/show.js';
import type { PropagatedAttributes } from '../bodies.js';
import type { PromptLink, Propagated, Texts, TracingCore } from '../core.js';
import { NO_PROMPT, read, readPrompt, toEnvironment } from '../fields.js';
import { addMetadata, freeze, masked } from '../payloads.js';

/** The limit of Langfuse's clients. */
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

/** Later attributes win; tags are united, and metadata is merged. Null if there are none. */
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

/** Null if the value cannot be propagated. An empty text counts as missing. */
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
  // If the mask returns no object, nothing says under which key the result belongs: each key gets it.
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

/** Attributes that are single texts. */
const TEXT_KEYS = ['userId', 'sessionId', 'version', 'traceName', 'environment'] as const;

export function toBaggage(propagated: Propagated): Texts {
  const { tags, prompt, metadataTexts } = propagated;
  const entries: [string, string | null | undefined][] = TEXT_KEYS.map((key) => [
    PROPAGATION_KEYS[key].name,
    propagated[key],
  ]);
  entries.push([PROPAGATION_KEYS.tags.name, tags?.join(BAGGAGE_TAGS_SEPARATOR)]);
  entries.push([PROPAGATION_KEYS.promptName.name, prompt?.name]);
  entries.push([PROPAGATION_KEYS.promptVersion.name, prompt?.version?.toString()]);
  for (const [key, value] of Object.entries(metadataTexts ?? {})) {
    entries.push([BAGGAGE_METADATA_PREFIX + key, value]);
  }
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Null if the baggage has no entry of Langfuse. */
export function readBaggage(core: TracingCore, baggage: Texts): Propagated | null {
  const entries = Object.entries(baggage).filter(
    ([name]) => name.startsWith(BAGGAGE_PREFIX) && name !== BAGGAGE_TRACE_ID,
  );
  if (entries.length === 0) return null;
  const metadata = entries
    .filter(([name]) => name.startsWith(BAGGAGE_METADATA_PREFIX))
    .map(([name, value]) => [name.slice(BAGGAGE_METADATA_PREFIX.length), value]);
  const { tags, promptName, promptVersion } = PROPAGATION_KEYS;
  const name = baggage[promptName.name];
  return readPropagated(core, {
    ...Object.fromEntries(TEXT_KEYS.map((key) => [key, baggage[PROPAGATION_KEYS[key].name]])),
    tags: baggage[tags.name]?.split(BAGGAGE_TAGS_SEPARATOR) ?? null,
    metadata: Object.fromEntries(metadata),
    prompt: name === undefined ? null : { name, version: Number(baggage[promptVersion.name]) },
  });
}

/** Whether an upstream service claims to have the root of this trace. */
export function claimsTrace(baggage: Texts | undefined, traceId: string): boolean {
  return baggage?.[BAGGAGE_TRACE_ID]?.toLowerCase() === traceId;
}
