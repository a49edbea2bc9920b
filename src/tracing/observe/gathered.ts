/** What a generator or a stream has given so far, and the output that it makes. */
import { Frozen } from '../../event/frozen.js';
import { toSerializable } from '../../event/serializable.js';
import { freeze, type TracingCore } from '../core.js';

type Decoder = InstanceType<typeof TextDecoder>;

/** Up to a size beyond which it would be cut in any case: a stream may never end. */
export interface Gathered {
  readonly chunks: unknown[];
  chars: number;
  leftOut: number;
  /** Of all chunks that are bytes. */
  bytes: number;
  /** Null once they are no text. */
  decoder: Decoder | null;
  /** What a server says that they are. */
  readonly contentType: string | null;
}

/** For what an observation has besides, so that the end of a long output, which says what is missing, is not cut off. */
const REST_BYTES = 4096;

const TEXT = /^text\/|[/+](json|xml|javascript|x-ndjson|jsonl|x-www-form-urlencoded|yaml|graphql)\b/i;
const JSON_TYPE = /^[^;]*[/+]json\b/i;

/** @param contentType Of its bytes. Without one they are text where they are valid UTF-8. */
export function createGathered(contentType: string | null = null): Gathered {
  const isText = contentType === null || TEXT.test(contentType);
  const decoder = isText ? decoderOf(contentType) : null;
  return { chunks: [], chars: 0, leftOut: 0, bytes: 0, decoder, contentType };
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
 * As it is now: many generators yield the same object again and again. A mask is to see it all, and nothing that is
 * encoded already.
 */
export function gather(core: TracingCore, gathered: Gathered, chunk: unknown): void {
  const bytes = bytesOf(chunk);
  if (bytes !== undefined) gathered.bytes += bytes.byteLength;
  if (gathered.chars >= core.config.maxEventBytes - REST_BYTES) {
    gathered.leftOut++;
    return;
  }
  if (bytes !== undefined) {
    const text = decode(gathered, bytes);
    if (text !== '') keep(gathered, text);
  } else if (typeof chunk === 'string') keep(gathered, chunk);
  else keep(gathered, core.config.mask === null ? freeze(core, chunk) : toSerializable(chunk));
}

function keep(gathered: Gathered, kept: unknown): void {
  gathered.chunks.push(kept);
  gathered.chars += sizeOf(kept);
}

function bytesOf(chunk: unknown): Uint8Array | undefined {
  return chunk instanceof Uint8Array
    ? chunk
    : chunk instanceof ArrayBuffer
      ? new Uint8Array(chunk)
      : undefined;
}

/** Empty where the bytes are no text. A NUL is valid UTF-8, and in no text. */
function decode(gathered: Gathered, bytes: Uint8Array): string {
  try {
    const text = gathered.decoder?.decode(bytes, { stream: true }) ?? '';
    if (!text.includes('\0')) return text;
  } catch {
    // Told by the count of bytes.
  }
  gathered.decoder = null;
  return '';
}

/** Of plain values, roughly; at least 1, as a chunk takes room also where it is empty. */
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
 * Text as one, JSON of a server as its value, other chunks as an array; of bytes that are no text their count. What the
 * generator returned where it has given nothing.
 */
export function outputOf(gathered: Gathered, returned?: unknown): unknown {
  const { chunks, leftOut, bytes, decoder, contentType } = gathered;
  if (bytes > 0 && decoder === null) return { bytes, ...(contentType === null ? {} : { contentType }) };
  if (chunks.length === 0) return returned;
  const all = leftOut === 0 ? chunks : [...chunks, `… [${leftOut} more]`];
  if (!chunks.every((chunk) => typeof chunk === 'string')) return all;
  const text = all.join('');
  return contentType !== null && JSON_TYPE.test(contentType) ? jsonOf(text) : text;
}

/** The text itself where it was cut, or left early. */
function jsonOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
