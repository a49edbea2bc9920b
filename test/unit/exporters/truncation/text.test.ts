/** An event that is too large is cut to the limit: its largest values, at their ends, and it says so. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSizeLimit } from '../../../../src/exporters/truncation/size-limit.js';
import { cutText, sharedSize } from '../../../../src/exporters/truncation/text.js';
import { startExporter } from '../../../support/exporting.js';
import { observation, SPAN_ID, score, TRACE_ID } from '../../../support/records.js';

const INPUT = 'langfuse.observation.input';
const OUTPUT = 'langfuse.observation.output';
const METADATA = 'langfuse.observation.metadata';
const NOTE = /… \[truncated by tailrace: (\d+) of (\d+) bytes left out\]$/;

/** What is left of a text, and how much it says is missing. */
function beginningOf(text: unknown): { beginning: string; missing: number; total: number } {
  const [note, missing, total] = NOTE.exec(text as string) ?? [];
  if (note === undefined) throw new Error('nothing says that it was cut');
  return {
    beginning: (text as string).slice(0, -note.length),
    missing: Number(missing),
    total: Number(total),
  };
}

describe('a span', () => {
  it('of exactly the limit is left alone; of a byte more it is cut, counted and named', async () => {
    const { bytes } = await startExporter({});
    const record = observation({ input: 'x'.repeat(10_000) });
    const { byteLength } = bytes(record);
    const enough = await startExporter({ maxEventBytes: byteLength });
    expect(enough.span(record).attributes[INPUT]).toBe('x'.repeat(10_000));
    expect([enough.counted, enough.warnings]).toEqual([[], []]);
    const less = await startExporter({ maxEventBytes: byteLength - 1 });
    const cut = less.bytes(record).byteLength;
    expect(cut).toBeLessThan(byteLength);
    expect(cut).toBeGreaterThan(byteLength - 8);
    expect(less.counted).toEqual(['truncated']);
    expect(less.warnings).toEqual([
      expect.stringContaining(
        `observation ${SPAN_ID} takes ${byteLength} bytes, more than maxEventBytes (${byteLength - 1}): its largest values were cut`,
      ),
    ]);
  });

  it('keeps the beginning of any text whole, and says exactly how much is missing', async () => {
    const { span, bytes } = await startExporter({ maxEventBytes: 4096 });
    const unit = fc.constantFrom('a', '"', '\\', '\n', '\x01', 'é', '漢', '😀', '\ud83d', '\ude00', '👨‍👩‍👧');
    const long = fc.tuple(
      fc.string({ unit, minLength: 1, maxLength: 40 }),
      fc.integer({ min: 5000, max: 9000 }),
    );
    fc.assert(
      fc.property(long, fc.boolean(), ([piece, length], inArray) => {
        const text = piece.repeat(Math.ceil(length / piece.length));
        const record = observation({ input: inArray ? [text] : text });
        expect(bytes(record).byteLength).toBeLessThanOrEqual(4096);
        expect(bytes(record).byteLength).toBeGreaterThan(4096 - 16);
        const whole = inArray ? JSON.stringify([text.toWellFormed()]) : text.toWellFormed();
        const { beginning, missing, total } = beginningOf(span(record).attributes[INPUT]);
        expect(whole.startsWith(beginning)).toBe(true);
        expect(beginning.isWellFormed()).toBe(true);
        expect(total).toBe(Buffer.byteLength(whole));
        expect(missing).toBe(total - Buffer.byteLength(beginning));
      }),
      { numRuns: 200 },
    );
  });

  it('loses of its largest values only: a small input survives beside a huge output', async () => {
    const { span } = await startExporter({ maxEventBytes: 10_000 });
    const { attributes } = span(
      observation({
        input: 'small',
        output: '漢'.repeat(100_000),
        metadata: [{ small: 1, huge: { text: 'x'.repeat(100_000) } }],
        trace: ['t', 'u', 's', ['tag'], [{ huge: 'y'.repeat(100_000) }], 'r', true],
      }),
    );
    expect(attributes).toMatchObject({
      [INPUT]: 'small',
      [`${METADATA}.small`]: '1',
      'langfuse.trace.tags': ['tag'],
      'user.id': 'u',
    });
    const lengths = [OUTPUT, `${METADATA}.huge`, 'langfuse.trace.metadata.huge'].map((key) => {
      const { beginning } = beginningOf(attributes[key]);
      return Buffer.byteLength(beginning);
    });
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThan(16);
  });

  it('merged from metadata of several calls is cut as well', async () => {
    const { span, bytes } = await startExporter({ maxEventBytes: 4096 });
    const record = observation({ metadata: [{ a: 'x'.repeat(9000) }, { b: '漢'.repeat(9000) }] });
    expect(bytes(record).byteLength).toBeLessThanOrEqual(4096);
    expect(beginningOf(span(record).attributes[`${METADATA}.b`]).beginning).toMatch(/^漢+$/);
  });

  const huge = 'x'.repeat(50_000);
  it.each<[string, Parameters<typeof observation>[0]]>([
    ['a name', { name: huge }],
    ['a status message', { level: 3, statusMessage: huge }],
    ['model parameters', { modelParameters: { a: huge } }],
    ['tags', { trace: ['t', null, null, Array.from({ length: 5000 }, () => 'tag'), null, null, null] }],
    ['a metadata key', { metadata: [{ [huge]: 1, small: 2 }] }],
    [
      'metadata keys',
      { metadata: [Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i]))] },
    ],
    [
      'everything',
      {
        level: 3,
        ...Object.fromEntries(
          ['name', 'statusMessage', 'version', 'environment', 'model', 'promptName', 'input', 'output'].map(
            (name) => [name, huge],
          ),
        ),
        modelParameters: [huge],
        usageDetails: { [huge]: 1 },
        costDetails: { [huge]: 1 },
        promptVersion: 1,
        completionStartTime: 1,
        metadata: [{ a: huge, [huge]: 1 }],
        trace: [huge, huge, huge, [huge], [{ a: huge, [huge]: 1 }], huge, true],
      },
    ],
  ])('that is too large for %s is cut to the limit and keeps what it is', async (_, fields) => {
    const { span, bytes, counted } = await startExporter({ maxEventBytes: 4096 });
    const record = observation({ input: 'the input', ...fields });
    expect(bytes(record).byteLength).toBeLessThanOrEqual(4096);
    const { traceId, spanId, attributes } = span(record);
    expect({ traceId, spanId }).toEqual({ traceId: TRACE_ID, spanId: SPAN_ID });
    expect(attributes[INPUT]).toMatch(/^the input$|^x{60,}/);
    expect(counted).toEqual(['truncated', 'truncated']);
  });

  it('says how many metadata keys there was no room for', async () => {
    const { span } = await startExporter({ maxEventBytes: 4096 });
    const keys = Array.from({ length: 1000 }, (_, i) => [`k${i}`, 'v']);
    const { attributes } = span(observation({ metadata: [Object.fromEntries(keys)] }));
    const kept = Object.keys(attributes).filter((key) => /metadata\.k\d/.test(key)).length;
    expect(kept).toBeGreaterThan(20);
    expect(attributes[`${METADATA}.k0`]).toBe('v');
    expect(attributes[`${METADATA}.tailrace_truncated`]).toBe(
      `… [truncated by tailrace: ${1000 - kept} of 1000 metadata keys left out]`,
    );
  });

  it('is cut after redaction: no half of a secret is left that no pattern matches', async () => {
    const key = `sk-${'a1B2'.repeat(12)}`;
    for (let before = 4096 - 400; before < 4096; before += 7) {
      const { span } = await startExporter({
        maxEventBytes: 4096,
        redact: { patterns: ['api-key'], paths: [] },
      });
      const text = `${' '.repeat(before)}${key}${' '.repeat(4096)}`;
      expect(span(observation({ input: text })).attributes[INPUT]).not.toContain('sk-');
    }
  });

  it('too large for protobuf altogether is cut all the same, and leaves nothing behind', async () => {
    const { span, counted } = await startExporter({ maxEventBytes: 100_000 });
    const record = observation({ input: ['\x01'.repeat(46_000_000)], metadata: [{ a: 1 }] });
    const { attributes } = span(record);
    expect(attributes[`${METADATA}.a`]).toBe('1');
    const { beginning, total } = beginningOf(attributes[INPUT]);
    expect(beginning).toMatch(/^\["\\u0001/);
    expect(total).toBe(276_000_004);
    expect(span(observation({ name: 'next' })).name).toBe('next');
    expect(counted).toEqual(['truncated']);
  });
});

describe('a score', () => {
  const exporter = () => startExporter({ maxEventBytes: 4096 });

  it('is cut in its comment and its metadata, and stays JSON', async () => {
    const { score: scoreOf, bytes, counted, warnings } = await exporter();
    const record = score({ comment: '\n漢'.repeat(5000), metadata: { a: '"'.repeat(9000), b: 1 } });
    expect(bytes(record).byteLength).toBeLessThanOrEqual(4096);
    expect(counted).toEqual(['truncated']);
    expect(warnings[0]).toMatch(/^score score-1 takes \d+ bytes/);
    const { comment, metadata, name, value } = scoreOf(record);
    expect([name, value]).toEqual(['quality', 1]);
    expect(beginningOf(comment).beginning).toMatch(/^(\n漢)+\n?$/);
    expect(beginningOf((metadata as Record<string, unknown>).a).total).toBe(9000);
    expect((metadata as Record<string, unknown>).b).toBe(1);
  });

  it('with too many metadata keys has them as text', async () => {
    const { score: scoreOf, bytes } = await exporter();
    const record = score({
      metadata: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i])),
    });
    expect(bytes(record).byteLength).toBeLessThanOrEqual(4096);
    expect(beginningOf(scoreOf(record).metadata).beginning).toMatch(/^\{"k0":0,/);
  });
});

describe('a name that is too large, of what goes as JSON', () => {
  const long = '"ü'.repeat(5000);

  it('is cut where nothing else is left to cut: a score', async () => {
    const { score: scoreOf, bytes, counted } = await startExporter({ maxEventBytes: 4096 });
    const record = score({ name: long, comment: 'small' });
    expect(bytes(record).byteLength).toBeLessThanOrEqual(4096);
    expect(beginningOf(scoreOf(record).name).total).toBe(15_000);
    expect(counted[0]).toBe('truncated');
  });

  it('and an observation with its trace, for the classic protocol', async () => {
    const { bytes } = await startExporter({ maxEventBytes: 4096, protocol: 'ingestion' });
    const trace = [long, long, long, [long], [{ a: long }], long, true];
    const names = { name: long, version: long, model: long, promptName: long, promptVersion: 1 };
    for (const usageDetails of [{ input: 1 }, { [long]: 1 }]) {
      const record = bytes(observation({ ...names, usageDetails, input: long, output: long, trace }));
      expect(record.byteLength).toBeLessThanOrEqual(4096);
      const [created] = JSON.parse(`[${Buffer.from(record).toString()}]`);
      expect(created.body).toMatchObject({ id: SPAN_ID, traceId: TRACE_ID });
      expect(beginningOf(created.body.name).total).toBe(15_000);
      expect(created.body.usageDetails).toEqual('input' in usageDetails ? { input: 1 } : undefined);
    }
  });
});

it('is cut in few attempts, however many small members make it too large', () => {
  const members = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`key ${i}`, i]));
  const record = observation({ input: members });
  let encoded = 0;
  const limit = createSizeLimit(60_000, (cut) => Buffer.from(JSON.stringify(cut)), {
    decode: () => [...record],
    count: () => {},
    warning: () => {},
    stillAlive: () => {},
  });
  const { bytes } = limit.json('observation', Buffer.from(JSON.stringify(record)), (event) => {
    encoded++;
    return { id: SPAN_ID, bytes: event };
  });
  expect(bytes.byteLength).toBeLessThanOrEqual(60_000);
  expect(bytes.byteLength).toBeGreaterThan(30_000);
  expect(encoded).toBeLessThan(10);
});

describe('room', () => {
  it('is shared so that the largest are cut to one size, and what is smaller stays whole', () => {
    const sizes = fc.array(fc.nat(10_000), { minLength: 1 });
    fc.assert(
      fc.property(sizes, fc.nat(100_000), (of, room) => {
        const size = sharedSize(of, room);
        const taken = of.reduce((sum, one) => sum + Math.min(one, size ?? 127), 0);
        if (size === undefined)
          expect(of.reduce((sum, one) => sum + Math.min(one, 128), 0)).toBeGreaterThan(room);
        else expect(taken).toBeLessThanOrEqual(room);
        if (size !== undefined && Number.isFinite(size)) expect(taken).toBeGreaterThan(room - of.length);
      }),
    );
  });
});

it('text that fits is not changed, lone surrogates included', () => {
  expect(cutText('\ud800', 3)).toBe('\ud800');
  expect(cutText('漢'.repeat(200), 600)).toBe('漢'.repeat(200));
});
