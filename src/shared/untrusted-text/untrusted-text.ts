/**
 * Redacts untrusted text (of a server, a proxy, a certificate, an exporter of the application) before a message shows it. A server
 * may repeat what it was sent, in any encoding and on purpose, so only these are shown:
 *
 * - words of a list (`known-words`), in which servers say what is wrong;
 * - short numbers that were not sent.
 *
 * Everything else becomes `…`, as it may be what was sent: in base64, in hexadecimal, with letters shifted, or backwards. The text
 * ends where it begins to repeat what was sent.
 */
import type { ExportResponse } from '../contract/exporter.js';
import { readableText } from './readable-text.js';
import { hideSent, type Sent } from './sent-text.js';
import { hideNumbersInRows, hidePartsOfOthers, joinShown, splitText } from './text-parts.js';

export type { Sent } from './sent-text.js';

/** The rest of a longer text is not shown. */
const READ_CHARACTERS = 1_000;

/** Describes a response for a message: `: ` and its redacted text, or else ` (type, n bytes)`. Empty for an empty body. */
export function excerpt({ headers, body }: Pick<ExportResponse, 'headers' | 'body'>, sent?: Sent): string {
  if (body.byteLength === 0) return '';
  const text = headers['content-encoding'] === undefined ? textOf(body) : undefined;
  const shown = text === undefined ? '' : redactUntrusted(text, sent);
  if (shown !== '') return `: ${shown}`;
  return text?.trim() === '' ? '' : ` (${redactedType(headers['content-type'])}, ${body.byteLength} bytes)`;
}

/** Redacts one field of a response. */
export function redactField(text: string, sent?: Sent): string {
  // Most answers have no such field. To compile the expressions that split a text takes 3 ms.
  if (text === '') return '';
  const shown = redactUntrusted(text, sent);
  return shown === '' && text.trim() !== '' ? `a text of ${text.length} characters, not shown` : shown;
}

/**
 * Redacts untrusted text. `sent`: undefined, it is unknown what was sent. `own`: texts that may be shown, such as the host that was
 * asked. Returns '' if nothing can be shown.
 */
export function redactUntrusted(text: string, sent?: Sent, own: readonly string[] = []): string {
  const parts = splitText(readableText(text).slice(0, READ_CHARACTERS), own);
  hideNumbersInRows(parts);
  hidePartsOfOthers(parts);
  if (sent !== undefined) hideSent(parts, sent);
  return joinShown(parts);
}

/** Redacts the address that a server names: shows its scheme, port, and the known parts of its host. */
export function redactOrigin(url: URL, own: readonly string[], sent?: Sent): string {
  const { protocol, hostname, port } = url;
  const isAddress = /^\[|^[\d.]+$/.test(hostname);
  const host = isAddress && !own.includes(hostname) ? '…' : redactUntrusted(hostname, sent, own) || '…';
  return `${protocol === 'https:' ? 'https' : 'http'}://${host}${port && `:${redactUntrusted(port, sent) || '…'}`}`;
}

/** Content types that are shown. All others are untrusted text. */
const TYPE =
  /^(application|text)\/(json|problem\+json|x-protobuf|protobuf|grpc|xml|html|plain|octet-stream|xhtml\+xml|javascript)$/;

function redactedType(header: string | string[] | undefined): string {
  const type = String(header ?? '')
    .split(';')[0]
    ?.trim()
    .toLowerCase();
  if (!type) return 'no type';
  return TYPE.test(type) ? type : 'of another type';
}

/** Undefined: it is not text. */
function textOf(body: Uint8Array): string | undefined {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 65_536)).toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they distinguish bytes from text
  return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text;
}
