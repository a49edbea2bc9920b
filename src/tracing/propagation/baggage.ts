/**
 * Propagated attributes as baggage (www.w3.org/TR/baggage): in the headers of requests, and what a caller's headers bring. With
 * the names of Langfuse's client, which understands ours and is understood.
 */

import {
  BAGGAGE_METADATA_PREFIX,
  BAGGAGE_PREFIX,
  BAGGAGE_TAGS_SEPARATOR,
  BAGGAGE_TRACE_ID,
  PROPAGATION_KEYS,
} from '../../shared/contract/propagation-keys.js';
import { percentDecoded } from '../../shared/percents.js';
import type { TracingCore } from '../core.js';
import { type Propagated, readPropagated, type Texts } from './propagated.js';

/** The limits of the specification's first version, which proxies and other clients have. */
const MAX_ENTRIES = 180;
const MAX_ENTRY_CHARACTERS = 4096;
const MAX_CHARACTERS = 8192;

const TEXTS = ['userId', 'sessionId', 'version', 'traceName', 'environment'] as const;

export function toBaggage(propagated: Propagated): Texts {
  const { tags, prompt, metadataTexts } = propagated;
  const entries: [string, string | null | undefined][] = TEXTS.map((key) => [
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

/** Null where it brings nothing of Langfuse's. */
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
    ...Object.fromEntries(TEXTS.map((key) => [key, baggage[PROPAGATION_KEYS[key].name]])),
    tags: baggage[tags.name]?.split(BAGGAGE_TAGS_SEPARATOR) ?? null,
    metadata: Object.fromEntries(metadata),
    prompt: name === undefined ? null : { name, version: Number(baggage[promptVersion.name]) },
  });
}

/** Whether an upstream service says that it is the root of this trace. */
export function claimsTrace(baggage: Texts | undefined, traceId: string): boolean {
  return baggage?.[BAGGAGE_TRACE_ID]?.toLowerCase() === traceId;
}

/** A header's value: what it had before goes first, what does not fit is left out. */
export function formatBaggage(before: string, entries: Texts): string {
  const names = new Set(Object.keys(entries));
  const kept = before.split(',').filter((entry) => entry.trim() !== '' && !names.has(nameOf(entry)));
  const added = Object.entries(entries).map(
    ([name, value]) =>
      `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`,
  );
  let left = MAX_CHARACTERS;
  const fits = (entry: string): boolean => {
    if (entry.length > MAX_ENTRY_CHARACTERS || entry.length + 1 > left) return false;
    left -= entry.length + 1;
    return true;
  };
  return [...kept.map((entry) => entry.trim()), ...added].filter(fits).slice(0, MAX_ENTRIES).join(',');
}

/** Of a header's value; entries that cannot be read are left out. */
export function parseBaggage(text: string): Texts {
  const entries = text
    .slice(0, MAX_CHARACTERS)
    .split(',')
    .slice(0, MAX_ENTRIES)
    .flatMap((entry): [string, string][] => {
      // Properties may follow the value.
      const [pair = ''] = entry.split(';');
      const at = pair.indexOf('=');
      const value = at < 1 ? undefined : percentDecoded(pair.slice(at + 1).trim());
      return value === undefined ? [] : [[nameOf(pair), value]];
    });
  return Object.fromEntries(entries);
}

function nameOf(entry: string): string {
  const name = (entry.split('=', 1)[0] as string).trim();
  return percentDecoded(name) ?? name;
}
