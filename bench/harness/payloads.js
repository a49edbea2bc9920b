/**
 * What the events hold. The strings are made beforehand, flat and different from each other, as they come out of an
 * HTTP response; the objects around them are made anew for each event, within the measured call, as an application
 * makes them. An event carries its number in its name and in its output, for the sink.
 */
import { gzipSync } from 'node:zlib';
import { madeUpText } from './made-up-text.js';
import { hasAgentRuns, recordedText } from './recorded.js';

/** Different texts per workload: so many at least, and so many bytes that gzip's window never holds the same twice. */
const MIN_POOL = 32;
const MIN_POOL_BYTES = 128 * 1024;

/** Two payload fields of `bytes` bytes of UTF-8 each. English is what recorded conversations say, where they are there. */
export function textPayloads(bytes, language) {
  const texts = textsOf(bytes, language);
  const poolSize = texts.length;
  const half = poolSize >> 1;
  return {
    poolSize,
    traceEvery: () => false,
    input: (i) => [{ role: 'user', content: texts[i % poolSize] }],
    output: (i) => ({ role: 'assistant', id: `#o${i};`, content: texts[(i + half) % poolSize] }),
  };
}

/** Texts of `bytes` bytes of UTF-8 each, in the order in which they were said. Made-up text follows if that is not enough. */
export function textsOf(bytes, language) {
  const count = Math.max(MIN_POOL, Math.ceil(MIN_POOL_BYTES / bytes));
  const text =
    language === 'english' && hasAgentRuns() ? recordedText() : madeUpText(language, count * bytes);
  const all = Buffer.from(text);
  // 32 long texts are more than was recorded: it begins again, at another place than the first time.
  return Array.from({ length: count }, (_, i) => textAt(all, (i * bytes) % all.length, bytes));
}

/** Cut at whole characters, and filled up. */
function textAt(all, start, bytes) {
  const part = all.subarray(start, start + bytes);
  const cut = Buffer.concat([part, all.subarray(0, bytes - part.length)])
    .toString()
    .replaceAll('\ufffd', '');
  // Through a Buffer: a flat string.
  return Buffer.from(cut.padEnd(cut.length + bytes - Buffer.byteLength(cut), '.')).toString();
}

/** Bytes for which the compression is reported. */
const SAMPLE_BYTES = 1024 * 1024;

/** How many times smaller gzip (level 1) makes the JSON of events, one after the other in a batch. */
export function compressionOf({ poolSize, input, output }) {
  const parts = [];
  for (let i = 0, length = 0; i < poolSize && length < SAMPLE_BYTES; i++) {
    parts.push(JSON.stringify(input(i)), JSON.stringify(output(i)));
    length += parts.at(-1).length + parts.at(-2).length;
  }
  const body = Buffer.from(parts.join('\n'));
  return body.length / gzipSync(body, { level: 1 }).length;
}
