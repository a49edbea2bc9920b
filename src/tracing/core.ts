/** What all handles of one client share, and the small conversions that they all need. */
import type { Engine } from '../engine.js';
import type { FrozenMetadata } from '../shared/records.js';
import type { ClientConfig } from './config.js';
import type { OpenHandles } from './open-handles.js';

export interface TracingCore {
  readonly config: ClientConfig;
  /** Undefined: the client is a no-op. */
  readonly engine: Engine | undefined;
  readonly open: OpenHandles;
}

/** Serialises a value as it is now. Absent where there is none, or nothing is traced. */
export function freeze({ engine }: TracingCore, value: unknown): Uint8Array | null {
  return engine === undefined || value === undefined || value === null ? null : engine.freeze(value);
}

/** Metadata of several calls is merged, in the worker. */
export function addMetadata(metadata: FrozenMetadata, added: Uint8Array | null): FrozenMetadata {
  if (added === null) return metadata;
  if (metadata === null) return added;
  return Array.isArray(metadata) ? [...metadata, added] : [metadata as Uint8Array, added];
}

/** Text from whatever an application passed where a text is due. */
export function toText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return null;
  try {
    return value instanceof Error ? value.message : String(value);
  } catch {
    return '[unreadable]';
  }
}
