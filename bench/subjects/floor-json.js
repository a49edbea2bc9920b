/** JSON.stringify of the two payloads: what a client that builds JSON on the application's thread cannot go below. */
import { floorClient } from './floor.js';

let length = 0;

export const subject = {
  label: 'floor: JSON.stringify of the payloads',
  kind: 'floor',
  delivers: false,
  load: async () => () =>
    floorClient((_trace, _name, input, output) => {
      length += JSON.stringify(input).length + JSON.stringify(output).length;
      if (length < 0) throw new Error('JSON.stringify was optimised away');
    }),
};
