/** Splits an encoded span into its fields, and finds the text of each, so that the text can be cut. */

import { WIRE_TYPE, writePaddedVarint } from '../encoding/protobuf-writer.js';
import { SPAN_FIELD } from './messages.js';

/** A field of the span, with its tag. */
export interface SpanPart {
  /** The field's number. */
  readonly number: number;
  readonly bytes: Buffer;
  /** The key, if it is an attribute. */
  readonly key: string | undefined;
  readonly text: Buffer | undefined;
  /** The lengths of the messages around the text, and of the text. */
  readonly lengths: readonly Length[];
}

interface Length {
  /** Its position in `bytes`. */
  readonly at: number;
  readonly width: number;
  readonly value: number;
}

/** A field of a message: its number, and its content: `bytes[start, end)`. */
interface MessageField {
  readonly number: number;
  readonly tagAt: number;
  readonly lengthAt: number;
  readonly start: number;
  readonly end: number;
}

const ATTRIBUTE_KEY = 1;
const ATTRIBUTE_VALUE = 2;
const STRING_VALUE = 1;
const STATUS_MESSAGE = 2;

/** `span`: with the tag and the length that it has in its request. */
export function readSpanParts(span: Buffer): SpanPart[] {
  const [whole] = fieldsOf(span, 0, span.byteLength);
  return fieldsOf(span, whole?.start as number, span.byteLength).map((field) => toPart(span, field));
}

/** Returns the part with another text, which must not be longer. */
export function withText({ bytes, text, lengths }: SpanPart, pieces: readonly Uint8Array[]): Buffer {
  const { byteOffset, byteLength } = text as Buffer;
  const start = byteOffset - bytes.byteOffset;
  const result = Buffer.concat([bytes.subarray(0, start), ...pieces, bytes.subarray(start + byteLength)]);
  const lost = bytes.byteLength - result.byteLength;
  for (const { at, width, value } of lengths) writePaddedVarint(result, at, value - lost, width);
  return result;
}

function toPart(span: Buffer, field: MessageField): SpanPart {
  const bytes = span.subarray(field.tagAt, field.end);
  const path = pathToText(span, field);
  const innermost = path?.at(-1);
  const key = field.number === SPAN_FIELD.attributes ? child(span, field, ATTRIBUTE_KEY) : undefined;
  return {
    number: field.number,
    bytes,
    key: key && span.toString('utf8', key.start, key.end),
    text: innermost && span.subarray(innermost.start, innermost.end),
    lengths: (path ?? []).map(({ lengthAt, start, end }) => ({
      at: lengthAt - field.tagAt,
      width: start - lengthAt,
      value: end - start,
    })),
  };
}

/** The nested fields that lead to a text, which is the last of them. */
function pathToText(span: Buffer, field: MessageField): MessageField[] | undefined {
  if (field.number === SPAN_FIELD.name) return [field];
  const numbers = field.number === SPAN_FIELD.status ? [STATUS_MESSAGE] : [ATTRIBUTE_VALUE, STRING_VALUE];
  if (field.number !== SPAN_FIELD.status && field.number !== SPAN_FIELD.attributes) return undefined;
  const path = [field];
  for (const number of numbers) {
    const inner = child(span, path.at(-1) as MessageField, number);
    if (inner === undefined) return undefined;
    path.push(inner);
  }
  return path;
}

function child(bytes: Buffer, { start, end }: MessageField, number: number): MessageField | undefined {
  for (let at = start; at < end; ) {
    const field = readField(bytes, at);
    if (field.number === number) return field;
    at = field.end;
  }
  return undefined;
}

function fieldsOf(bytes: Buffer, start: number, end: number): MessageField[] {
  const fields: MessageField[] = [];
  for (let at = start; at < end; ) {
    const field = readField(bytes, at);
    fields.push(field);
    at = field.end;
  }
  return fields;
}

function readField(bytes: Buffer, tagAt: number): MessageField {
  const cursor = { at: tagAt };
  const tag = readVarint(bytes, cursor);
  const lengthAt = cursor.at;
  const length = lengthOf(tag & 7, bytes, cursor);
  return { number: tag >>> 3, tagAt, lengthAt, start: cursor.at, end: cursor.at + length };
}

/** Returns the length of the content. Moves behind the length, if the field has one. */
function lengthOf(wireType: number, bytes: Buffer, cursor: { at: number }): number {
  if (wireType === WIRE_TYPE.bytes) return readVarint(bytes, cursor);
  if (wireType === WIRE_TYPE.fixed64) return 8;
  if (wireType === WIRE_TYPE.fixed32) return 4;
  readVarint(bytes, cursor);
  return 0;
}

function readVarint(bytes: Buffer, cursor: { at: number }): number {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[cursor.at++] as number;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
  }
}
