/** Token counts in the shape of each provider's package. */
import { expect, it } from 'vitest';
import { usageOf } from '../../../../src/integrations/langchain/usage.js';

const message = (fields: object) => ({ message: { content: '', ...fields } });

it.each([
  [
    'LangChain, with details within the counts',
    message({
      usage_metadata: {
        input_tokens: 100,
        output_tokens: 50,
        total_tokens: 150,
        input_token_details: { cache_read: 30, cache_creation: 10, audio: 5 },
        output_token_details: { reasoning: 20, audio: 2 },
      },
    }),
    undefined,
    {
      ...{ input: 55, output: 28, total: 150 },
      ...{ input_cache_read: 30, input_cache_creation: 10, input_audio: 5 },
      ...{ output_reasoning: 20, output_audio: 2 },
    },
  ],
  [
    'OpenAI, older',
    { text: 'x' },
    { tokenUsage: { promptTokens: 3, completionTokens: 2, totalTokens: 5 } },
    { input: 3, output: 2, total: 5 },
  ],
  [
    'OpenAI, estimated, if there is nothing else',
    { text: 'x' },
    { tokenUsage: {}, estimatedTokenUsage: { promptTokens: 3, completionTokens: 2, totalTokens: 5 } },
    { input: 3, output: 2, total: 5 },
  ],
  [
    'OpenAI, raw',
    message({
      response_metadata: {
        usage: {
          prompt_tokens: 9,
          completion_tokens: 4,
          total_tokens: 13,
          prompt_tokens_details: { cached_tokens: 3 },
        },
      },
    }),
    undefined,
    { input: 6, output: 4, total: 13, input_cached_tokens: 3 },
  ],
  [
    'Anthropic, whose cached tokens are beside the input',
    message({}),
    {
      usage: {
        input_tokens: 10,
        output_tokens: 5,
        cache_read_input_tokens: 80,
        cache_creation_input_tokens: 7,
      },
    },
    { input: 10, output: 5, input_cache_read: 80, input_cache_creation: 7 },
  ],
  [
    'Bedrock, Converse',
    message({
      response_metadata: {
        usage: { inputTokens: 4, outputTokens: 2, totalTokens: 6, cacheReadInputTokens: 1 },
      },
    }),
    undefined,
    { input: 4, output: 2, total: 6, input_cache_read: 1 },
  ],
  [
    'Bedrock, invocation metrics',
    message({
      response_metadata: { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 4, outputTokenCount: 2 } },
    }),
    undefined,
    { input: 4, output: 2 },
  ],
  [
    'Vertex, whose cached tokens are within the input and thoughts beside the output',
    {
      text: 'x',
      generationInfo: {
        usage_metadata: {
          promptTokenCount: 20,
          candidatesTokenCount: 6,
          totalTokenCount: 30,
          cachedContentTokenCount: 5,
          thoughtsTokenCount: 4,
        },
      },
    },
    undefined,
    { input: 15, output: 6, total: 30, input_cache_read: 5, output_reasoning: 4 },
  ],
  [
    'none',
    message({ usage_metadata: undefined, response_metadata: { usage: null } }),
    { tokenUsage: {} },
    undefined,
  ],
])('%s', (_, generation, llmOutput, expected) => {
  expect(usageOf({ llmOutput }, generation)).toEqual(expected);
});
