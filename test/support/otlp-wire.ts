/** OTLP's protobuf, written by hand: for messages that no encoder makes. */

const traceId = Buffer.from('0af7651916cd43dd8448eb211c80319c', 'hex');

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** A length-delimited field. */
export function message(field: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint((field << 3) | 2), varint(body.length), body]);
}

/** `count` fields of two bytes: a tag and a 0, which is an empty message or the number 0. */
export function emptyFields(field: number, count: number, wireType = 2): Buffer {
  return Buffer.alloc(2 * count, Buffer.from([(field << 3) | wireType, 0]));
}

/** The `index`th span of a trace, with further fields. */
export function span(index: number, ...fields: Uint8Array[]): Buffer {
  const spanId = Buffer.alloc(8);
  spanId.writeUInt32BE(index + 1, 4);
  return message(2, message(1, traceId), message(2, spanId), message(5, Buffer.from('wire')), ...fields);
}

export function request(...spans: Uint8Array[]): Buffer {
  return message(1, message(2, Buffer.concat(spans)));
}
