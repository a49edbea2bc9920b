/** How text is cut to a size: its beginning stays, its end says how much is missing. */

/** Shorter text is never cut: what says so takes up to 70 bytes itself. */
export const MIN_CUT_BYTES = 128;

/** Stands after the beginning of a text that was cut. */
export function leftOut(
  count: number,
  total: number,
  unit: 'bytes' | 'metadata keys' | 'attributes, events and links',
): string {
  return `… [truncated by tailrace: ${count} of ${total} ${unit} left out]`;
}

/** `text` (UTF-8) in at most `maxBytes` bytes: how many of its first to keep, and what to put after them. */
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
 * The size to which the largest of `sizes` have to be cut so that all together take `room`: what is smaller stays whole,
 * so a small input survives beside a huge output. Undefined: less than can be cut to.
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
