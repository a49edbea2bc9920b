/** The copy alone: the bytes of the record as they were encoded during the warm-up. */
import { createEncoder, createTarget, floorClient, recordOf } from './floor.js';

export const subject = {
  label: 'floor: memcpy of the same bytes',
  kind: 'floor',
  delivers: false,
  load:
    async () =>
    ({ poolSize }) => {
      const encode = createEncoder();
      const copy = createTarget();
      const encoded = [];
      return floorClient((_trace, name, input, output, i) => {
        const place = i % poolSize;
        encoded[place] ??= copyOf(encode(recordOf(name, input, output)));
        copy(encoded[place]);
      });
    },
};

const copyOf = (bytes) => Uint8Array.from(bytes.subarray(bytes.start, bytes.end));
