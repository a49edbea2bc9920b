/** Cuts an encoded span to a size: first its largest values, then, if that is not enough, anything else. */

import { createFixedWriter, type ProtobufWriter, writeRaw } from '../encoding/protobuf-writer.js';
import { writeAttribute } from '../otlp/attributes.js';
import { encodeSpan, SPAN_FIELD } from '../otlp/messages.js';
import { readSpanParts, type SpanPart, withText } from '../otlp/span-parts.js';
import { cutUtf8, leftOut, MIN_CUT_BYTES, sharedSize } from './text.js';

const METADATA = /^langfuse\.(?:observation|trace)\.metadata/;
const PAYLOAD = /^langfuse\.(?:observation|trace)\.(?:input|output|metadata)/;

/** The tag of the span and its padded length. */
const FRAME_BYTES = 5;
/** The writer reserves so much for a tag and a number. */
const SCALAR_BYTES = 20;
const MISSING_KEYS = 'langfuse.observation.metadata.tailrace_truncated';
const MISSING_KEYS_BYTES = 160;
/** Besides metadata, the attributes of our spans fit into 4 KiB if each is cut to `MIN_CUT_BYTES`; a list of tags is not cut. */
const MAX_ESSENTIAL_BYTES = 256;
/** Attributes that tell a server what a span is. An OpenTelemetry span may have any number of others, of events and of links. */
const ESSENTIAL =
  /^(?:langfuse|tailrace)\.|^(?:user|session)\.id$|^gen_ai\.(?:operation|provider|system|request|response|usage)\b/;

/** Returns a span of at most `maxBytes`, which must be at least 4 KiB. */
export function truncateSpan(span: Buffer, maxBytes: number): Buffer {
  const parts = readSpanParts(span);
  const room = maxBytes - FRAME_BYTES;
  const isPayload = ({ key }: SpanPart): boolean => key !== undefined && PAYLOAD.test(key);
  const cut = cutToFit(parts, room, isPayload) ?? cutToFit(parts, room, () => true) ?? leaveOut(parts, room);
  return encode(cut);
}

/** Returns undefined if the parts that `mayBeCut` are not large enough. */
function cutToFit(
  parts: readonly SpanPart[],
  room: number,
  mayBeCut: (part: SpanPart) => boolean,
): Buffer[] | undefined {
  const texts = parts.map((part) => (mayBeCut(part) ? (part.text?.byteLength ?? 0) : 0));
  const fixed = parts.reduce((sum, { bytes }, i) => sum + bytes.byteLength - (texts[i] as number), 0);
  const size = sharedSize(texts, room - fixed);
  if (size === undefined) return undefined;
  return parts.map((part, i) => ((texts[i] as number) > size ? cutPart(part, size) : part.bytes));
}

/** Keeps essential parts, then as many of the others as there is room for, in order; leaves out parts that do not fit. */
function leaveOut(parts: readonly SpanPart[], room: number): Buffer[] {
  const all = parts.map((part) => ({ part, bytes: cutPart(part, MIN_CUT_BYTES) }));
  const [essential, others] = [true, false].map((wanted) =>
    all.filter(({ part, bytes }) => isEssential(part, bytes.byteLength) === wanted),
  ) as [typeof all, typeof all];
  let left = room - MISSING_KEYS_BYTES;
  const kept = [...essential, ...others].filter(({ bytes: { byteLength } }) => {
    if (byteLength > left) return false;
    left -= byteLength;
    return true;
  });
  return [
    ...kept.map(({ bytes }) => bytes),
    missingKeys(whatIsMissing(parts, new Set(kept.map(({ part }) => part)))),
  ];
}

function isEssential({ number, key = '' }: SpanPart, bytes: number): boolean {
  if (bytes > MAX_ESSENTIAL_BYTES || number === SPAN_FIELD.events || number === SPAN_FIELD.links)
    return false;
  return number !== SPAN_FIELD.attributes || (ESSENTIAL.test(key) && !METADATA.test(key));
}

function whatIsMissing(parts: readonly SpanPart[], kept: ReadonlySet<SpanPart>): string {
  const missing = parts.filter((part) => !kept.has(part));
  const isMetadata = ({ key }: SpanPart): boolean => key !== undefined && METADATA.test(key);
  return missing.every(isMetadata)
    ? leftOut(missing.length, parts.filter(isMetadata).length, 'metadata keys')
    : leftOut(missing.length, parts.length, 'attributes, events and links');
}

function cutPart(part: SpanPart, maxBytes: number): Buffer {
  const { bytes, text } = part;
  if (text === undefined || text.byteLength <= maxBytes) return bytes;
  const { kept, note } = cutUtf8(text, maxBytes);
  return withText(part, [text.subarray(0, kept), note]);
}

function missingKeys(text: string): Buffer {
  const writer: ProtobufWriter = createFixedWriter(MISSING_KEYS_BYTES);
  writeAttribute(writer, SPAN_FIELD.attributes, MISSING_KEYS, text);
  return writer.buffer.subarray(0, writer.position);
}

function encode(parts: readonly Buffer[]): Buffer {
  const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, FRAME_BYTES);
  const writer = createFixedWriter(bytes + SCALAR_BYTES);
  return encodeSpan(writer, bytes, () => {
    for (const part of parts) writeRaw(writer, part);
  });
}
