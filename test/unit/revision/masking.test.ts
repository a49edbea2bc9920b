/** A mask module sees every value before it is sent, and what it cannot mask is not sent. */
import { describe, expect, it } from 'vitest';
import { TRACE } from '../../../src/records/kinds.js';
import { FULLY_MASKED } from '../../../src/records/masking.js';
import { startExporter } from '../../support/exporting.js';
import { observation, score, TRACE_ID } from '../../support/records.js';

const moduleOf = (name: string): string => new URL(`../../support/masks/${name}`, import.meta.url).href;
const masking = (name = 'mask.mjs') => startExporter({ maskModule: moduleOf(name) });

const INPUT = 'langfuse.observation.input';
const OUTPUT = 'langfuse.observation.output';
const METADATA = 'langfuse.observation.metadata';
/** Where metadata goes that is no object. */
const WHOLE = `${METADATA}.metadata`;
/** Of a trace, after its metadata. */
const NOTHING = new Array(6).fill(null);

describe('the function of a mask module', () => {
  it('is given input, output and metadata, those of the trace and of scores included', async () => {
    const { span, score: scoreOf } = await masking();
    const trace = ['t', null, null, null, [{ k: 'secret' }], null, null, null, null, 'a secret', ['secret']];
    const fields = { input: 'a secret', output: { a: ['secret'] }, metadata: [{ a: 'secret' }], trace };
    expect(span(observation(fields)).attributes).toMatchObject({
      [INPUT]: 'a ***',
      [OUTPUT]: '{"a":["***"]}',
      [`${METADATA}.a`]: '***',
      'langfuse.trace.metadata.k': '***',
      'langfuse.trace.input': 'a ***',
      'langfuse.trace.output': '["***"]',
    });
    const ofTrace = { ...fields, kind: TRACE, trace: trace.with(9, null).with(10, null) };
    expect(span(observation(ofTrace)).attributes).toMatchObject({
      [INPUT]: 'a ***',
      [OUTPUT]: '{"a":["***"]}',
      'langfuse.trace.metadata.k': '***',
    });
    expect(scoreOf(score({ comment: 'secret', metadata: { a: 'secret' } }))).toMatchObject({
      comment: '***',
      metadata: { a: '***' },
    });
  });

  it('is told what the value is of', async () => {
    const { span, score: scoreOf } = await masking();
    const trace = ['run', null, null, null, ['describe'], ...NOTHING];
    const { attributes } = span(observation({ type: 1, name: 'answer', input: 'describe', trace }));
    expect(JSON.parse(attributes[INPUT] as string)).toEqual({
      field: 'input',
      type: 'generation',
      name: 'answer',
      traceId: TRACE_ID,
    });
    expect(attributes).toMatchObject({
      'langfuse.trace.metadata.field': 'metadata',
      'langfuse.trace.metadata.type': 'trace',
      'langfuse.trace.metadata.name': 'run',
    });
    expect(scoreOf(score({ metadata: 'describe' })).metadata).toEqual({
      field: 'metadata',
      type: 'score',
      name: 'quality',
      traceId: TRACE_ID,
    });
  });

  it('is given the metadata of several calls merged, as it would be sent', async () => {
    const { span } = await masking();
    const { attributes } = span(observation({ metadata: [{ a: 'throw' }, { a: 'fine' }] }));
    expect(attributes).toMatchObject({ [`${METADATA}.a`]: 'fine' });
  });

  it('may return anything: it is written as any value is', async () => {
    const { span, score: scoreOf } = await masking();
    const { attributes } = span(observation({ input: 'exotic', output: 'nothing', metadata: [['exotic']] }));
    const written = { at: '1970-01-01T00:00:00.000Z', big: '10', mail: 'me@example.com' };
    expect(JSON.parse(attributes[INPUT] as string)).toEqual(written);
    expect(attributes).not.toHaveProperty(OUTPUT);
    expect(attributes[`${METADATA}.at`]).toBe(written.at);
    expect(JSON.parse(scoreOf(score({ comment: 'exotic' })).comment as string)).toEqual(written);
  });

  it('may be the default export', async () => {
    const { span } = await masking('by-default.mjs');
    expect(span(observation({ input: 'a' })).attributes[INPUT]).toBe('masked by default');
  });

  it('comes before redaction, which looks into what it returns', async () => {
    const redact = { patterns: ['email'] as const, paths: ['input.at'] };
    const { span } = await startExporter({ maskModule: moduleOf('mask.mjs'), redact });
    expect(JSON.parse(span(observation({ input: 'exotic' })).attributes[INPUT] as string)).toEqual({
      at: '[REDACTED]',
      big: '10',
      mail: '[REDACTED:email]',
    });
  });
});

describe('a value is masked fully', () => {
  it.each(['throw', 'later'])(
    'where the function fails (%s), and the warning does not show it',
    async (how) => {
      const { span, warnings } = await masking();
      const { attributes } = span(
        observation({ input: `${how} payload`, output: 'fine', metadata: [{ a: how }] }),
      );
      expect(attributes).toMatchObject({ [INPUT]: FULLY_MASKED, [OUTPUT]: 'fine', [WHOLE]: FULLY_MASKED });
      expect(warnings[0]).toMatch(
        /maskModule (threw|returned a promise) for the input of span fedcba9876543210/,
      );
      expect(warnings.join()).not.toContain('payload');
    },
  );

  it.each(['missing.mjs', 'no-function.mjs'])('where the module is of no use (%s)', async (name) => {
    const { span, warnings, score: scoreOf } = await masking(name);
    const values = { input: 'payload', output: 'payload', metadata: [{ a: 'payload' }] };
    const { attributes } = span(
      observation({ ...values, trace: ['t', null, null, null, ['payload'], ...NOTHING] }),
    );
    expect(attributes).toMatchObject({
      [INPUT]: FULLY_MASKED,
      [OUTPUT]: FULLY_MASKED,
      [WHOLE]: FULLY_MASKED,
      'langfuse.trace.metadata.metadata': FULLY_MASKED,
    });
    expect(scoreOf(score({ comment: 'payload', metadata: 'payload' }))).toMatchObject({
      comment: FULLY_MASKED,
      metadata: FULLY_MASKED,
    });
    expect(warnings).toEqual([
      expect.stringMatching(/^everything is masked: maskModule .* could not be loaded: /),
    ]);
  });
});

it('a record of an unknown kind is not sent rather than sent as it is', async () => {
  const { bytes } = await masking();
  expect(() => bytes(observation({ kind: 77, input: 'secret' }))).toThrow('kind 77');
});
