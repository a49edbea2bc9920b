/** What a JSON string escapes, by ASCII code: 0, it stands for itself; 'u', it needs \u00xx; else the letter after its backslash. */
export const ESCAPE_LETTERS = new Uint8Array(128);
ESCAPE_LETTERS.fill(code('u'), 0, 0x20);
for (const [character, letter] of ['\bb', '\tt', '\nn', '\ff', '\rr', '""', '\\\\']) {
  ESCAPE_LETTERS[code(character as string)] = code(letter as string);
}

function code(character: string): number {
  return character.charCodeAt(0);
}
