/** The revision that takes media out of a record: it uploads them, and puts reference tags in their place. */
import { isDecodedMedia } from '../../event/wrapped-media.js';
import { OBSERVATION, SCORE } from '../../records/kinds.js';
import { FIELD } from '../../records/observation.js';
import { SCORE_FIELD } from '../../records/score.js';
import { TRACE_FIELD } from '../../records/trace.js';
import type { ExporterContext } from '../../shared/contract/exporter.js';
import type { OpenRecord, Revision } from '../revision.js';
import { mediaOfBytes } from './content.js';
import { mayHoldWrapper } from './detection.js';
import { replaceMedia, type Substitutes } from './finder.js';
import type { MediaLocation, MediaServer } from './upload.js';
import { createMediaUploads } from './uploads.js';
import { describeWrapped, unwrap } from './wrapped.js';

interface MediaOptions {
  /** false: only wrapped media are replaced, by a text that describes them. */
  readonly upload: boolean;
  readonly mayHoldMedia: (event: Buffer) => boolean;
}

export function createMediaRevision(
  { upload, mayHoldMedia }: MediaOptions,
  server: MediaServer,
  context: Pick<ExporterContext, 'count' | 'warning'>,
): Revision {
  const { add, fail } = createMediaUploads(server, context);

  function uploadFrom(value: unknown, location: MediaLocation, waits: Promise<void>[]): unknown {
    return safelyReplaced(value, {
      media: ({ contentType, content, source }) =>
        add(mediaOfBytes(contentType, content), source, location, waits),
      object(members) {
        if (!isDecodedMedia(members)) return undefined;
        const unwrapped = unwrap(members);
        if (!('problem' in unwrapped)) return add(unwrapped.media, unwrapped.source, location, waits);
        fail(describeWrapped(members), unwrapped.problem);
        return `[${describeWrapped(members)}, not uploaded: ${unwrapped.problem}]`;
      },
    });
  }

  const described = (value: unknown): unknown =>
    safelyReplaced(value, {
      object: (members) =>
        isDecodedMedia(members) ? `[${describeWrapped(members)}, not uploaded]` : undefined,
    });

  return {
    wants: upload ? mayHoldMedia : mayHoldWrapper,
    apply(record) {
      if (!upload || record[FIELD.kind] === SCORE) {
        describeIn(record, described);
        return undefined;
      }
      // Langfuse has no media in model parameters, but bytes should not stay there.
      record[FIELD.modelParameters] = described(record[FIELD.modelParameters]);
      const waits: Promise<void>[] = [];
      uploadIn(record, (value, location) => uploadFrom(value, location, waits));
      return waits.length === 0 ? undefined : Promise.all(waits);
    },
  };
}

function uploadIn(record: OpenRecord, replaced: (value: unknown, location: MediaLocation) => unknown): void {
  const traceId = hex(record[FIELD.traceId]);
  const observationId = record[FIELD.kind] === OBSERVATION ? hex(record[FIELD.id]) : undefined;
  const trace = record[FIELD.trace];
  for (const field of ['input', 'output', 'metadata'] as const) {
    record[FIELD[field]] = replaced(record[FIELD[field]], { traceId, observationId, field });
    if (!Array.isArray(trace)) continue;
    trace[TRACE_FIELD[field]] = replaced(trace[TRACE_FIELD[field]], {
      traceId,
      observationId: undefined,
      field,
    });
  }
}

function describeIn(record: OpenRecord, described: (value: unknown) => unknown): void {
  const { input, output, metadata, trace, modelParameters } = FIELD;
  const ofObservation = [input, output, metadata, trace, modelParameters];
  const fields = record[FIELD.kind] === SCORE ? [SCORE_FIELD.metadata] : ofObservation;
  for (const field of fields) record[field] = described(record[field]);
}

/** Masking may return any value. One that cannot be read stays as it is; the writer handles it. */
function safelyReplaced(value: unknown, substitutes: Substitutes): unknown {
  try {
    return replaceMedia(value, substitutes);
  } catch {
    return value;
  }
}

function hex(id: unknown): string {
  return Buffer.from(id as Uint8Array).toString('hex');
}
