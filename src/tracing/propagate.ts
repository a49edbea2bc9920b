/** Attributes for everything that begins inside a function, without handing them from call to call. */
import type { PropagatedAttributes } from './bodies.js';
import { addMetadata, freezePayload, read, type TracingCore } from './core.js';
import { toEnvironment, toTags, toText } from './fields.js';
import { activeScope, type Propagated, runInScope } from './scope.js';

/** The trace that is active, if there is one, gets them as well. */
export function propagateAttributes<R>(
  core: TracingCore,
  attributes: PropagatedAttributes | null | undefined,
  run: () => R,
): R {
  const scope = activeScope(core.scopes);
  const added = readAttributes(core, attributes);
  scope?.observation?.trace.propagate(added);
  const propagated = scope?.propagated ? merge(scope.propagated, added) : added;
  const { observation, otelSpan } = scope ?? { observation: null, otelSpan: undefined };
  return runInScope(core.scopes, { observation, otelSpan, propagated }, run);
}

export function mergeTags(
  before: readonly string[] | null,
  added: readonly string[] | null,
): readonly string[] | null {
  return before === null || added === null ? (added ?? before) : [...new Set([...before, ...added])];
}

function readAttributes(core: TracingCore, attributes: PropagatedAttributes | null | undefined): Propagated {
  const text = (key: Exclude<keyof PropagatedAttributes, 'tags' | 'metadata'>): string | null =>
    toText(read(core, attributes, key));
  const subject = { type: 'trace', name: text('traceName'), traceId: null } as const;
  return {
    traceName: subject.name,
    userId: text('userId'),
    sessionId: text('sessionId'),
    tags: toTags(read(core, attributes, 'tags')),
    metadata: addMetadata(null, freezePayload(core, read(core, attributes, 'metadata'), 'metadata', subject)),
    version: text('version'),
    environment: toEnvironment(core, read(core, attributes, 'environment')),
    prompt: null,
  };
}

function merge(before: Propagated, added: Propagated): Propagated {
  return {
    traceName: added.traceName ?? before.traceName,
    userId: added.userId ?? before.userId,
    sessionId: added.sessionId ?? before.sessionId,
    tags: mergeTags(before.tags, added.tags),
    metadata:
      before.metadata === null || added.metadata === null
        ? (added.metadata ?? before.metadata)
        : [...before.metadata, ...added.metadata],
    version: added.version ?? before.version,
    environment: added.environment ?? before.environment,
    prompt: added.prompt ?? before.prompt,
  };
}
