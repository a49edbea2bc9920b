/**
 * Compresses a body as DEFLATE (RFC 1951): about as small as zlib's level 1 makes it, in about half of the time. JavaScript calls `begin`, fills
 * BLOCK with what comes next of the body, and calls `compress`, until there is no more.
 */
import { alignOutput, beginOutput, outputPosition } from './bit-output';
import { beginMatches, findMatches, moveWindow } from './matches';
import { writeBlock } from './block';

export { BLOCK, BLOCK_BYTES } from './matches';

/** Returns where the output begins, or 0 if there is no memory for it. */
export function begin(bodyBytes: u32): usize {
  if (!beginOutput(bodyBytes)) return 0;
  beginMatches();
  return outputPosition();
}

/** Returns where the output ends. All blocks but the last are full. */
export function compress(length: u32, isLast: bool): usize {
  findMatches(length);
  writeBlock(length, isLast);
  if (isLast) alignOutput();
  else moveWindow();
  return outputPosition();
}
