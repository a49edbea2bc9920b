/** Masking by a module of the application, which the worker loads. A value that cannot be masked is not sent. */
import { toSerializable } from '../event/serializable.js';
import { message, warnBy } from '../messages/message.js';
import { FULLY_MASKED, type MaskedField, type MaskFunction } from '../records/masking.js';
import type { ExporterContext } from '../shared/contract/exporter.js';
import type { RedactedField } from '../shared/contract/redaction.js';
import { importByUrl } from '../shared/runtime/import-by-url.js';
import { loadFault } from '../shared/untrusted-text/load-fault.js';
import { type PayloadOwner, revisePayload } from './payload-fields.js';
import type { Revision, RevisionContext } from './revision.js';

const MASKED: ReadonlySet<RedactedField> = new Set<MaskedField>(['input', 'output', 'metadata', 'comment']);

export async function createMasking(url: string, context: RevisionContext): Promise<Revision> {
  const mask = await loadMasking(url, context);
  return {
    wants: () => true,
    apply(record) {
      revisePayload(record, (data, field, owner) =>
        MASKED.has(field) ? mask(data, field as MaskedField, owner) : data,
      );
      return undefined;
    },
  };
}

/** Returns the masked value; it hides a value that the module cannot mask. Never throws. */
export type MaskValue = (data: unknown, field: MaskedField, owner: PayloadOwner) => unknown;

export async function loadMasking(
  url: string,
  { warning, stillAlive, load }: RevisionContext,
): Promise<MaskValue> {
  try {
    const mask = await loadMask(url, load);
    return (data, field, owner) => {
      stillAlive?.();
      return maskOne(mask, data, field, owner, warning);
    };
  } catch (error) {
    const { line, stack } = loadFault('maskModule', url, error);
    warnBy(warning, message('TAILRACE_MASK_MODULE_NOT_LOADED', `${line}${stack}`));
    return () => FULLY_MASKED;
  }
}

async function loadMask(
  url: string,
  load: NonNullable<RevisionContext['load']> = importByUrl,
): Promise<MaskFunction> {
  const module = await load<{ mask?: unknown; default?: unknown }>(url);
  const mask = module.mask ?? module.default;
  if (typeof mask === 'function') return mask as MaskFunction;
  // A text, not an error: a stack inside this package would not help.
  throw 'it must export a function, as mask or by default';
}

function maskOne(
  mask: MaskFunction,
  data: unknown,
  field: MaskedField,
  { id, type, name, traceId }: PayloadOwner,
  warning: ExporterContext['warning'],
): unknown {
  // The error is not shown: it may hold the value that was to be masked.
  const failed = (how: string): string => {
    warnBy(warning, message('TAILRACE_MASK_MODULE_FAILED', how, field, type, id));
    return FULLY_MASKED;
  };
  try {
    const masked = mask({ data, field, type, name, traceId });
    if (isThenable(masked)) {
      Promise.resolve(masked).catch(() => {});
      return failed('returned a promise');
    }
    // The revisions that follow expect plain data.
    return toSerializable(masked);
  } catch {
    return failed('threw');
  }
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
