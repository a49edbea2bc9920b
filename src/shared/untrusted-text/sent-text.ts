/** Hides the parts of untrusted text that were sent: as secrets, or in the bodies of requests. */
import { ECHO_CHARACTERS, findEchoes, squeeze } from './echo.js';
import type { TextPart } from './text-parts.js';

/** What was sent, and must not appear in a message. */
export interface Sent {
  readonly secrets: readonly string[];
  /** The bodies of requests, which contain the application's texts. */
  readonly bodies: readonly Uint8Array[];
}

/** The shortest piece of a secret across words, and within a single word. */
const SECRET_PIECE_CHARACTERS = 6;
const SECRET_WORD_CHARACTERS = 4;
const MIN_SECRET_CHARACTERS = 3;

/** Hides each part that was sent, and ends the text where it begins to repeat what was sent. */
export function hideSent(parts: TextPart[], { secrets, bodies }: Sent): void {
  const ofText = parts.filter(({ kind }) => kind !== 'between');
  const squeezed = ofText.map(({ text }) => squeeze(Buffer.from(text)));
  const text = Buffer.concat(squeezed);
  // Most answers say nothing. Squeezing the bodies takes some 12 µs for each KB that was sent.
  if (text.byteLength === 0) return;
  /** The part of each character. */
  const owners = squeezed.flatMap(({ byteLength }, index) => Array<number>(byteLength).fill(index));
  const ofSecrets = secrets.map(squeezeSecret).filter(({ byteLength }) => byteLength > 0);
  const ofBodies = bodies.map(squeeze);
  let end = parts.length;
  const endAt = (start: number): void => {
    end = Math.min(end, parts.indexOf(ofText[owners[start] as number] as TextPart));
  };
  findEchoes(text, [...ofSecrets, ...ofBodies], (start) => {
    const last = owners[start + ECHO_CHARACTERS - 1] as number;
    const covered = ofText.slice(owners[start] as number, last + 1);
    // The name of a field reveals nothing.
    const isName = covered.every(({ kind, name }) => kind === 'known' && name === covered[0]?.name);
    if (!isName) endAt(start);
  });
  for (let start = 0; start + SECRET_PIECE_CHARACTERS <= text.byteLength; start++) {
    const piece = text.subarray(start, start + SECRET_PIECE_CHARACTERS);
    if (ofSecrets.some((secret) => secret.includes(piece))) endAt(start);
  }
  for (const [index, part] of ofText.entries()) {
    const bytes = squeezed[index] as Buffer;
    if (
      isInSecret(bytes, ofSecrets) ||
      (part.kind === 'number' && isNumberOf(part.text, bytes, [...ofSecrets, ...ofBodies]))
    )
      part.isShown = false;
  }
  if (end < parts.length)
    parts.splice(end, parts.length, { text: '…', kind: 'hidden', name: -1, isShown: false });
}

/** Without the name of its scheme, which is not secret. */
function squeezeSecret(secret: string): Buffer {
  return squeeze(Buffer.from(secret.replace(/^\s*(basic|bearer|digest|token|apikey)(\s+|$)/i, '')));
}

function isInSecret(word: Buffer, secrets: readonly Buffer[]): boolean {
  const isLong = word.byteLength >= SECRET_WORD_CHARACTERS;
  return secrets.some((secret) =>
    isLong ? secret.includes(word) : secret.byteLength >= MIN_SECRET_CHARACTERS && secret.equals(word),
  );
}

/** Whether it was sent as a number, or as letters in hexadecimal. Every number of up to three digits occurs; limits are round. */
function isNumberOf(text: string, digits: Buffer, sent: readonly Buffer[]): boolean {
  const isRound = /^\d{1,2}0*(\D|$)/.test(text) || Number.parseFloat(text) % 1024 === 0;
  const whole = text.replace(/\D.*/, '');
  const letters = [whole, whole.slice(1)]
    .map((hex) => Buffer.from(hex, 'hex'))
    .map((bytes) => ({ bytes, squeezed: squeeze(bytes) }))
    .filter(({ bytes, squeezed }) => bytes.byteLength > 2 && squeezed.byteLength === bytes.byteLength);
  const pieces = letters.map(({ squeezed }) => squeezed);
  if (digits.byteLength > 3 && !isRound) pieces.push(digits);
  return sent.some((one) => pieces.some((piece) => one.includes(piece)));
}
