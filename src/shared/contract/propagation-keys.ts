/**
 * The names of the values that `propagateAttributes` carries: in OpenTelemetry's context (as `Symbol.for`), in baggage, and as a
 * span's attribute. They are those of Langfuse's client (packages/core/src/propagation.ts in langfuse-js), so that the two
 * understand each other.
 */

export interface PropagationKey {
  /** In the context and in the baggage. */
  readonly name: string;
  readonly attribute: string;
}

const key = (name: string, attribute: string): PropagationKey => ({ name, attribute });

export const PROPAGATION_KEYS = {
  userId: key('langfuse_user_id', 'user.id'),
  sessionId: key('langfuse_session_id', 'session.id'),
  version: key('langfuse_version', 'langfuse.version'),
  traceName: key('langfuse_trace_name', 'langfuse.trace.name'),
  environment: key('langfuse_environment', 'langfuse.environment'),
  tags: key('langfuse_tags', 'langfuse.trace.tags'),
  promptName: key('langfuse_prompt_name', 'langfuse.observation.prompt.name'),
  promptVersion: key('langfuse_prompt_version', 'langfuse.observation.prompt.version'),
} as const;

/** In the context, metadata is an object. In baggage and attributes, each of its keys has a prefix. */
export const METADATA_NAME = 'langfuse_metadata';
export const BAGGAGE_METADATA_PREFIX = 'langfuse_metadata_';
export const METADATA_ATTRIBUTE_PREFIX = 'langfuse.trace.metadata.';

export const BAGGAGE_PREFIX = 'langfuse_';
export const BAGGAGE_TAGS_SEPARATOR = ',';
/** In baggage: the id of the trace whose application root is in an upstream service. */
export const BAGGAGE_TRACE_ID = 'langfuse_trace_id';
