/** Ids of traces and observations as OTLP has them. Classic clients may use any text. */

import { createHash } from 'node:crypto';

export const TRACE_ID_BYTES = 16;
export const SPAN_ID_BYTES = 8;

/** An id of OTLP as it is, a UUID without its dashes; of any other text a hash, so that equal ids stay equal. */
export function hexId(id: string, bytes: number): string {
  const hex = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id.replaceAll('-', '') : id;
  const fits = hex.length === 2 * bytes && /^[0-9a-f]+$/.test(hex) && !/^0+$/.test(hex);
  return fits
    ? hex
    : createHash('sha256')
        .update(id)
        .digest('hex')
        .slice(0, 2 * bytes);
}
