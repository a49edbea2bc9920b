/** Messages about payloads: masking, redaction, media, large events, estimated usage. */
import type { Table } from '../entry.js';

export const PAYLOADS = {
  /** The option `mask` threw or returned a promise. The value is replaced as a whole. The error is not shown: it may hold the value. */
  TAILRACE_MASK_FAILED: {
    level: 'warning',
    text: (how: string) => `the mask function ${how}: the whole value is masked`,
    remedy: 'Correct the function',
    docs: 'masking',
  },
  /** The mask function of a span processor has not answered in time. The span's payloads are replaced as a whole. */
  TAILRACE_MASK_LATE: {
    level: 'warning',
    text: () => 'the mask function has not answered in time: the whole value is masked',
    remedy: 'Mask faster, or without waiting for something else',
    docs: 'masking',
  },
  /** The module of the option `maskModule` cannot be loaded. Everything is masked until a worker can load it. */
  TAILRACE_MASK_MODULE_NOT_LOADED: {
    level: 'warning',
    text: (fault: string) => `everything is masked: ${fault}`,
    docs: 'masking',
  },
  /** The function of `maskModule` threw or returned a promise for one value, which is replaced as a whole. */
  TAILRACE_MASK_MODULE_FAILED: {
    level: 'warning',
    text: (how: string, field: string, type: string, id: string) =>
      `the function of maskModule ${how} for the ${field} of ${type} ${id}: sent fully masked`,
    remedy: 'Correct the function',
    docs: 'masking',
  },
  /** A pattern of the option `redact` failed at one value, such as a text on which it recurses too deeply. The value is replaced as a whole. */
  TAILRACE_REDACT_FAILED: {
    level: 'warning',
    text: (what: string) => `redact failed for ${what}: sent fully masked`,
    remedy: 'Simplify the pattern',
    docs: 'masking',
  },
  /** Media of an event could not be uploaded. The event is sent, with a reference that leads nowhere. Counted in `mediaFailed`. */
  TAILRACE_MEDIA_NOT_UPLOADED: {
    level: 'warning',
    text: (what: string, reason: string) => `${what} was not uploaded: ${reason}`,
    docs: 'media',
  },
  /** Spans hold media as base64 and go to an exporter of the application's own, for which nobody uploads them. */
  TAILRACE_MEDIA_INLINE: {
    level: 'warning',
    text: () =>
      'spans hold media as base64, and an exporter of your own gets them inline: they are uploaded only for a Langfuse server',
    remedy: 'Set `mediaUploadEnabled` to false to hide this message',
    docs: 'media',
  },
  /** An event is larger than `maxEventBytes`. Its largest values were cut; the cut is marked in them. Counted in `truncated`. */
  TAILRACE_EVENT_TRUNCATED: {
    level: 'warning',
    text: (what: string, id: string, bytes: string, maxEventBytes: number) =>
      `${what} ${id} takes ${bytes} bytes, more than maxEventBytes (${maxEventBytes}): its largest values were cut`,
    remedy: 'Trace less of it, or raise `maxEventBytes` if the server takes more',
    docs: 'large-events',
  },
  /** Packages that usage or cost are estimated with are not installed. Figures that the application did not give stay unknown. */
  TAILRACE_USAGE_PACKAGES_MISSING: {
    level: 'warning',
    text: (packages: string, names: string) =>
      `usage and cost that are not given stay unknown: not installed: ${packages} (npm install ${names})`,
    docs: 'usage',
  },
  /** Usage is estimated in the worker only, and this engine runs without one. */
  TAILRACE_USAGE_NEEDS_WORKER: {
    level: 'warning',
    text: () =>
      'usage is estimated in the worker only, and there is none; figures that are not given stay unknown',
    docs: 'usage',
  },
} as const satisfies Table;
