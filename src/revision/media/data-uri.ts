/** Finds data URIs (RFC 2397) in base64, in a text or as a whole text. The time is linear in any text. */
import { contentTypeOf } from './content-types.js';

interface DataUri {
  readonly contentType: string;
  readonly content: Buffer;
}

const MARK = ';base64,';
const MAX_HEADER_CHARS = 256;
/** Before the mark: a content type, and perhaps parameters. */
const HEADER = /(?<![a-z0-9])data:([\w.+-]+\/[\w.+-]+)(?:;[\w.+-]+=[^;,\s]*)*$/i;
const BASE64 = /[A-Za-z0-9+/]*={0,2}/y;
/** Directly after base64 these show that it is not base64, or not complete: base64url, percent-encoding, too much padding. */
const NOT_AFTER = /[-_%=]/;
/** Length of a mail program's lines: base64 that it broke into lines does not end with the first line. */
const MIN_LINE_CHARS = 60;
const MAX_LINE_CHARS = 76;

/** Replaces each data URI by a text. A malformed or empty one stays as it is. */
export function replaceDataUris(text: string, substitute: (uri: DataUri) => string): string {
  let result = '';
  let copied = 0;
  for (let mark = text.indexOf(MARK); mark !== -1; mark = text.indexOf(MARK, mark + MARK.length)) {
    const header = HEADER.exec(text.slice(Math.max(copied, mark - MAX_HEADER_CHARS), mark));
    const start = mark + MARK.length;
    const end = header === null ? start : base64End(text, start);
    const contentType = contentTypeOf(header?.[1]);
    if (header === null || end === start || contentType === undefined) continue;
    const content = Buffer.from(text.slice(start, end), 'base64');
    result += text.slice(copied, mark - header[0].length) + substitute({ contentType, content });
    copied = end;
    mark = end - MARK.length;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** Reads a text that is one data URI. */
export function readDataUri(text: string): DataUri | undefined {
  let found: DataUri | undefined;
  const rest = replaceDataUris(text.trim(), (uri) => {
    found = uri;
    return '';
  });
  return rest === '' ? found : undefined;
}

/** Whether a text is base64, and nothing else. */
export function isBase64(text: unknown): text is string {
  return (
    typeof text === 'string' && text.length % 4 === 0 && text !== '' && base64End(text, 0) === text.length
  );
}

/** Returns the end of the base64 that starts at `start`; `start` if there is none. */
function base64End(text: string, start: number): number {
  BASE64.lastIndex = start;
  BASE64.test(text);
  const end = BASE64.lastIndex;
  const chars = end - start;
  const isPadded = text[end - 1] === '=';
  const isWhole = isPadded ? chars % 4 === 0 : chars % 4 !== 1;
  const isFirstOfLines =
    chars >= MIN_LINE_CHARS &&
    chars <= MAX_LINE_CHARS &&
    /[\r\n]/.test(text[end] ?? '') &&
    end + 2 < text.length;
  return !isWhole || isFirstOfLines || NOT_AFTER.test(text[end] ?? '') ? start : end;
}
