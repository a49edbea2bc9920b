/** Finished spans of every sort, as OpenTelemetry's SDK hands them to a processor. */
import fc from 'fast-check';
import type {
  FinishedSpan,
  FinishedSpanEvent,
  FinishedSpanLink,
  HrTime,
  ResourceLike,
  ScopeLike,
  SpanContextLike,
} from '../../src/records/finished-span.js';

/** The latest time that crosses the ring, some hours before OTLP's 64 bits end. */
const MAX_SECONDS = 18_446_740_000;

export const CONTEXT: SpanContextLike = {
  traceId: '0123456789abcdef0123456789abcdef',
  spanId: 'fedcba9876543210',
  traceFlags: 1,
};

/** A span with nothing on it but these. */
export function finishedSpan(parts: Partial<FinishedSpan> = {}): FinishedSpan {
  return {
    name: 'span',
    kind: 0,
    spanContext: () => CONTEXT,
    startTime: [1_700_000_000, 1],
    endTime: [1_700_000_000, 2],
    status: { code: 0 },
    attributes: {},
    events: [],
    links: [],
    resource: { attributes: { 'service.name': 'test' } },
    instrumentationScope: { name: 'scope' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...parts,
  };
}

/** Any UTF-16 code units, halves of characters that are alone among them. */
const anyUnits = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 60 });
const text = fc.oneof(
  fc.string({ maxLength: 100 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom('中', '文', 'é', 'x', '😀', '"', '\\', '\n'), maxLength: 80 }),
  fc.constantFrom('', '\ud800', 'x\udfff', '\\ud800', 'é'.repeat(300), 'a'.repeat(5000)),
  anyUnits,
);

const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(
    0,
    -0,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 53,
    2 ** 62 + 2 ** 20,
    2 ** 63,
    -(2 ** 63),
    -(2 ** 64),
  ),
  fc.constantFrom(1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 0.1),
);

/** What the types of OpenTelemetry have no place for comes as well. */
const stray = fc.constantFrom<unknown>(null, undefined, Symbol('s'), 12n, () => 1, new Date(0), new Map());

const bytes = fc.uint8Array({ maxLength: 100 });
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    number,
    fc.boolean(),
    bytes,
    stray,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
}));

const attributes = fc.dictionary(
  fc.oneof(text, fc.constantFrom('gen_ai.system', 'http.route', '__proto__', '1')),
  fc.oneof(value, fc.array(text, { maxLength: 5 }), fc.array(number, { maxLength: 5 })),
  { maxKeys: 12 },
);

const hex = (digits: number) =>
  fc
    .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits })
    .filter((id) => /[1-9a-f]/.test(id));

const context: fc.Arbitrary<SpanContextLike> = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  traceFlags: fc.integer({ min: 0, max: 255 }),
  isRemote: fc.option(fc.boolean(), { nil: undefined }),
  traceState: fc.option(
    text.map((state) => ({ serialize: () => state })),
    { nil: undefined },
  ),
});

const time: fc.Arbitrary<HrTime> = fc.tuple(
  fc.oneof(fc.integer({ min: 1_600_000_000, max: 1_800_000_000 }), fc.integer({ min: 0, max: MAX_SECONDS })),
  fc.integer({ min: 0, max: 999_999_999 }),
);

const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff_ffff }));

const event: fc.Arbitrary<FinishedSpanEvent> = fc.record({
  name: text,
  time,
  attributes: fc.option(attributes, { nil: undefined }),
  droppedAttributesCount: fc.option(count, { nil: undefined }),
});

const link: fc.Arbitrary<FinishedSpanLink> = fc.record({
  context,
  attributes: fc.option(attributes, { nil: undefined }),
  droppedAttributesCount: fc.option(count, { nil: undefined }),
});

const schemaUrl = fc.option(fc.constantFrom('', 'https://opentelemetry.io/schemas/1.37.0'), {
  nil: undefined,
});
const resource: fc.Arbitrary<ResourceLike> = fc.record({ attributes, schemaUrl });
const scope: fc.Arbitrary<ScopeLike> = fc.record({
  name: text,
  version: fc.option(text, { nil: undefined }),
  schemaUrl,
  attributes: fc.option(attributes, { nil: undefined }),
  droppedAttributesCount: fc.option(count, { nil: undefined }),
});

const spanOf = (
  resources: readonly ResourceLike[],
  scopes: readonly ScopeLike[],
): fc.Arbitrary<FinishedSpan> =>
  fc
    .record({
      name: text,
      kind: fc.integer({ min: 0, max: 4 }),
      context,
      parentSpanContext: fc.option(context, { nil: undefined }),
      startTime: time,
      endTime: time,
      status: fc.record({
        code: fc.integer({ min: 0, max: 2 }),
        message: fc.option(text, { nil: undefined }),
      }),
      attributes,
      events: fc.array(event, { maxLength: 3 }),
      links: fc.array(link, { maxLength: 3 }),
      resource: fc.constantFrom(...resources),
      instrumentationScope: fc.constantFrom(...scopes),
      droppedAttributesCount: count,
      droppedEventsCount: count,
      droppedLinksCount: count,
    })
    .map(({ context: own, ...rest }) => ({ ...rest, spanContext: () => own }));

/** Spans of sdk-trace 2.x, of a few resources and scopes. */
export const finishedSpans: fc.Arbitrary<FinishedSpan[]> = fc
  .tuple(fc.array(resource, { minLength: 1, maxLength: 3 }), fc.array(scope, { minLength: 1, maxLength: 3 }))
  .chain(([resources, scopes]) => fc.array(spanOf(resources, scopes), { minLength: 1, maxLength: 8 }));

/** The same span as sdk-trace 1.x has it. */
export function asFirstVersion({
  parentSpanContext,
  instrumentationScope,
  ...rest
}: FinishedSpan): FinishedSpan {
  return { ...rest, parentSpanId: parentSpanContext?.spanId, instrumentationLibrary: instrumentationScope };
}
