/** Picks spans out of an ExportTraceServiceRequest in protobuf. All other fields stay as they are, known or not. */

const RESOURCE_SPANS = 1;
const SCOPE_SPANS = 2;
const SPAN = 2;
const WIRE = { varint: 0, fixed64: 1, length: 2, fixed32: 5 };

interface Field {
  readonly number: number;
  readonly isMessage: boolean;
  /** With its tag. */
  readonly whole: Buffer;
  readonly value: Buffer;
}

interface Picked {
  readonly body: Buffer;
  readonly count: number;
}

/** Throws if the bytes are no such message. */
export function pickSpans(body: Buffer, keep: (index: number) => boolean): Picked {
  let index = 0;
  let count = 0;
  const scope = (message: Buffer): Buffer | undefined =>
    rebuilt(message, SPAN, (span) => {
      if (!keep(index++)) return undefined;
      count++;
      return span;
    });
  const resource = (message: Buffer): Buffer | undefined => rebuilt(message, SCOPE_SPANS, scope);
  const request = rebuilt(body, RESOURCE_SPANS, resource);
  return { body: request ?? Buffer.alloc(0), count };
}

/** Undefined: of the children none is left. */
function rebuilt(
  message: Buffer,
  child: number,
  change: (value: Buffer) => Buffer | undefined,
): Buffer | undefined {
  const pieces: Buffer[] = [];
  let children = 0;
  for (const { number, isMessage, whole, value } of fieldsOf(message)) {
    if (number !== child || !isMessage) {
      pieces.push(whole);
      continue;
    }
    const changed = change(value);
    if (changed === undefined) continue;
    children++;
    pieces.push(Buffer.from([(child << 3) | WIRE.length, ...varintOf(changed.byteLength)]), changed);
  }
  return children === 0 ? undefined : Buffer.concat(pieces);
}

function* fieldsOf(message: Buffer): Generator<Field> {
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[position++];
      if (byte === undefined || scale > 2 ** 63) throw new RangeError('the message ends within a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (position < message.byteLength) {
    const start = position;
    const tag = varint();
    const wire = tag % 8;
    let valueStart = position;
    if (wire === WIRE.varint) varint();
    else if (wire === WIRE.fixed64) position += 8;
    else if (wire === WIRE.fixed32) position += 4;
    else if (wire === WIRE.length) {
      const length = varint();
      valueStart = position;
      position += length;
    } else throw new RangeError(`wire type ${wire}`);
    if (position > message.byteLength) throw new RangeError('the message ends within a field');
    yield {
      number: Math.floor(tag / 8),
      isMessage: wire === WIRE.length,
      whole: message.subarray(start, position),
      value: message.subarray(valueStart, position),
    };
  }
}

function varintOf(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}
