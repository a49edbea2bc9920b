/** Texts changed in a span's bytes: they alone change. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEvent } from '../../../src/event/event-decoder.js';
import { writeSpan } from '../../../src/records/span.js';
import { mediaOfBytes, referenceTag } from '../../../src/revision/media/content.js';
import { spanMayHoldMedia } from '../../../src/revision/media/detection.js';
import { createSpanMediaReviser } from '../../../src/revision/media/span.js';
import { reviseSpanTexts } from '../../../src/revision/span-bytes.js';
import { eventBytesBy } from '../../support/event-bytes.js';
import { finishedSpan, finishedSpans } from '../../support/finished-spans.js';
import { exporterContext, SPAN_ATTRIBUTES } from '../../support/records.js';

describe('revising the texts of a span', () => {
  it('keeps the very event where no text changes', () => {
    fc.assert(
      fc.property(finishedSpans, ([span]) => {
        const event = eventBytesBy(writeSpan, span as NonNullable<typeof span>);
        expect(reviseSpanTexts(event, (_key, text) => text)).toBe(event);
      }),
    );
  });

  it('changes what it is told to, and nothing else', () => {
    const revised = (text: string) => `${text.slice(1)}中`;
    fc.assert(
      fc.property(finishedSpans, fc.boolean(), ([span], both) => {
        const event = eventBytesBy(writeSpan, span as NonNullable<typeof span>);
        const wanted = (key: string) => both || key.length % 2 === 0;
        const result = reviseSpanTexts(event, (key, text) => (wanted(key) ? revised(text) : text));
        const expected = decodeEvent(event) as unknown[];
        const attributes = Object.entries(expected[SPAN_ATTRIBUTES] as object).map(([key, value]) => [
          key,
          typeof value === 'string' && wanted(key) ? revised(value) : value,
        ]);
        expected[SPAN_ATTRIBUTES] = Object.fromEntries(attributes);
        expect(decodeEvent(result)).toEqual(expected);
      }),
    );
  });
});

describe('media in spans', () => {
  const revise = createSpanMediaReviser(
    {
      url: 'http://langfuse/media',
      headers: {},
      secrets: [],
      mayUpload: (url) => ({ url, guard: undefined, calledHost: 'storage' }),
      send: async () => ({ kind: 'failure', reason: 'nobody to send to' }),
    },
    exporterContext(),
    spanMayHoldMedia,
  );
  const attributeAfter = (key: string, value: unknown) => {
    const event = eventBytesBy(writeSpan, finishedSpan({ attributes: { [key]: value } }));
    const record = decodeEvent(revise(event).event) as unknown[];
    return (record[SPAN_ATTRIBUTES] as Record<string, unknown>)[key];
  };
  const file = { type: 'file', mediaType: 'image/png', data: 'aGVsbG8=' };

  it.each(['', '中文'])('are found in messages, beside %j', (text) => {
    const messages = (data: string) =>
      JSON.stringify([
        {
          role: 'user',
          content: [
            { type: 'text', text },
            { ...file, data },
          ],
        },
      ]);
    const media = mediaOfBytes(file.mediaType, Buffer.from(file.data, 'base64'));
    const tag = referenceTag(media, 'base64_data_uri');
    expect(attributeAfter('ai.prompt.messages', messages(file.data))).toBe(messages(tag));
  });

  it.each([
    ['an attribute that is not for media', 'http.url', 'data:image/png;base64,aGVsbG8='],
    ['text that is no JSON', 'ai.prompt', `"mediaType": ${file.data}`],
    ['base64 that nothing says is any', 'ai.prompt', JSON.stringify([{ mediaType: 'x', data: 'aGVsbG8=' }])],
    ['a list', 'langfuse.observation.input', ['data:image/png;base64,aGVsbG8=']],
    [
      'large numbers beside media',
      'gen_ai.input.messages',
      '[{"id":12345678901234567890,"mime_type":"a/b"}]',
    ],
  ])('are not looked for in %s', (_, key, value) => {
    expect(attributeAfter(key, value)).toEqual(value);
  });
});
