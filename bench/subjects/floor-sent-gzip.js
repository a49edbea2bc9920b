import { floorSent } from './floor-sent.js';

export const subject = floorSent('floor: the bytes alone, copied, compressed by zlib and sent', true);
