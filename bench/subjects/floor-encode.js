/** The floor: one msgpackr encode of the record, one copy into shared memory. */
import { createEncoder, createTarget, floorClient, recordOf } from './floor.js';

export const subject = {
  label: 'floor: msgpackr encode + copy',
  kind: 'floor',
  delivers: false,
  load: async () => () => {
    const encode = createEncoder();
    const copy = createTarget();
    return floorClient((_trace, name, input, output) => {
      const { buffer, byteOffset, start, end } = encode(recordOf(name, input, output));
      copy(new Uint8Array(buffer, byteOffset + start, end - start));
    });
  },
};
