/**
 * The one gate for words from outside (a server's, a proxy's, a certificate's, an exporter's of the application): what of them
 * a message shows. A server may repeat what it was sent, in any encoding and on purpose, so words are let through one by one:
 *
 * - those of a list (`known-words`), in which servers say what is wrong;
 * - short numbers that were not sent.
 *
 * All else is shown as `…`, as it may be what was sent in base64, in hexadecimal digits, letter by letter shifted, or backwards.
 * Where words begin to repeat what was sent, they end.
 */
import type { ExportResponse } from '../contract/exporter.js';
import { readableText } from './readable-text.js';
import { hideWhatWasSent, type Sent } from './sent-text.js';
import { atomsOf, hideNumbersInRows, hidePartsOfOthers, written } from './text-parts.js';

export type { Sent } from './sent-text.js';

/** What lies behind is not shown. */
const READ_CHARACTERS = 1_000;

/** What may be said of an answer, with its punctuation: its words, else its type and size, as `: words` or ` (type, n bytes)`. */
export function excerpt({ headers, body }: Pick<ExportResponse, 'headers' | 'body'>, sent?: Sent): string {
  if (body.byteLength === 0) return '';
  const text = headers['content-encoding'] === undefined ? textOf(body) : undefined;
  const words = text === undefined ? '' : redactUntrusted(text, sent);
  if (words !== '') return `: ${words}`;
  return text?.trim() === ''
    ? ''
    : ` (${typeFromOutside(headers['content-type'])}, ${body.byteLength} bytes)`;
}

/** The same of one field of an answer. */
export function redactField(text: string, sent?: Sent): string {
  const words = redactUntrusted(text, sent);
  return words === '' && text.trim() !== '' ? `a text of ${text.length} characters, not shown` : words;
}

/**
 * `sent`: undefined, nobody knows what was sent. `own`: texts of ours that may be among the words, such as the host that was
 * asked. Empty: nothing can be shown.
 */
export function redactUntrusted(text: string, sent?: Sent, own: readonly string[] = []): string {
  const atoms = atomsOf(readableText(text).slice(0, READ_CHARACTERS), own);
  hideNumbersInRows(atoms);
  hidePartsOfOthers(atoms);
  if (sent !== undefined) hideWhatWasSent(atoms, sent);
  return written(atoms);
}

/** Of an address that a server names: scheme, host and port, with those parts of its name that are known. */
export function redactOrigin(url: URL, own: readonly string[], sent?: Sent): string {
  const { protocol, hostname, port } = url;
  const isAddress = /^\[|^[\d.]+$/.test(hostname);
  const host = isAddress && !own.includes(hostname) ? '…' : redactUntrusted(hostname, sent, own) || '…';
  return `${protocol === 'https:' ? 'https' : 'http'}://${host}${port && `:${redactUntrusted(port, sent) || '…'}`}`;
}

/** Types that say something; all others are the server's own words. */
const TYPE =
  /^(application|text)\/(json|problem\+json|x-protobuf|protobuf|grpc|xml|html|plain|octet-stream|xhtml\+xml|javascript)$/;

function typeFromOutside(header: string | string[] | undefined): string {
  const type = String(header ?? '')
    .split(';')[0]
    ?.trim()
    .toLowerCase();
  if (!type) return 'no type';
  return TYPE.test(type) ? type : 'of another type';
}

/** Undefined: no text. */
function textOf(body: Uint8Array): string | undefined {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 65_536)).toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they tell bytes from texts
  return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text;
}
