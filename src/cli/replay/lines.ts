/** The lines of a file, one at a time: memory is bounded by the longest line, and that by a limit. */
import { createReadStream } from 'node:fs';

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Absent: the line is longer than the limit. */
  readonly text: string | undefined;
  /** Bytes of the file up to the end of the block that the line ended in. */
  readonly bytesRead: number;
}

/** A conversation of this size is hours of talk; JSON.parse would need several times as much. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

const READ_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** Rejects when the file cannot be read. Bytes that are not UTF-8 become U+FFFD, a byte order mark is left out. */
export async function* readLines(path: string, maxLineBytes = MAX_LINE_BYTES): AsyncGenerator<Line> {
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

  for await (const block of createReadStream(path, { highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>) {
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
