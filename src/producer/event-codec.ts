/**
 * Serialises an event with msgpackr into its shared target buffer; the caller copies the bytes out at once.
 *
 * msgpackr keeps one target buffer for the whole process and shares it with every other user of the library. So
 * nothing here holds on to it, and no extension is registered: that would change their encoding as well.
 */
import { Packr, RESET_BUFFER_MODE, REUSE_BUFFER_MODE } from 'msgpackr/pack';
import { messageOf } from '../shared/errors.js';
import { toSerializable } from './serializable.js';

export interface EventCodec {
  readonly packr: ExactPackr;
}

/** Encoded bytes: `buffer[start, end)`. Valid until the next encode of any Packr in the process. */
export interface Encoded {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** msgpackr's target grows to four times a large event and stays so; above this it is replaced by a small one. */
const TARGET_KEEP_BYTES = 8 * 1024 * 1024;
const TARGET_FRESH_BYTES = 64 * 1024;

/**
 * msgpackr encodes some values differently from JSON, or loses a part of them: an Error its stack, a Float32Array
 * its numbers, a Map the type of its keys, a function everything. It asks the members below only when it meets such
 * a value, so they tell, at no cost to all other events, that this one has to be encoded from its JSON-like form.
 */
class ExactPackr extends Packr {
  metExotic = false;

  get moreTypes(): boolean {
    this.metExotic = true;
    return false;
  }

  get mapAsEmptyObject(): boolean {
    this.metExotic = true;
    return false;
  }

  writeFunction = (): undefined => {
    this.metExotic = true;
    return undefined;
  };
}

export function createEventCodec(): EventCodec {
  return {
    packr: new ExactPackr({
      useRecords: false,
      variableMapSize: true,
      largeBigIntToString: true,
    }),
  };
}

/** Encodes any value. Throws only where not even stand-ins help (say, no memory). */
export function encodeEvent(codec: EventCodec, event: unknown): Encoded {
  const { packr } = codec;
  packr.metExotic = false;
  try {
    const encoded = encode(packr, event);
    if (!packr.metExotic) return encoded;
  } catch {
    // A cycle, a symbol, a getter that throws, …: what msgpackr refuses gets a stand-in below.
  }
  return encode(packr, toSerializable(event));
}

/** Encodes a value into memory of its own, to be kept. Never throws. */
export function freeze(codec: EventCodec, value: unknown): Buffer {
  try {
    return copyOf(encodeEvent(codec, value));
  } catch (error) {
    return copyOf(encode(codec.packr, `[Unserializable: ${messageOf(error)}]`));
  }
}

function copyOf({ buffer, start, end }: Encoded): Buffer {
  return Buffer.from(buffer.subarray(start, end));
}

function encode(packr: Packr, value: unknown): Encoded {
  const buffer = packr.encode(value, REUSE_BUFFER_MODE | RESET_BUFFER_MODE) as Buffer & Encoded;
  const { start, end } = buffer;
  // The fresh buffer is msgpackr's from here on; the large one lives as long as the caller copies from it.
  if (buffer.byteLength > TARGET_KEEP_BYTES) packr.useBuffer(Buffer.allocUnsafeSlow(TARGET_FRESH_BYTES));
  return { buffer, start, end };
}
