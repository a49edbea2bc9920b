/** Spans that the WebAssembly writes are those that JavaScript writes, byte for byte. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePart } from '../../../../src/event/event-decoder.js';
import { createProtobufWriter, finish } from '../../../../src/exporters/encoding/protobuf-writer.js';
import { loadRecord } from '../../../../src/exporters/encoding/webassembly.js';
import { writeFieldsByAssembly } from '../../../../src/exporters/langfuse/span-assembly.js';
import { writeFields } from '../../../../src/exporters/langfuse/span-fields.js';
import { FIELD, OBSERVATION_FIELD_COUNT } from '../../../../src/records/observation.js';
import { OBSERVATION_LEVELS, OBSERVATION_TYPES } from '../../../../src/records/vocabulary.js';
import { eventBytes } from '../../../support/event-bytes.js';

type Record = { [K in keyof typeof FIELD]: unknown };

function recordBytes(record: Record): Buffer {
  const values = new Array<unknown>(OBSERVATION_FIELD_COUNT);
  for (const [name, at] of Object.entries(FIELD)) values[at] = record[name as keyof Record];
  return eventBytes(values);
}

function byJavaScript(event: Buffer) {
  const writer = createProtobufWriter();
  const reader = { bytes: event, position: 0 };
  const head = writeFields(writer, reader, decodePart);
  return { head, bytes: finish(writer).toString('latin1'), position: reader.position };
}

function byAssembly(event: Buffer) {
  const writer = createProtobufWriter();
  const reader = { bytes: loadRecord(event), position: 0 };
  const head = writeFieldsByAssembly(writer, reader);
  return head && { head, bytes: finish(writer).toString('latin1'), position: reader.position };
}

const PLAIN: Record = {
  kind: 0,
  type: 1,
  traceId: Buffer.alloc(16, 1),
  id: Buffer.alloc(8, 2),
  parentId: null,
  name: null,
  startTime: 1_764_000_000_000.123,
  endTime: 1_764_000_000_001.5,
  completionStartTime: null,
  level: null,
  statusMessage: null,
  version: null,
  environment: null,
  model: null,
  modelParameters: null,
  usageDetails: null,
  costDetails: null,
  usageUnit: null,
  promptName: null,
  promptVersion: null,
  input: null,
  output: null,
  metadata: null,
  trace: null,
  isAppRoot: false,
  saidAt: null,
};

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 100 })
    .map((units) => String.fromCharCode(...units)),
);
const value = fc.oneof(text, fc.jsonValue({ stringUnit: 'binary' }));
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });
const ms = fc.oneof(
  fc.double({ min: 0, max: 2e12, noNaN: true }),
  fc.integer({ min: 0, max: 2_000_000_000_000 }),
);
const record: fc.Arbitrary<Record> = fc.record({
  kind: fc.constantFrom(0, 1),
  type: fc.nat({ max: OBSERVATION_TYPES.length - 1 }),
  traceId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  id: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  parentId: optional(fc.uint8Array({ minLength: 8, maxLength: 8 })),
  name: optional(text),
  startTime: ms,
  endTime: ms,
  completionStartTime: optional(ms),
  level: optional(fc.nat({ max: OBSERVATION_LEVELS.length - 1 })),
  statusMessage: optional(text),
  version: optional(text),
  environment: optional(text),
  model: optional(text),
  modelParameters: optional(value),
  usageDetails: optional(value),
  costDetails: optional(value),
  usageUnit: optional(text),
  promptName: optional(text),
  promptVersion: optional(fc.nat()),
  input: optional(value),
  output: optional(value),
  metadata: optional(fc.dictionary(text, value).map((members) => [members])),
  trace: optional(value),
  isAppRoot: fc.boolean(),
  saidAt: optional(ms),
});

describe('the fields of a span', () => {
  it('are the same by WebAssembly and by JavaScript', () => {
    fc.assert(
      fc.property(record, (fields) => {
        const event = recordBytes(fields);
        expect(byAssembly(event)).toEqual(byJavaScript(event));
      }),
      { numRuns: 1000 },
    );
  });

  it.each(OBSERVATION_TYPES.map((name, type) => ({ name, type })))(
    'are the same for type $name',
    ({ type }) => {
      for (const kind of [0, 1]) {
        for (const level of OBSERVATION_LEVELS.keys()) {
          const event = recordBytes({ ...PLAIN, kind, type, level, statusMessage: 'the reason' });
          expect(byAssembly(event)).toEqual(byJavaScript(event));
        }
      }
    },
  );

  it('are left to JavaScript if the WebAssembly does not know them', () => {
    const rare: Partial<Record>[] = [
      { metadata: [{ a: 1 }, { b: 2 }] },
      { metadata: ['text'] },
      { input: { deep: { bytes: Buffer.from('hi') } } },
      { id: Buffer.alloc(4, 2) },
      { promptVersion: 2 ** 40 },
      { endTime: 5e12 },
      { level: 3, statusMessage: 'long'.repeat(2000) },
    ];
    for (const fields of rare) {
      const event = recordBytes({ ...PLAIN, ...fields });
      expect(byAssembly(event)).toBeUndefined();
      expect(byJavaScript(event).bytes).not.toBe('');
    }
  });

  it('are left to JavaScript if there may be too little room: tiny members of metadata become attributes', () => {
    const metadata = [Object.fromEntries(Array.from({ length: 45_000 }, (_, i) => [i.toString(36), 0]))];
    const event = recordBytes({ ...PLAIN, metadata });
    expect(byAssembly(event)).toBeUndefined();
    expect(byAssembly(recordBytes(PLAIN))).toEqual(byJavaScript(recordBytes(PLAIN)));
  });

  it('of damaged bytes are never written by WebAssembly if JavaScript cannot read them', () => {
    const whole = recordBytes({
      ...PLAIN,
      name: 'a name',
      input: { a: ['é', 1, null] },
      metadata: [{ b: 'c' }],
    });
    const damage = fc.record({ at: fc.nat({ max: whole.byteLength - 1 }), byte: fc.nat({ max: 255 }) });
    fc.assert(
      fc.property(damage, ({ at, byte }) => {
        const event = Buffer.from(whole);
        event[at] = byte;
        const written = byAssembly(event);
        if (written !== undefined) expect(written).toEqual(byJavaScript(event));
      }),
      { numRuns: 5000 },
    );
  });

  it('of a record cut short are not written', () => {
    const whole = recordBytes({ ...PLAIN, input: 'é'.repeat(40), metadata: [{ b: 'c' }] });
    const { position } = byJavaScript(whole);
    for (let bytes = 0; bytes < position; bytes++) {
      expect(byAssembly(whole.subarray(0, bytes))).toBeUndefined();
    }
  });
});
