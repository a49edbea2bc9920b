/** What all handles of one client share, and the small conversions that they all need. */

import { type Frozen, isNil } from '../event/frozen.js';
import { unreadable } from '../event/serializable.js';
import { message } from '../messages/message.js';
import type { Engine } from '../producer/engine.js';
import type { Notifier } from '../producer/messages/notifier.js';
import type { MaskedField, MaskInput } from '../records/masking.js';
import { nameOf } from '../shared/untrusted-text/errors.js';
import type { CallEvents } from './call-events.js';
import type { Tailrace } from './client.js';
import type { ClientConfig } from './config.js';
import { applyMask } from './mask.js';
import type { OpenHandles } from './open-handles.js';
import type { SaidTimes } from './said-times.js';
import type { ScopeOwner } from './scope.js';

export interface TracingCore {
  readonly client: Tailrace;
  readonly config: ClientConfig;
  /** Undefined: the client is a no-op. */
  readonly engine: Engine | undefined;
  /** The same without an engine: for traces that are not sampled, and after the end. */
  readonly silent: TracingCore;
  readonly open: OpenHandles;
  readonly scopes: ScopeOwner;
  readonly notifier: Notifier;
  readonly calls: CallEvents;
  readonly said: SaidTimes;
}

/** Serialises a value as it is now. Absent where there is none, or nothing is traced. */
export function freeze({ engine }: TracingCore, value: unknown): Frozen | null {
  return engine === undefined || value === undefined || value === null ? null : engine.freeze(value);
}

/** What a mask is told of the value that it is given. */
export type MaskSubject = Omit<MaskInput, 'data' | 'field'>;

/** The value as the application's mask, if there is one, has it. */
export function masked(core: TracingCore, data: unknown, field: MaskedField, subject: MaskSubject): unknown {
  const { mask } = core.config;
  if (mask === null || core.engine === undefined || data === undefined || data === null) return data;
  const { type, name, traceId } = subject;
  const input = { data, field, type, name, traceId };
  return applyMask(mask, input, (what) => core.notifier.warnOnce(message('TAILRACE_MASK_FAILED', what)));
}

/**
 * Serialises an input, output or metadata, masked. An input or output that JSON has only null for is that as a text: else it would
 * be none.
 */
export function freezePayload(
  core: TracingCore,
  value: unknown,
  field: MaskedField,
  subject: MaskSubject,
): Frozen | null {
  const frozen = freeze(core, core.config.mask === null ? value : masked(core, value, field, subject));
  if (frozen === null || !isNil(frozen)) return frozen;
  return field === 'metadata' ? null : freeze(core, 'null');
}

/** Metadata of several calls is merged, in the worker. */
export function addMetadata(metadata: Frozen[] | null, added: Frozen | null): Frozen[] | null {
  if (added === null) return metadata;
  return metadata === null ? [added] : [...metadata, added];
}

/** One field of what an application passed, which may be nothing at all, or a trap. */
export function read<B, K extends keyof B>(
  core: TracingCore,
  body: B | null | undefined,
  key: K,
): B[K] | undefined {
  try {
    return body?.[key] ?? undefined;
  } catch (error) {
    warnUnreadable(core, error);
    return undefined;
  }
}

export function warnUnreadable({ notifier }: TracingCore, error: unknown): void {
  // Not what the error says: the application's own getter threw it, and may well show a value.
  notifier.warnOnce(message('TAILRACE_FIELD_UNREADABLE', nameOf(error)));
}

/** Where a stand-in says what is missing; in another field it would be taken for a name or a number. */
const PAYLOADS = new Set(['input', 'output', 'metadata', 'modelParameters']);

/** A body whose fields have trapped the reader, as far as it can be read. Nothing of one that cannot be read at all. */
export function readable<B extends object>(body: B): Partial<B> {
  const fields: Record<string, unknown> = {};
  try {
    for (const key of Object.keys(body)) {
      try {
        fields[key] = body[key as keyof B];
      } catch (error) {
        if (PAYLOADS.has(key)) fields[key] = unreadable(error);
      }
    }
  } catch {
    // A revoked proxy.
  }
  return fields as Partial<B>;
}
