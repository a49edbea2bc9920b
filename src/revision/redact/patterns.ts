/**
 * The ready patterns of redaction. Each takes linear time in any text: a repetition is bounded, or cannot begin in the middle of
 * itself.
 *
 * Text may be JSON in itself, with a line break as `\n`: its letter does not count as the letter before a match.
 */
import type { ReadyPattern } from '../../shared/contract/redaction.js';
import { unicodePattern } from '../../shared/unicode-pattern.js';
import { redactCards } from './card-numbers.js';

/** Replaces all matches in a text. */
export type Redact = (text: string) => string;

/** Not in the middle of a word. */
const START = String.raw`(?<!(?<!\\)[A-Za-z0-9])`;

/** Includes Latin letters with accents, but no other scripts: some are written without a space before an address. */
const LOCAL = String.raw`A-Za-z0-9._%+\u00c0-\u024f-`;
const EMAIL = new RegExp(
  String.raw`(?<=^|[^\\${LOCAL}]|\\.)[${LOCAL}]+@(?:[A-Za-z0-9\u00c0-\u024f-]{1,63}\.){1,10}[A-Za-z\u00c0-\u024f]{2,63}`,
  'gs',
);

const KEYS = [
  // OpenAI, Anthropic, OpenRouter, Langfuse and others of this form.
  '[sp]k-[A-Za-z0-9_-]{16,}',
  'gsk_[A-Za-z0-9]{20,}',
  'xai-[A-Za-z0-9]{20,}',
  'pplx-[A-Za-z0-9]{20,}',
  'hf_[A-Za-z0-9]{20,}',
  'r8_[A-Za-z0-9]{20,}',
  // AWS, Google
  '(?:AKIA|ASIA)[A-Z0-9]{16}',
  'AIza[A-Za-z0-9_-]{30,}',
  // GitHub, GitLab, npm
  'gh[opsur]_[A-Za-z0-9]{20,}',
  'github_pat_[A-Za-z0-9_]{20,}',
  'glpat-[A-Za-z0-9_-]{16,}',
  'npm_[A-Za-z0-9]{30,}',
  // Slack, Stripe, SendGrid
  'xox[abeoprs]-[A-Za-z0-9-]{10,}',
  'xapp-[A-Za-z0-9-]{10,}',
  '[prs]k_(?:live|test)_[A-Za-z0-9]{10,}',
  'whsec_[A-Za-z0-9+/]{16,}',
  String.raw`SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}`,
];
const API_KEY = new RegExp(`${START}(?:${KEYS.join('|')})`, 'g');

const AUTHORIZATION = new RegExp(
  String.raw`${START}(bearer|basic)(\s{1,16})([A-Za-z0-9._~+/-]{8,}={0,2})`,
  'gi',
);
const JSON_WEB_TOKEN = new RegExp(
  String.raw`${START}(?<![_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`,
  'g',
);
const MIN_TOKEN_OF_LETTERS = 20;
/** Readable text. Anything else that decodes as Base64 has control characters or is not UTF-8. */
const userAndPassword = unicodePattern(String.raw`^[^\p{C}\ufffd]*:[^\p{C}\ufffd]*$`, 'u');

const READY: Record<ReadyPattern, (text: string, replacement: string) => string> = {
  email: (text, replacement) => (text.includes('@') ? text.replace(EMAIL, () => replacement) : text),
  card: redactCards,
  'api-key': (text, replacement) => text.replace(API_KEY, () => replacement),
  bearer: (text, replacement) =>
    text
      .replace(AUTHORIZATION, (whole, scheme: string, space: string, token: string) =>
        isCredential(scheme, token) ? `${scheme}${space}${replacement}` : whole,
      )
      .replace(JSON_WEB_TOKEN, () => replacement),
};

export function readyPattern(name: ReadyPattern, replacement = `[REDACTED:${name}]`): Redact {
  return (text) => READY[name](text, replacement);
}

/** Excludes "basic understanding" and "bearer instruments" in a sentence. */
function isCredential(scheme: string, token: string): boolean {
  if (scheme.toLowerCase() === 'bearer') return token.length >= MIN_TOKEN_OF_LETTERS || /\d/.test(token);
  return userAndPassword().test(Buffer.from(token, 'base64').toString());
}
