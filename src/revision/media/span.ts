/**
 * Takes media out of the attributes of spans: it uploads them, and puts reference tags in their place. It finds them where
 * Langfuse's own span processor does (MediaService of @langfuse/otel 5.11): as data URIs, and as parts of messages.
 */
import type { ExporterContext } from '../../shared/contract/exporter.js';
import type { Revised } from '../revision.js';
import { reviseSpanTexts } from '../span-bytes.js';
import { mediaOfBytes } from './content.js';
import { replaceDataUris } from './data-uri.js';
import { type FoundMedia, replaceMedia } from './finder.js';
import type { MediaLocation, MediaServer } from './upload.js';
import { createMediaUploads } from './uploads.js';

type MediaField = MediaLocation['field'];

const OF_LANGFUSE = /^langfuse\.(?:observation|trace)\.(input|output|metadata)/;
/** JSON of messages, in the Vercel AI SDK and OpenTelemetry's conventions for generative AI. */
const OF_MESSAGES = new Map<string, MediaField>([
  ['ai.prompt', 'input'],
  ['ai.prompt.messages', 'input'],
  ['gen_ai.input.messages', 'input'],
  ['gen_ai.output.messages', 'output'],
]);

/** The result is valid until the next call. `mayHoldMedia`: see `spanMayHoldMedia` in detection. */
export function createSpanMediaReviser(
  server: MediaServer,
  context: Pick<ExporterContext, 'count' | 'warning'>,
  mayHoldMedia: (event: Buffer) => boolean,
): (event: Buffer) => Revised {
  const { add } = createMediaUploads(server, context);
  return (event) => {
    if (!mayHoldMedia(event)) return { event };
    const waits: Promise<void>[] = [];
    const revised = reviseSpanTexts(event, (key, text, { traceId, spanId }) => {
      const field = fieldOf(key);
      if (field === undefined) return text;
      const location: MediaLocation = { traceId, observationId: spanId, field };
      const substitute = ({ contentType, content, source }: FoundMedia): string =>
        add(mediaOfBytes(contentType, content), source, location, waits);
      const result = replaceDataUris(text, (uri) => substitute({ ...uri, source: 'base64_data_uri' }));
      return OF_MESSAGES.has(key) ? replaceParts(result, substitute) : result;
    });
    return waits.length === 0 ? { event: revised } : { event: revised, settlesAfter: Promise.all(waits) };
  };
}

function fieldOf(key: string): MediaField | undefined {
  return OF_MESSAGES.get(key) ?? (OF_LANGFUSE.exec(key)?.[1] as MediaField | undefined);
}

/** Replaces parts in the text itself: if it were parsed and written again, numbers might change. */
function replaceParts(text: string, substitute: (found: FoundMedia) => string): string {
  const found = new Map<string, FoundMedia>();
  const noted = (media: FoundMedia): string => {
    found.set(`"${Buffer.from(media.content).toString('base64')}"`, media);
    return '';
  };
  try {
    replaceMedia(JSON.parse(text), { media: noted, object: () => undefined });
  } catch {
    // Not JSON, so there are no messages.
    return text;
  }
  let result = text;
  for (const [quoted, media] of found) {
    if (result.includes(quoted)) result = result.replaceAll(quoted, () => JSON.stringify(substitute(media)));
  }
  return result;
}
