/** Divides bytes into lines. Memory is bounded by the longest line, which has a limit. */

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Undefined if the line is longer than the limit. */
  readonly text: string | undefined;
  /** Bytes read so far, up to the end of the block with this line. */
  readonly bytesRead: number;
}

/** A conversation of this size is hours long; JSON.parse needs several times as much memory. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

const NEWLINE = 0x0a;

/** Rejects if the bytes cannot be read. Invalid UTF-8 becomes U+FFFD, a byte order mark is removed. */
export async function* linesOf(
  blocks: AsyncIterable<Buffer>,
  maxLineBytes = MAX_LINE_BYTES,
): AsyncGenerator<Line, void, void> {
  const decoder = new TextDecoder();
  let pieces: Buffer[] = [];
  let lineBytes = 0;
  let number = 0;
  let bytesRead = 0;

  function add(piece: Buffer): void {
    lineBytes += piece.byteLength;
    if (lineBytes <= maxLineBytes) pieces.push(piece);
    else pieces = [];
  }

  function endLine(): Line {
    const text = lineBytes <= maxLineBytes ? decoder.decode(Buffer.concat(pieces)) : undefined;
    pieces = [];
    lineBytes = 0;
    number++;
    return { number, text, bytesRead };
  }

  for await (const block of blocks) {
    bytesRead += block.byteLength;
    let start = 0;
    for (let end = block.indexOf(NEWLINE); end !== -1; end = block.indexOf(NEWLINE, start)) {
      add(block.subarray(start, end));
      yield endLine();
      start = end + 1;
    }
    if (start < block.byteLength) add(block.subarray(start));
  }
  if (lineBytes > 0) yield endLine();
}
