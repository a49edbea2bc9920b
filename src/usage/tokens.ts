/** Counts the tokens of texts within limits of size and time, and extrapolates beyond them. */
import { monotonicNow } from '../shared/runtime/real-time.js';
import { type Encoding, type EncodingName, type LoadEncoding, loadEncoding } from './libraries.js';

/** Undefined if the tokenizer is not installed. */
export type CountTokens = (texts: readonly string[], encoding: EncodingName) => number | undefined;

/** About 50,000 tokens of English, which take 40 ms; random Chinese characters take 100 ms (measured). */
const MAX_CHARS = 200_000;
/** Limit per side of an observation. Before code is compiled, the first texts took 50 ms on a busy machine. */
const MAX_MS = 150;
/**
 * The tokenizer's time grows with the square of a stretch without a boundary: 50,000 times the same letter take
 * 1.4 s, the same Chinese character 11.6 s; in slices of 1024 characters they take 5 ms each (measured).
 */
const SLICE_CHARS = 1024;
/** Bounds the tokenizer's cache to about 20 MB, as it also keeps slices without a boundary. */
const MERGE_CACHE_ENTRIES = 10_000;

/** Each generation of an agent repeats earlier messages: counts of texts from this length on are cached. */
const MIN_REMEMBERED_CHARS = 64;
/** Limit of the cache; then it is cleared. */
const MAX_REMEMBERED_CHARS = 8_000_000;

interface Counter {
  readonly encoding: Encoding;
  readonly known: Map<string, number>;
  knownChars: number;
}

/** The count of a text, or of its beginning. */
interface Count {
  readonly tokens: number;
  readonly chars: number;
}

/** `now` is the clock for the time limit, in milliseconds; `load` loads an encoding. */
export function createTokenCounter(
  now: () => number = () => monotonicNow(),
  load: LoadEncoding = loadEncoding,
): CountTokens {
  const counters = new Map<EncodingName, Counter>();
  return (texts, name) => {
    const counter = counters.get(name) ?? createCounter(load(name));
    if (counter === undefined) return undefined;
    counters.set(name, counter);
    const deadline = now() + MAX_MS;
    return countTexts(counter, texts, () => now() > deadline);
  };
}

function createCounter(encoding: Encoding | undefined): Counter | undefined {
  encoding?.setMergeCacheSize(MERGE_CACHE_ENTRIES);
  return encoding && { encoding, known: new Map(), knownChars: 0 };
}

function countTexts(counter: Counter, texts: readonly string[], isLate: () => boolean): number {
  const allChars = texts.reduce((sum, text) => sum + text.length, 0);
  let tokens = 0;
  let chars = 0;
  for (const text of texts) {
    const count = countText(counter, text, MAX_CHARS - chars, isLate);
    tokens += count.tokens;
    chars += count.chars;
    if (count.chars < text.length) return Math.round((tokens * allChars) / chars);
  }
  return tokens;
}

function countText(counter: Counter, text: string, maxChars: number, isLate: () => boolean): Count {
  const known = counter.known.get(text);
  if (known !== undefined) return { tokens: known, chars: text.length };
  let tokens = 0;
  let chars = 0;
  while (chars < text.length) {
    if (chars >= maxChars || isLate()) return { tokens, chars };
    const end = endOfSlice(text, chars);
    // Names of special tokens are plain text here, and must not throw.
    tokens += counter.encoding.countTokens(text.slice(chars, end), { allowedSpecial: 'all' });
    chars = end;
  }
  remember(counter, text, tokens);
  return { tokens, chars };
}

function remember(counter: Counter, text: string, tokens: number): void {
  if (text.length < MIN_REMEMBERED_CHARS) return;
  counter.knownChars += text.length;
  if (counter.knownChars > MAX_REMEMBERED_CHARS) {
    counter.known.clear();
    counter.knownChars = text.length;
  }
  counter.known.set(text, tokens);
}

/** Before a single space, which no token crosses; without one anywhere but inside a surrogate pair. */
function endOfSlice(text: string, start: number): number {
  const last = start + SLICE_CHARS;
  if (last >= text.length) return text.length;
  for (let space = text.lastIndexOf(' ', last); space > start; space = text.lastIndexOf(' ', space - 1)) {
    if (/^\S \S$/.test(text.slice(space - 1, space + 2))) return space;
  }
  const isPair = (text.charCodeAt(last - 1) & 0xfc00) === 0xd800;
  return isPair ? last - 1 : last;
}
