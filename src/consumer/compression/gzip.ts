/**
 * Compresses a request body as gzip (RFC 1952). WebAssembly does it as small as zlib's level 1 and faster: recorded text in half of the time,
 * images in base64 in a tenth. Its source is assembly/deflate.ts.
 */
import { crc32, gzipSync } from 'node:zlib';
import { instantiate } from '../../shared/runtime/webassembly.js';
import { BINARY } from './deflate-module.js';

/** Higher levels of zlib cost several times the CPU for a few per cent. */
const ZLIB_LEVEL = 1;
/** The memory of the WebAssembly grows with the largest compressed body and does not shrink: larger ones go through zlib. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** DEFLATE, no flags, no time, the fastest algorithm, unknown operating system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);
/** CRC-32 and size of the body, 4 bytes each. */
const TRAILER_BYTES = 8;

interface Functions {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly BLOCK: { readonly value: number };
  readonly BLOCK_BYTES: { readonly value: number };
  /** 0: there is no memory for the output of such a body. */
  begin(bodyBytes: number): number;
  compress(byteLength: number, isLast: boolean): number;
}

/** Undefined until there is a body to compress; null if there is no WebAssembly, or no checksum: Node.js has it from 20.15, not every runtime. */
let functions: Functions | null | undefined;

/** `byteLength`: of all pieces together. The result has memory of its own. */
export function gzip(pieces: readonly Uint8Array[], byteLength: number): Uint8Array {
  if (functions === undefined) functions = openFunctions();
  const isSmall = byteLength <= MAX_BODY_BYTES;
  const compressed = functions && isSmall ? tryWebAssembly(functions, pieces, byteLength) : undefined;
  return compressed ?? gzipSync(Buffer.concat(pieces, byteLength), { level: ZLIB_LEVEL });
}

function openFunctions(): Functions | null {
  return typeof crc32 === 'function' ? (instantiate<Functions>(BINARY) ?? null) : null;
}

/** A fault in it must not cost a batch: zlib compresses this body, and all that follow. */
function tryWebAssembly(
  available: Functions,
  pieces: readonly Uint8Array[],
  byteLength: number,
): Uint8Array | undefined {
  try {
    return gzipByWebAssembly(available, pieces, byteLength);
  } catch {
    functions = null;
    return undefined;
  }
}

/** Returns undefined if there is no memory for the output. */
function gzipByWebAssembly(
  { memory, BLOCK, BLOCK_BYTES, begin, compress }: Functions,
  pieces: readonly Uint8Array[],
  byteLength: number,
): Uint8Array | undefined {
  const start = begin(byteLength);
  if (start === 0) return undefined;
  const bytes = Buffer.from(memory.buffer);
  const block = BLOCK.value;
  const blockBytes = BLOCK_BYTES.value;
  let filled = 0;
  let checksum = 0;
  let end = start;
  const compressBlock = (isLast: boolean) => {
    checksum = crc32(bytes.subarray(block, block + filled), checksum);
    end = compress(filled, isLast);
    filled = 0;
  };
  for (const piece of pieces) {
    let rest = piece;
    while (filled + rest.byteLength > blockBytes) {
      const room = blockBytes - filled;
      bytes.set(rest.subarray(0, room), block + filled);
      filled = blockBytes;
      rest = rest.subarray(room);
      compressBlock(false);
    }
    bytes.set(rest, block + filled);
    filled += rest.byteLength;
  }
  compressBlock(true);
  return memberOf(bytes.subarray(start, end), checksum, byteLength);
}

/** A gzip file has members; this is the only one. */
function memberOf(deflated: Buffer, checksum: number, byteLength: number): Uint8Array {
  const trailerAt = HEADER.byteLength + deflated.byteLength;
  const member = Buffer.allocUnsafeSlow(trailerAt + TRAILER_BYTES);
  member.set(HEADER);
  member.set(deflated, HEADER.byteLength);
  member.writeUInt32LE(checksum, trailerAt);
  member.writeUInt32LE(byteLength, trailerAt + 4);
  return member;
}
