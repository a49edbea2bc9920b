/** Which records get figures in the worker, where they go, and what marks them. */
import { describe, expect, it } from 'vitest';
import { SCORE, TRACE } from '../../../src/records/kinds.js';
import { FIELD } from '../../../src/records/observation.js';
import { OBSERVATION_LEVELS, OBSERVATION_TYPES } from '../../../src/records/vocabulary.js';
import { createUsageRevision, createUsageRevisions } from '../../../src/revision/usage-estimates.js';
import { createEstimator } from '../../../src/usage/estimator.js';
import { eventBytes } from '../../support/event-bytes.js';
import { exporterContext, observation } from '../../support/records.js';

const estimate = createEstimator([], () => {});
const createRevision = () => createUsageRevision(estimate);

const generation = {
  type: OBSERVATION_TYPES.indexOf('generation'),
  name: 'answer',
  statusMessage: 'fine',
  model: 'gpt-4o',
  modelParameters: { temperature: 0.5, stop: ['a', 'b'] },
  input: 'What is the weather like?',
  output: 'Fine.',
};
type Fields = Parameters<typeof observation>[0];
const isWanted = (fields: Fields, { wants } = createRevision()) =>
  wants(eventBytes(observation({ ...generation, ...fields })));
const revised = (fields: Fields, { apply } = createRevision()) => {
  const record = [...observation({ ...generation, ...fields })] as unknown[];
  apply(record);
  return record;
};

describe('a record is wanted', () => {
  it('if it is a generation or an embedding of a model, without a cost', () => {
    expect(isWanted({})).toBe(true);
    expect(isWanted({ usageDetails: { input: 1 } })).toBe(true);
    expect(isWanted({ type: OBSERVATION_TYPES.indexOf('embedding') })).toBe(true);
  });

  it('and not otherwise', () => {
    expect(isWanted({ costDetails: { total: 1 } })).toBe(false);
    expect(isWanted({ model: null })).toBe(false);
    expect(isWanted({ type: OBSERVATION_TYPES.indexOf('tool') })).toBe(false);
    expect(isWanted({ kind: TRACE })).toBe(false);
    expect(createRevision().wants(eventBytes([SCORE, 'id', 0]))).toBe(false);
  });
});

describe('a record gets', () => {
  it('tokens and cost, and marks that say how', () => {
    const record = revised({ metadata: [{ mine: 1 }] });
    expect(record[FIELD.usageDetails]).toEqual({ input: 6, output: 2, total: 8 });
    expect(record[FIELD.costDetails]).toMatchObject({ total: expect.closeTo(0.000035, 12) });
    expect(record[FIELD.metadata]).toEqual([
      { mine: 1 },
      {
        tailrace_usage: 'estimated',
        tailrace_cost: 'estimated',
        tailrace_price: 'genai-prices 0.1.8',
        tailrace_priceModel: 'openai/gpt-4o',
        tailrace_tokenizer: 'o200k_base',
      },
    ]);
  });

  it('a cost alone where its usage was given, in any spelling', () => {
    const usageDetails = { prompt_tokens: 1000, completion_tokens: 100 };
    const record = revised({ usageDetails });
    expect(record[FIELD.usageDetails]).toBe(usageDetails);
    expect(record[FIELD.costDetails]).toMatchObject({ total: 0.0035 });
    expect(record[FIELD.metadata]).toMatchObject([{ tailrace_usage: 'given', tailrace_cost: 'computed' }]);
  });

  it('nothing where nothing can be told', () => {
    for (const fields of [{ model: 'no-such-model' }, { level: OBSERVATION_LEVELS.indexOf('ERROR') }]) {
      expect(revised(fields)).toEqual([...observation({ ...generation, ...fields })]);
    }
  });

  it('its marks beside metadata that is no object', () => {
    expect(revised({ metadata: ['a text'] })[FIELD.metadata]).toMatchObject([
      { metadata: 'a text', tailrace_usage: 'estimated' },
    ]);
  });
});

it('what is given later takes the place of an estimate, and of its marks where the server merges the two', () => {
  const revision = createRevision();
  const costDetails = { total: 1 };
  revised({ metadata: [{ mine: 1 }] }, revision);
  expect(isWanted({ costDetails, id: Buffer.alloc(8, 1) }, revision)).toBe(false);
  expect(isWanted({ costDetails }, revision)).toBe(true);
  const record = revised({ metadata: [{ mine: 1 }], costDetails, usageDetails: { input: 5 } }, revision);
  expect([record[FIELD.usageDetails], record[FIELD.costDetails]]).toEqual([{ input: 5 }, costDetails]);
  expect(record[FIELD.metadata]).toEqual([{ mine: 1 }, { tailrace_usage: 'given', tailrace_cost: 'given' }]);
});

it('on the application’s thread nothing is counted, and the application hears of it', () => {
  const warnings: string[] = [];
  const context = exporterContext({ warning: (_topic, message) => warnings.push(message) });
  expect(createUsageRevisions([], context)).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('in the worker only')]);
});
