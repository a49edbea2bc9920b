/** What a message shows of a server's words: their start on one line, and nothing of what the server was sent. */
import { findEcho } from './echo.js';

const SHOWN_CHARACTERS = 200;
/** What lies behind is not shown, however much markup is left out before it. */
const READ_CHARACTERS = 2_000;
/** A shorter one is no secret, and is found in any word. */
const MIN_SECRET_CHARACTERS = 6;

/** What must not come back in a message: a proxy, or a server's page for its developers, may show what it was sent. */
export interface Sent {
  readonly secrets: readonly string[];
  /** Holding the application's texts as they were sent. */
  readonly bodies: readonly Uint8Array[];
}

/** The start of the body, behind a colon: proxies answer HTML, servers JSON. */
export function excerpt({ body }: { readonly body: Uint8Array }, sent?: Sent): string {
  const { buffer, byteOffset, byteLength } = body;
  const words = excerptOf(Buffer.from(buffer, byteOffset, byteLength).toString('utf8'), sent);
  return words === '' ? '' : `: ${words}`;
}

export function excerptOf(text: string, sent?: Sent): string {
  const words = sent === undefined ? text.slice(0, READ_CHARACTERS) : withoutEchoes(text, sent);
  return words
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, SHOWN_CHARACTERS);
}

/** Where an echo begins the words end: what is behind it is more of the same, in pieces too small to tell. */
export function withoutEchoes(text: string, { secrets, bodies }: Sent): string {
  const clean = secrets
    .filter(({ length }) => length >= MIN_SECRET_CHARACTERS)
    .reduce((words, secret) => words.replaceAll(secret, '…'), text);
  const words = Buffer.from(clean.slice(0, READ_CHARACTERS));
  const echo = findEcho(words, bodies);
  return echo === -1 ? words.toString('utf8') : `${words.toString('utf8', 0, echo)}…`;
}
