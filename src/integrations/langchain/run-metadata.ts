/** The metadata of a run: what of it the observation shows, and the keys by which an application speaks to the handler. */
import type { Metadata, Tags } from './langchain-types.js';

/** Keys for the handler, in the spelling of Langfuse's JavaScript and of its Python handler. */
const USER = ['langfuseUserId', 'langfuse_user_id'];
const SESSION = ['langfuseSessionId', 'langfuse_session_id'];
const TAGS = ['langfuseTags', 'langfuse_tags'];
const PROMPT = ['langfusePrompt', 'langfuse_prompt'];
const FOR_HANDLER: ReadonlySet<string> = new Set([...USER, ...SESSION, ...TAGS, ...PROMPT]);

/** What a key's name may say of a secret, in lower case without separators. */
const SECRET =
  /apikey|secret|password|authorization|credential|cookie|(?:access|auth|refresh|bearer)token|^token$|headers$/;

/** Whether a key is left out, by key: an application uses the same few in each run. */
const known = new Map<string, boolean>();
const MAX_KNOWN = 1000;

/** LangGraph and older versions of LangChain copy `configurable` into the metadata, where applications put keys of models. */
function isLeftOut(key: string): boolean {
  let leftOut = known.get(key);
  if (leftOut === undefined) {
    leftOut = FOR_HANDLER.has(key) || SECRET.test(key.toLowerCase().replaceAll(/[^a-z]/g, ''));
    if (known.size < MAX_KNOWN) known.set(key, leftOut);
  }
  return leftOut;
}

/** The metadata and tags of a run, for its observation. */
export function observationMetadata(tags: Tags, metadata: Metadata): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  if (tags !== undefined && tags.length > 0) shown.tags = tags;
  if (metadata) for (const key in metadata) if (!isLeftOut(key)) shown[key] = metadata[key];
  return shown;
}

function firstOf(metadata: Metadata, keys: readonly string[]): unknown {
  if (!metadata) return undefined;
  for (const key of keys) if (metadata[key] !== undefined) return metadata[key];
  return undefined;
}

export function userOf(metadata: Metadata): string | undefined {
  const user = firstOf(metadata, USER);
  return typeof user === 'string' ? user : undefined;
}

export function sessionOf(metadata: Metadata): string | undefined {
  const session = firstOf(metadata, SESSION);
  return typeof session === 'string' ? session : undefined;
}

/** The tags of a trace: those of its root run, of the run's metadata, and of the handler. Undefined if there are none. */
export function traceTags(tags: Tags, metadata: Metadata, own: Tags): string[] | undefined {
  const given = firstOf(metadata, TAGS);
  const all = new Set<string>([
    ...(tags ?? []),
    ...(Array.isArray(given) ? given : []),
    ...(Array.isArray(own) ? own : []),
  ]);
  return all.size === 0 ? undefined : [...all];
}

/** A prompt of Langfuse's prompt management that the run was made from. */
export function promptOf(metadata: Metadata): unknown {
  return firstOf(metadata, PROMPT);
}
