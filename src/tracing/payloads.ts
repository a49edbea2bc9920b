/** Serialises the values that an application passes, masked on this thread if the application has a `mask` function. */
import { type Frozen, isNil } from '../event/frozen.js';
import { message } from '../messages/message.js';
import { FULLY_MASKED, type MaskedField, type MaskFunction, type MaskInput } from '../records/masking.js';
import type { Kept } from '../records/observation.js';
import { isThenable } from '../shared/thenable.js';
import { nameOf } from '../shared/untrusted-text/errors.js';
import type { TracingCore } from './core.js';

/** Serialises the current state of a value. Null if there is no value, or nothing is traced. */
export function freeze({ engine }: TracingCore, value: unknown): Frozen | null {
  return engine === undefined || value === undefined || value === null ? null : engine.freeze(value);
}

/** The trace, observation or score that a masked value belongs to. */
export type MaskSubject = Omit<MaskInput, 'data' | 'field'>;

/** The result of the application's mask, or the value itself if there is no mask. */
export function masked(core: TracingCore, data: unknown, field: MaskedField, subject: MaskSubject): unknown {
  const { mask } = core.config;
  if (mask === null || core.engine === undefined || data === undefined || data === null) return data;
  const { type, name, traceId } = subject;
  const input = { data, field, type, name, traceId };
  return applyMask(mask, input, (what) => core.notifier.warnOnce(message('TAILRACE_MASK_FAILED', what)));
}

/** Fails closed: if the mask throws or returns a promise, the whole value is masked. */
function applyMask(mask: MaskFunction, input: MaskInput, onFailure: (what: string) => void): unknown {
  try {
    const masked = mask(input);
    if (!isThenable(masked)) return masked;
    Promise.resolve(masked).catch(() => {});
    onFailure('returned a promise, and the value is needed at once');
  } catch (error) {
    // Not its message, which may quote the value.
    onFailure(`threw ${nameOf(error)}`);
  }
  return FULLY_MASKED;
}

/** Masks an input or output, and serialises it. JSON's null becomes the text 'null': as null it would count as missing. */
export function keepPayload(
  core: TracingCore,
  value: unknown,
  field: 'input' | 'output',
  subject: MaskSubject,
): Kept {
  const data = core.config.mask === null ? value : masked(core, value, field, subject);
  if (typeof data === 'string') return core.engine === undefined ? null : data;
  const frozen = freeze(core, data);
  return frozen === null || !isNil(frozen) ? frozen : 'null';
}

/** Masks metadata, and serialises it. Null: there is none. */
export function freezeMetadata(core: TracingCore, value: unknown, subject: MaskSubject): Frozen | null {
  const frozen = freeze(core, core.config.mask === null ? value : masked(core, value, 'metadata', subject));
  return frozen === null || isNil(frozen) ? null : frozen;
}

/** Appends metadata to the metadata of earlier calls. The worker merges them. */
export function addMetadata(metadata: Frozen[] | null, added: Frozen | null): Frozen[] | null {
  if (added === null) return metadata;
  return metadata === null ? [added] : [...metadata, added];
}
