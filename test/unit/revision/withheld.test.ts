/** A record whose payloads are withheld: none is left, and all else is what it was. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEvent } from '../../../src/event/event-decoder.js';
import { TRACE, TRACE_UPDATE } from '../../../src/records/kinds.js';
import { FULLY_MASKED } from '../../../src/records/masking.js';
import { writeSpan } from '../../../src/records/span.js';
import { revisePayload } from '../../../src/revision/payload-fields.js';
import { withholdPayloads, withholdSpanPayloads } from '../../../src/revision/withheld.js';
import { eventBytes, eventBytesBy } from '../../support/event-bytes.js';
import { startExporter } from '../../support/exporting.js';
import { finishedSpan, finishedSpans } from '../../support/finished-spans.js';
import { observation, SPAN_ATTRIBUTES, score } from '../../support/records.js';

const value = fc.option(fc.oneof(fc.string(), fc.jsonValue(), fc.constant(['an', 'array'])), { nil: null });
const text = fc.option(fc.string(), { nil: null });
const parts = fc.option(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1 }), {
  nil: null,
});

const trace = fc
  .tuple(
    text,
    text,
    text,
    fc.constant(['tag']),
    parts,
    text,
    fc.constant(true),
    text,
    text,
    value,
    value,
    fc.constant(5),
  )
  .map((fields) => fields as unknown[]);

/** What a mask that fails would leave of it. */
function masked(record: unknown): unknown {
  const copy = decodeEvent(eventBytes(record)) as unknown[];
  revisePayload(copy, () => FULLY_MASKED);
  return decodeEvent(eventBytes(copy));
}

describe('a tracing record', () => {
  it('has its payloads masked as where masking fails, and nothing else changed', () => {
    fc.assert(
      fc.property(
        fc.record({
          statusMessage: text,
          modelParameters: value,
          input: value,
          output: value,
          metadata: parts,
          name: text,
        }),
        fc.constantFrom(0, TRACE, TRACE_UPDATE),
        fc.option(trace, { nil: null }),
        (fields, kind, ofTrace) => {
          const record = observation({ ...fields, kind, trace: ofTrace });
          expect(decodeEvent(withholdPayloads(eventBytes(record)))).toEqual(masked(record));
        },
      ),
    );
  });

  it('that is a score: its comment, its metadata, and a value that is text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.double({ noNaN: true }), fc.string()),
        text,
        value,
        (given, comment, metadata) => {
          const record = score({ value: given, comment, metadata });
          expect(decodeEvent(withholdPayloads(eventBytes(record)))).toEqual(masked(record));
        },
      ),
    );
  });

  it('of which nothing is known is not sent', () => {
    expect(() => withholdPayloads(eventBytes([9, 'payload']))).toThrow('kind 9');
  });

  it('goes to the server as any other', async () => {
    const { withheld } = await startExporter({});
    const { attributes, name } = withheld(
      observation({ name: 'n', input: 'secret', metadata: [{ a: 'secret' }] }),
    );
    expect(name).toBe('n');
    expect(attributes['langfuse.observation.input']).toBe(FULLY_MASKED);
    expect(JSON.stringify(attributes)).not.toContain('secret');
  });
});

describe('an OpenTelemetry span', () => {
  const SECRET = 'the-secret';

  it('keeps numbers, flags, and the names of what it is of', () => {
    const attributes = {
      'gen_ai.request.model': 'm',
      'langfuse.observation.input': SECRET,
      'my.list': [SECRET],
      'my.count': 5,
      'my.flag': true,
    };
    const events = [{ name: 'e', time: [1, 1] as [number, number], attributes: { message: SECRET, n: 1 } }];
    const span = finishedSpan({ attributes, events, status: { code: 2, message: SECRET } });
    const event = withholdSpanPayloads(eventBytesBy(writeSpan, span));
    expect(event.includes(SECRET)).toBe(false);
    expect((decodeEvent(event) as unknown[])[SPAN_ATTRIBUTES]).toEqual({
      'gen_ai.request.model': 'm',
      'langfuse.observation.input': FULLY_MASKED,
      'my.list': FULLY_MASKED,
      'my.count': 5,
      'my.flag': true,
    });
  });

  it('stays one, whatever is on it', () => {
    fc.assert(
      fc.property(finishedSpans, ([span]) => {
        const event = eventBytesBy(writeSpan, span as NonNullable<typeof span>);
        const before = decodeEvent(event) as unknown[];
        const after = decodeEvent(withholdSpanPayloads(event)) as unknown[];
        expect(after.length).toBe(before.length);
        expect(after.slice(0, SPAN_ATTRIBUTES)).toEqual(before.slice(0, SPAN_ATTRIBUTES));
        expect(Object.keys(after[SPAN_ATTRIBUTES] as object)).toEqual(
          Object.keys(before[SPAN_ATTRIBUTES] as object),
        );
      }),
    );
  });
});
