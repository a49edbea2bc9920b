/** The names of the spans in an ExportTraceServiceRequest, of protobuf: as little of a decoder as that takes. */

const LENGTH_DELIMITED = 2;
/** resource_spans, scope_spans, spans, and a span's name: each the field's number in the message before it. */
const PATH = [1, 2, 2, 5];

export function spanNames(request) {
  let messages = [request];
  for (const number of PATH) messages = messages.flatMap((message) => fieldsOf(message, number));
  return messages.map((name) => name.toString('utf8'));
}

function fieldsOf(message, wanted) {
  const found = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(value);
    }
  };
  while (at < message.length) {
    const tag = varint();
    const type = tag & 7;
    if (type === LENGTH_DELIMITED) {
      const length = varint();
      if (tag >> 3 === wanted) found.push(message.subarray(at, at + length));
      at += length;
    } else if (type === 0) varint();
    else at += type === 1 ? 8 : 4;
  }
  return found;
}
