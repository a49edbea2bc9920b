/**
 * Tells from the bytes of an event whether it may hold media; it runs for each event. A "yes" may be wrong, and costs a decoding;
 * a "no" never is.
 *
 * The first search is for a short needle that begins with a byte that is rare in events: then `includes` is little more than
 * memchr, 0.01 ns per byte. From eight bytes on it skips by a table, for 0.5 ns, and `;` is frequent in code (measured, Node 20).
 */
import { FIXSTR } from '../../event/event-format.js';
import { MEDIA_KEY } from '../../shared/contract/media.js';

const MAX_NEEDLE_BYTES = 7;

/** A needle in the two forms of text, each with a part that is searched first. */
function inText(whole: string, part: string) {
  return (['latin1', 'utf16le'] as const).map((encoding) => ({
    whole: Buffer.from(whole, encoding),
    part: Buffer.from(part, encoding),
  }));
}

/** In data URIs. */
const BASE64 = inText(';base64,', '64,');
/** In JSON: the key for the type of a message's part in the Vercel AI SDK and OpenTelemetry's conventions. */
const IN_PARTS = [...inText('"mediaType"', 'Typ'), ...inText('"mime_type"', '_ty')];
/** They begin with `"m` (exporters/encoding/assembly/media-search). */
export const PART_TYPES = IN_PARTS.map(({ whole }) => whole);
/** Bytes are media only beside one of these keys. The tag before a key is no character of ASCII. */
const KEYS = ['contentType', 'mediaType', 'mimeType', 'media_type', 'mime_type', 'input_audio'].map(
  keyNeedle,
);
const WRAPPER = keyNeedle(MEDIA_KEY);
/** They begin with one of six tags (exporters/encoding/assembly/media-search). */
export const MEDIA_KEYS = [...KEYS, WRAPPER];

export function mayHoldMedia(event: Buffer): boolean {
  return holds(event, BASE64) || mayHoldWrapper(event) || KEYS.some((key) => event.includes(key));
}

/** The same for a span, which has media only in texts. */
export function spanMayHoldMedia(event: Buffer): boolean {
  return holds(event, BASE64) || holds(event, IN_PARTS);
}

function holds(event: Buffer, needles: ReturnType<typeof inText>): boolean {
  return needles.some(({ part, whole }) => event.includes(part) && event.includes(whole));
}

export function mayHoldWrapper(event: Buffer): boolean {
  return event.includes(WRAPPER);
}

/** The key with its tag, cut to what is searched fast. */
function keyNeedle(key: string): Buffer {
  return Buffer.from(String.fromCharCode(FIXSTR | key.length) + key, 'latin1').subarray(0, MAX_NEEDLE_BYTES);
}
