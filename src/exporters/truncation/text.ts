/** Cuts text to a size: keeps its beginning, and says at its end how much is missing. */

/** Shorter text is never cut: the note about it takes up to 70 bytes itself. */
export const MIN_CUT_BYTES = 128;

/** The note behind a text that was cut. */
export function leftOut(
  count: number,
  total: number,
  unit: 'bytes' | 'metadata keys' | 'attributes, events and links',
): string {
  return `… [truncated by tailrace: ${count} of ${total} ${unit} left out]`;
}

/** How to cut `text` (UTF-8) to `maxBytes`: how many of its first bytes to keep, and the note behind them. */
export function cutUtf8(text: Uint8Array, maxBytes: number): { kept: number; note: Buffer } {
  const total = text.byteLength;
  if (total <= maxBytes) return { kept: total, note: Buffer.alloc(0) };
  let kept = maxBytes - Buffer.byteLength(leftOut(total, total, 'bytes'));
  while (isInsideCharacter(text, kept)) kept--;
  return { kept, note: Buffer.from(leftOut(total - kept, total, 'bytes')) };
}

export function cutText(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  const utf8 = Buffer.from(text);
  const { kept, note } = cutUtf8(utf8, maxBytes);
  return utf8.toString('utf8', 0, kept) + note;
}

/**
 * The size to cut the largest of `sizes` to, so that all together take `room`. Smaller ones stay whole, so a small input survives
 * beside a huge output. Undefined: there is too little room.
 */
export function sharedSize(sizes: readonly number[], room: number): number | undefined {
  const ascending = sizes.toSorted((a, b) => a - b);
  let left = room;
  for (const [index, size] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index));
    if (size > share) return share >= MIN_CUT_BYTES ? share : undefined;
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}

function isInsideCharacter(utf8: Uint8Array, at: number): boolean {
  return ((utf8[at] as number) & 0xc0) === 0x80;
}
