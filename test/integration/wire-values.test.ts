/** Metadata and usage of every sort: a Langfuse server drops many, and the client must send what it keeps. */
import type { GenerationBody } from 'tailrace';
import { describe, expect, it } from 'vitest';
import { lossesOf, NO_LOSSES, ROADS, startCapturedClient } from '../support/captured.js';

const TRACE = 'ab'.repeat(16);
const SPAN = '1'.repeat(16);

describe.each(ROADS)('over %s, to Langfuse %i', (protocol, version) => {
  describe('metadata', () => {
    /** Of a trace and of an observation, given in one call. */
    async function storedOf(metadata: unknown) {
      const captured = await startCapturedClient(version, { protocol });
      const handle = captured.client.trace({ id: TRACE, metadata });
      handle.span({ id: SPAN, metadata }).end();
      handle.end();
      await captured.client.shutdown();
      const { traces, observations } = captured.server();
      expect(lossesOf(captured)).toEqual(NO_LOSSES);
      return [traces.get(TRACE)?.metadata, observations.get(SPAN)?.metadata];
    }

    it.each([
      ['text', 'plain', 'plain'],
      ['text that is JSON', '"quoted"', '"quoted"'],
      ['a number', 7, '7'],
      ['a truth value', true, 'true'],
      ['a list', ['a', { b: 1 }], '["a",{"b":1}]'],
    ])('that is %s is kept, under one key, as the server keeps it', async (_, metadata, stored) => {
      for (const found of await storedOf(metadata)) expect(found).toMatchObject({ metadata: stored });
    });

    it('has no member that is null, as no field of a body is', async () => {
      for (const found of await storedOf({ none: null, kept: 1, missing: undefined })) {
        expect(found).toMatchObject({ kept: '1' });
        expect(found).not.toHaveProperty('none');
        expect(found).not.toHaveProperty('missing');
      }
    });

    /** Langfuse 4 puts a trace's members over those of the span that carries them. */
    it('of an observation is its own where its trace has the same member', async () => {
      const captured = await startCapturedClient(version, { protocol });
      const handle = captured.client.trace({ id: TRACE, metadata: { of: 'trace' } });
      handle.span({ id: SPAN, metadata: { of: 'span' } }).end();
      handle.end();
      await captured.client.shutdown();
      const { traces, observations } = captured.server();
      expect(observations.get(SPAN)?.metadata).toMatchObject({ of: 'span' });
      expect(traces.get(TRACE)?.metadata).toMatchObject({ of: 'trace' });
    });

    it('keeps members whose value is empty, zero or false', async () => {
      for (const found of await storedOf({ empty: '', zero: 0, no: false, list: [], object: {} })) {
        expect(found).toMatchObject({ empty: '', zero: '0', no: 'false', list: '[]', object: '{}' });
      }
    });
  });

  describe('usage', () => {
    async function storedOf(body: GenerationBody) {
      const captured = await startCapturedClient(version, { protocol });
      captured.client.generation({ id: SPAN, model: 'm', ...body }).end();
      await captured.client.shutdown();
      return { losses: lossesOf(captured), stored: captured.server().observations.get(SPAN) };
    }

    it('goes without what is no count, and with texts as the numbers that they are', async () => {
      const usageDetails = { input: 10, output: '5', none: null, less: -1, words: 'many', nested: { a: 1 } };
      const { losses, stored } = await storedOf({ usageDetails });
      expect(stored?.usageDetails).toEqual({ input: 10, output: 5 });
      expect(losses).toEqual(NO_LOSSES);
    });

    it('goes without amounts that are none', async () => {
      const costDetails = { input: 0.1, less: -1, none: null as never, not: Number.NaN };
      const { losses, stored } = await storedOf({ costDetails });
      expect(stored?.costDetails).toEqual({ input: 0.1 });
      expect(losses).toEqual(NO_LOSSES);
    });

    it('as OpenAI answers it is stored by part', async () => {
      const { losses, stored } = await storedOf({
        usageDetails: {
          prompt_tokens: 10,
          completion_tokens: 4,
          total_tokens: 14,
          prompt_tokens_details: { cached_tokens: 6 },
          completion_tokens_details: { reasoning_tokens: 1 },
        },
      });
      expect(stored?.usageDetails).toEqual({
        input: 4,
        input_cached_tokens: 6,
        output: 3,
        output_reasoning_tokens: 1,
        total: 14,
      });
      expect(losses).toMatchObject({ dropped: [] });
    });

    it('in its older spelling is stored alike', async () => {
      const { losses, stored } = await storedOf({ usage: { input: 1, output: 2, total: 3, totalCost: 0.5 } });
      expect(stored).toMatchObject({
        usageDetails: { input: 1, output: 2, total: 3 },
        costDetails: { total: 0.5 },
      });
      expect(losses).toEqual(NO_LOSSES);
    });
  });
});
