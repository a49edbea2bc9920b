/** Collects the chunks of a generator or a stream, and makes the output of them. */
import { Frozen } from '../../event/frozen.js';
import { toSerializable } from '../../event/serializable.js';
import type { TracingCore } from '../core.js';
import { freeze } from '../payloads.js';

type Decoder = InstanceType<typeof TextDecoder>;

/** Collected chunks, up to the size at which the event would be cut: a stream may never end. */
export interface Chunks {
  readonly kept: unknown[];
  chars: number;
  leftOut: number;
  /** Total length of all chunks that are bytes. */
  bytes: number;
  /** Null once the bytes are not text. */
  decoder: Decoder | null;
  /** Content type of the bytes, from a server. */
  readonly contentType: string | null;
}

/** Room for the other fields of the observation: the end of a long output says what is missing and must not be cut. */
const OTHER_FIELDS_BYTES = 4096;

const TEXT_TYPE = /^text\/|[/+](json|xml|javascript|x-ndjson|jsonl|x-www-form-urlencoded|yaml|graphql)\b/i;
const JSON_TYPE = /^[^;]*[/+]json\b/i;

/** @param contentType Of the bytes. Without one, valid UTF-8 is text. */
export function createChunks(contentType: string | null = null): Chunks {
  const isText = contentType === null || TEXT_TYPE.test(contentType);
  const decoder = isText ? decoderOf(contentType) : null;
  return { kept: [], chars: 0, leftOut: 0, bytes: 0, decoder, contentType };
}

function decoderOf(contentType: string | null): Decoder {
  const charset = /charset="?([^";\s]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    return new TextDecoder('utf-8', { fatal: true });
  }
}

/**
 * Keeps the current state of a chunk: many generators yield the same object again and again. With a mask the chunk is not yet
 * serialised, as the mask must see the whole output.
 */
export function collect(core: TracingCore, chunks: Chunks, chunk: unknown): void {
  const bytes = bytesOf(chunk);
  if (bytes !== undefined) chunks.bytes += bytes.byteLength;
  if (chunks.chars >= core.config.maxEventBytes - OTHER_FIELDS_BYTES) {
    chunks.leftOut++;
    return;
  }
  if (bytes !== undefined) {
    const text = decode(chunks, bytes);
    if (text !== '') keep(chunks, text);
  } else if (typeof chunk === 'string') keep(chunks, chunk);
  else keep(chunks, core.config.mask === null ? freeze(core, chunk) : toSerializable(chunk));
}

function keep(chunks: Chunks, kept: unknown): void {
  chunks.kept.push(kept);
  chunks.chars += sizeOf(kept);
}

function bytesOf(chunk: unknown): Uint8Array | undefined {
  return chunk instanceof Uint8Array
    ? chunk
    : chunk instanceof ArrayBuffer
      ? new Uint8Array(chunk)
      : undefined;
}

/** Empty if the bytes are not text. A NUL is valid UTF-8, but no text has one. */
function decode(chunks: Chunks, bytes: Uint8Array): string {
  try {
    const text = chunks.decoder?.decode(bytes, { stream: true }) ?? '';
    if (!text.includes('\0')) return text;
  } catch {
    // Not text: the output will be the count of bytes.
  }
  chunks.decoder = null;
  return '';
}

/** The approximate size of a plain value; at least 1, as empty chunks take room as well. */
function sizeOf(chunk: unknown): number {
  if (typeof chunk === 'string') return chunk.length + 1;
  if (typeof chunk !== 'object' || chunk === null) return 1;
  if (ArrayBuffer.isView(chunk)) return chunk.byteLength;
  if (!(chunk instanceof Frozen)) {
    return Object.entries(chunk).reduce((sum, [key, value]) => sum + key.length + sizeOf(value), 1);
  }
  return chunk.end - chunk.start + (chunk.texts ?? []).reduce((sum, { text }) => sum + text.length, 0);
}

/**
 * The output: texts joined, JSON of a server as its value, other chunks as an array, and the count of bytes that are not text. If
 * there was no chunk, the value that the generator returned.
 */
export function outputOf(chunks: Chunks, returned?: unknown): unknown {
  const { kept, leftOut, bytes, decoder, contentType } = chunks;
  if (bytes > 0 && decoder === null) return { bytes, ...(contentType === null ? {} : { contentType }) };
  if (kept.length === 0) return returned;
  const all = leftOut === 0 ? kept : [...kept, `… [${leftOut} more]`];
  if (!kept.every((chunk) => typeof chunk === 'string')) return all;
  const text = all.join('');
  return contentType !== null && JSON_TYPE.test(contentType) ? jsonOf(text) : text;
}

/** The value of a JSON text, or the text itself if it is cut or incomplete. */
function jsonOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
