/** The functions of the module, and its memory. */
export { json, READ_END } from './event-json';
export { fields, PIECE_AREA, RESULTS } from './observation-span';
export { holdsMedia, KEYS, PART_TYPES, spanHoldsMedia } from './media-search';
export { latin1, utf16 } from './utf8-text';

/** A character takes at most six times as many bytes. */
const MAX_GROWTH = 6;
/** The functions look at, and write, up to so many bytes beyond a text. */
const PAD_BYTES = 32;

/** Room for a record. */
export const RECORD_BYTES = 256 * 1024;
export const RECORD = memory.data(RECORD_BYTES + PAD_BYTES, 16);
export const STRIDE_BYTES = 16 * 1024;
/** Room for text that lies elsewhere: it is converted in strides. */
export const STRIDE = memory.data(STRIDE_BYTES + PAD_BYTES, 16);
/** Room for what the functions write: text, and the names of attributes. */
export const OUTPUT_BYTES = MAX_GROWTH * RECORD_BYTES + 64 * 1024;
export const OUTPUT = memory.data(OUTPUT_BYTES + PAD_BYTES, 16);
