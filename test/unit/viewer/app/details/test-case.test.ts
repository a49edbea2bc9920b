/** A trace or observation as an item of a dataset. */
import { expect, it } from 'vitest';
import { testCaseOf } from '../../../../../src/viewer/app/details/test-case.js';

const parse = (...of: Parameters<typeof testCaseOf>) => JSON.parse(testCaseOf(...of));

it('has the shape of Langfuse’s dataset items, with values in place of texts', () => {
  const payloads = { input: '{"q":1}', output: 'It is late.', metadata: '{"tier":"gold"}' };
  expect(parse(payloads, 't', 'o')).toEqual({
    input: { q: 1 },
    expectedOutput: 'It is late.',
    metadata: { tier: 'gold' },
    sourceTraceId: 't',
    sourceObservationId: 'o',
  });
});

it('of a trace names no observation, and has null for what is not there', () => {
  const none = { input: null, output: null, metadata: null };
  expect(parse(none, 't', null)).toEqual({
    input: null,
    expectedOutput: null,
    metadata: null,
    sourceTraceId: 't',
  });
});

it.each([
  ['12345678901234567890', '12345678901234567890'],
  ['007', '007'],
  ['{broken', '{broken'],
  ['"text"', 'text'],
  ['[1,2]', [1, 2]],
  ['', ''],
])('reads the payload %j as %j', (input, value) => {
  expect(parse({ input, output: null, metadata: null }, 't', null).input).toEqual(value);
});
