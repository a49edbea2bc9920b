/** The protobuf wire format, write-only, as far as OTLP's answers need it: whole numbers, texts and messages. */

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** One field of a message. A number of 0 is left out, as protobuf's default. */
export function protobufField(number: number, value: number | string | Uint8Array): Buffer {
  if (value === 0) return Buffer.alloc(0);
  if (typeof value === 'number') return Buffer.from([(number << 3) | VARINT, ...varint(value)]);
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([(number << 3) | LENGTH_DELIMITED, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}
