/** Changes an OTLP request in protobuf at some places of its tree, and writes it again. */
import { HOSTILE_JSON, HOSTILE_KEYS } from './hostile-values.js';
import { pick } from './mutate-json.js';

/** Which fields are messages, by field number (opentelemetry-proto). */
const anyValue = {};
const keyValue = { 2: anyValue };
Object.assign(anyValue, { 5: { 1: anyValue }, 6: { 1: keyValue } });
const span = { 9: keyValue, 11: { 3: keyValue }, 13: { 4: keyValue }, 15: {} };
const request = { 1: { 1: { 1: keyValue }, 2: { 1: { 3: keyValue }, 2: span } } };

export function mutateProtobuf(bytes, random) {
  const root = read(bytes, request);
  for (let changes = 1 + random(3); changes > 0; changes--) {
    const places = placesIn(root);
    if (places.length === 0) break;
    change(pick(places, random), random);
  }
  return write(root);
}

/** A field: its number, wire type, and value (bytes) or fields. */
function read(bytes, schema) {
  const fields = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at);
    const number = tag.value >>> 3;
    const wire = tag.value & 7;
    at = tag.end;
    if (wire === 2) {
      const length = readVarint(bytes, at);
      const value = bytes.subarray(length.end, length.end + length.value);
      at = length.end + length.value;
      fields.push(
        schema[number] ? { number, wire, fields: read(value, schema[number]) } : { number, wire, value },
      );
    } else {
      const end = wire === 0 ? readVarint(bytes, at).end : at + (wire === 1 ? 8 : 4);
      fields.push({ number, wire, value: bytes.subarray(at, end) });
      at = end;
    }
  }
  return fields;
}

function readVarint(bytes, start) {
  let value = 0;
  let at = start;
  for (let factor = 1; ; factor *= 128) {
    value += (bytes[at] & 0x7f) * factor;
    if (bytes[at++] < 0x80) return { value, end: at };
  }
}

function placesIn(root) {
  const places = [];
  const open = [root];
  while (open.length > 0) {
    const siblings = open.pop();
    for (const [index, field] of siblings.entries()) {
      places.push({ siblings, index });
      if (field.fields) open.push(field.fields);
    }
  }
  return places;
}

function change({ siblings, index }, random) {
  const field = siblings[index];
  switch (random(10)) {
    case 0:
      siblings.splice(index, 1);
      return;
    case 1:
      siblings.splice(index, 0, ...Array(1 + random(30)).fill(field));
      return;
    case 2:
      field.number = 1 + random(20);
      return;
    case 3:
      Object.assign(field, { wire: pick([0, 1, 2, 3, 4, 5, 6, 7], random) });
      return;
    case 4:
      Object.assign(field, { fields: undefined, value: Buffer.from(pick(HOSTILE_KEYS, random)), wire: 2 });
      return;
    case 5:
      siblings.push(attribute(random));
      return;
    case 6:
      Object.assign(field, { fields: undefined, wire: 0, value: longVarint(random) });
      return;
    case 7:
      // A message of its own kind, in itself.
      if (field.fields) field.fields.push({ ...field, fields: [...field.fields] });
      else field.value = Buffer.concat([field.value, field.value]);
      return;
    case 8:
      if (field.value) field.value = flipped(field.value, random);
      return;
    default:
      if (field.wire === 2 && field.value) field.value = Buffer.from(textOf(pick(HOSTILE_JSON, random)));
      else siblings.push({ number: field.number, wire: 2, fields: [hostileValue(random)] });
  }
}

function attribute(random) {
  const key = { number: 1, wire: 2, value: Buffer.from(pick(HOSTILE_KEYS, random)) };
  return { number: 9, wire: 2, fields: [key, { number: 2, wire: 2, fields: [hostileValue(random)] }] };
}

/** A field of AnyValue. */
function hostileValue(random, depth = 0) {
  switch (random(depth > 3 ? 5 : 8)) {
    case 0:
      return { number: 3, wire: 0, value: longVarint(random) };
    case 1: {
      const value = Buffer.alloc(8);
      value.writeDoubleLE(pick([Number.NaN, Number.POSITIVE_INFINITY, -0, 5e-324, 1e308, 1.5], random));
      return { number: 4, wire: 1, value };
    }
    case 2:
      return { number: 7, wire: 2, value: Buffer.from([0, 255, 254, random(256)]) };
    case 5:
    case 6:
      return {
        number: 5,
        wire: 2,
        fields: Array.from({ length: random(4) }, () => ({
          number: 1,
          wire: 2,
          fields: [hostileValue(random, depth + 1)],
        })),
      };
    case 7:
      return {
        number: 6,
        wire: 2,
        fields: Array.from({ length: random(4) }, () => ({ ...attribute(random), number: 1 })),
      };
    default:
      return { number: 1, wire: 2, value: Buffer.from(textOf(pick(HOSTILE_JSON, random))) };
  }
}

function longVarint(random) {
  const bytes = Buffer.alloc(1 + random(12), 0xff);
  bytes[bytes.length - 1] = random(128);
  return bytes;
}

function flipped(bytes, random) {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[random(copy.length)] ^= 1 << random(8);
  return copy;
}

/** Half of the texts as JSON, half as the strings that they are. */
function textOf(json) {
  return json.startsWith('"') && json.length % 2 === 0 ? JSON.parse(json) : json;
}

function write(fields) {
  return Buffer.concat(
    fields.flatMap(({ number, wire, value, fields: inner }) => {
      const body = inner ? write(inner) : value;
      const tag = varint(number * 8 + wire);
      return wire === 2 ? [tag, varint(body.length), body] : [tag, body];
    }),
  );
}

function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
