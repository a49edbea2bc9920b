/** Decompresses a response body. We never ask for compression, but pages of proxies may be compressed all the same. */
import { brotliDecompressSync, constants, inflateRawSync, inflateSync, unzipSync } from 'node:zlib';
import type { ExportResponse } from '../../shared/contract/exporter.js';

/** The same limit as for an uncompressed body: a few compressed bytes can stand for gigabytes. */
const MAX_BYTES = 4 * 1024 * 1024;

const ZLIB = { maxOutputLength: MAX_BYTES, finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI = { maxOutputLength: MAX_BYTES, finishFlush: constants.BROTLI_OPERATION_FLUSH };

const DECODERS: Readonly<Record<string, (body: Uint8Array) => Buffer>> = {
  gzip: (body) => unzipSync(body, ZLIB),
  'x-gzip': (body) => unzipSync(body, ZLIB),
  br: (body) => brotliDecompressSync(body, BROTLI),
  // Some servers send raw deflate, without the zlib header that RFC 9110 asks for.
  deflate: (body) => ((body[0] as number) % 16 === 8 ? inflateSync : inflateRawSync)(body, ZLIB),
};

/** Returns the response unchanged, with its content-encoding header, if the body cannot be decoded. */
export function decodeContent(response: ExportResponse): ExportResponse {
  const { 'content-encoding': encoding, ...headers } = response.headers;
  if (encoding === undefined || response.body.byteLength === 0) return response;
  const codings = String(encoding)
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim());
  const decoders = codings
    .filter((coding) => coding !== '' && coding !== 'identity')
    .map((coding) => DECODERS[coding]);
  if (decoders.length > 2 || decoders.includes(undefined)) return response;
  try {
    const body = decoders.reduceRight((bytes, decode) => decode?.(bytes) ?? bytes, response.body);
    return { ...response, headers, body };
  } catch {
    return response;
  }
}
