/** What of words from outside was sent: as secrets, or in the bodies of requests. */
import { ECHO_CHARACTERS, findEchoes, squeeze } from './echo.js';
import type { Atom } from './text-parts.js';

/** What must not come back in a message. */
export interface Sent {
  readonly secrets: readonly string[];
  /** Holding the application's texts as they were sent. */
  readonly bodies: readonly Uint8Array[];
}

/** A piece of a secret, across words; of a single word, where it has as many letters. */
const SECRET_PIECE_CHARACTERS = 6;
const SECRET_WORD_CHARACTERS = 4;
const MIN_SECRET_CHARACTERS = 3;

/** Hides the words of which something was sent, and ends them where they begin to repeat it. */
export function hideWhatWasSent(atoms: Atom[], { secrets, bodies }: Sent): void {
  const ofText = atoms.filter(({ kind }) => kind !== 'between');
  const squeezed = ofText.map(({ text }) => squeeze(Buffer.from(text)));
  const words = Buffer.concat(squeezed);
  /** The atom of each character. */
  const owners = squeezed.flatMap(({ byteLength }, index) => Array<number>(byteLength).fill(index));
  const ofSecrets = secrets.map(squeezeSecret).filter(({ byteLength }) => byteLength > 0);
  const ofBodies = bodies.map(squeeze);
  let end = atoms.length;
  const endAt = (start: number): void => {
    end = Math.min(end, atoms.indexOf(ofText[owners[start] as number] as Atom));
  };
  findEchoes(words, [...ofSecrets, ...ofBodies], (start) => {
    const last = owners[start + ECHO_CHARACTERS - 1] as number;
    const covered = ofText.slice(owners[start] as number, last + 1);
    // The name of a field is the same for all who send it.
    const isName = covered.every(({ kind, name }) => kind === 'known' && name === covered[0]?.name);
    if (!isName) endAt(start);
  });
  for (let start = 0; start + SECRET_PIECE_CHARACTERS <= words.byteLength; start++) {
    const piece = words.subarray(start, start + SECRET_PIECE_CHARACTERS);
    if (ofSecrets.some((secret) => secret.includes(piece))) endAt(start);
  }
  for (const [index, atom] of ofText.entries()) {
    const bytes = squeezed[index] as Buffer;
    if (
      isInSecret(bytes, ofSecrets) ||
      (atom.kind === 'number' && isNumberOf(atom.text, bytes, [...ofSecrets, ...ofBodies]))
    )
      atom.isShown = false;
  }
  if (end < atoms.length)
    atoms.splice(end, atoms.length, { text: '…', kind: 'hidden', name: -1, isShown: false });
}

/** Without the name of its scheme, which is no secret. */
function squeezeSecret(secret: string): Buffer {
  return squeeze(Buffer.from(secret.replace(/^\s*(basic|bearer|digest|token|apikey)(\s+|$)/i, '')));
}

function isInSecret(word: Buffer, secrets: readonly Buffer[]): boolean {
  const isLong = word.byteLength >= SECRET_WORD_CHARACTERS;
  return secrets.some((secret) =>
    isLong ? secret.includes(word) : secret.byteLength >= MIN_SECRET_CHARACTERS && secret.equals(word),
  );
}

/** As a number, or as letters in hexadecimal digits. Of up to three digits every number was sent; limits are round. */
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
