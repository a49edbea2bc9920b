/** Which figures are given, computed, estimated or unknown, and what the marks on them say. */
import { describe, expect, it } from 'vitest';
import { marksFromMetadata, marksToMetadata } from '../../../src/usage/figures.js';
import { estimate } from './helpers.js';

describe('a generation', () => {
  it('keeps a cost that was given, even nothing but a total, or one of zero', () => {
    expect(estimate({ costDetails: { total: 0.01 }, usageDetails: { input: 1000 } })).toBeUndefined();
    expect(estimate({ costDetails: { total: 0 } })).toBeUndefined();
  });

  it('has the usage that was given times the price of its model', () => {
    expect(estimate({ usageDetails: { input: 1000, output: 100, total: 1100 } })).toEqual({
      costDetails: { input: 0.0025, output: 0.001, total: 0.0035 },
      marks: { usage: 'given', cost: 'computed', price: 'genai-prices 0.1.8', priceModel: 'openai/gpt-4o' },
    });
  });

  it('has its text counted where neither was given', () => {
    expect(estimate()).toEqual({
      usageDetails: { input: 6, output: 2, total: 8 },
      costDetails: {
        input: expect.closeTo(6 * 2.5e-6, 12),
        output: expect.closeTo(2 * 10e-6, 12),
        total: expect.closeTo(6 * 2.5e-6 + 2 * 10e-6, 12),
      },
      marks: {
        usage: 'estimated',
        cost: 'estimated',
        price: 'genai-prices 0.1.8',
        priceModel: 'openai/gpt-4o',
        tokenizer: 'o200k_base',
      },
    });
  });

  it('is not counted when it has failed; usage that was given has its cost all the same', () => {
    expect(estimate({ isError: true })).toBeUndefined();
    expect(estimate({ isError: true, usageDetails: { input: 1000, output: 0 } })?.costDetails?.total).toBe(
      0.0025,
    );
  });

  it('of an unknown model has neither tokens nor a cost', () => {
    expect(estimate({ model: 'no-such-model' })).toBeUndefined();
    expect(estimate({ model: 'no-such-model', usageDetails: { input: 1, output: 1 } })).toBeUndefined();
  });

  it('of which one side was not recorded stays unknown', () => {
    expect(estimate({ input: null })).toBeUndefined();
    expect(estimate({ output: undefined })).toBeUndefined();
    expect(estimate({ output: '' })?.usageDetails).toEqual({ input: 6, output: 0, total: 6 });
    expect(estimate({ input: '<fully masked due to failed mask function>' })).toBeUndefined();
    expect(estimate({ output: '[REDACTED]' })).toBeUndefined();
  });

  it('with a total alone has a cost only where both sides cost the same', () => {
    expect(estimate({ usageDetails: { total: 100 } })).toBeUndefined();
    const flat = [{ model: 'flat', input: 1, output: 1 }];
    expect(estimate({ model: 'flat', usageDetails: { total: 1e6 } }, flat)?.costDetails?.total).toBe(1);
  });

  it('with a count of neither side has no cost, rather than one without it', () => {
    expect(estimate({ usageDetails: { input: 10, output: 5, widgets: 3 } })).toBeUndefined();
    expect(estimate({ usageDetails: { input: -10, output: 5 } })).toBeUndefined();
  });

  it('of another maker is counted with a tokenizer that is said not to be its own', () => {
    const marks = estimate({ model: 'claude-sonnet-4-5' })?.marks;
    expect(marks).toMatchObject({ usage: 'estimated', tokenizer: "o200k_base, not the model's own" });
    expect(estimate({ model: 'gpt-4' })?.marks.tokenizer).toBe('cl100k_base');
    expect(estimate({ model: 'gpt-4.1' })?.marks.tokenizer).toBe('o200k_base');
  });
});

describe('other types', () => {
  it('have a cost if their usage was given, and are not counted', () => {
    expect(estimate({ type: 'agent' })).toBeUndefined();
    expect(estimate({ type: 'agent', usageDetails: { input: 1e6 } })?.costDetails?.total).toBe(2.5);
  });

  it('embeddings have input only', () => {
    const embedding = { type: 'embedding', model: 'text-embedding-3-small', output: [0.1, 0.2] };
    const figures = estimate({ ...embedding, input: ['Fine.', 'Fine.'] });
    expect(figures?.usageDetails).toEqual({ input: 4, total: 4 });
    expect(figures?.costDetails?.total).toBeCloseTo(4 * 0.02e-6, 15);
    expect(estimate({ ...embedding, usageDetails: { total: 1e6 } })?.costDetails?.total).toBe(0.02);
  });
});

describe('marks', () => {
  it('go to metadata and come back', () => {
    const { marks } = estimate() ?? {};
    expect(marks && marksFromMetadata({ mine: 1, ...marksToMetadata(marks) })).toEqual(marks);
    expect(marksFromMetadata({ mine: 1 })).toBeUndefined();
    expect(marksFromMetadata('text')).toBeUndefined();
  });
});
