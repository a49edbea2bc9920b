/** What metadata, tags, tokens and errors of a run say. */
import { describe, expect, it } from 'vitest';
import { describeError } from '../../../../src/integrations/langchain/run-errors.js';
import {
  observationMetadata,
  promptOf,
  sessionOf,
  traceTags,
  userOf,
} from '../../../../src/integrations/langchain/run-metadata.js';
import { isFirstEvent, isFirstToken } from '../../../../src/integrations/langchain/streaming.js';

describe('metadata', () => {
  it('speaks to the handler in the spelling of both of Langfuse’s handlers, and does not show it', () => {
    for (const spelled of [
      { langfuseUserId: 'u', langfuseSessionId: 's', langfuseTags: ['t'], langfusePrompt: 'p' },
      { langfuse_user_id: 'u', langfuse_session_id: 's', langfuse_tags: ['t'], langfuse_prompt: 'p' },
    ]) {
      expect([userOf(spelled), sessionOf(spelled), promptOf(spelled)]).toEqual(['u', 's', 'p']);
      expect(traceTags(['a'], spelled, ['a', 'b'])).toEqual(['a', 't', 'b']);
      expect(observationMetadata([], spelled)).toEqual({});
    }
    expect([userOf({ langfuseUserId: 7 }), traceTags([], {}, undefined)]).toEqual([undefined, undefined]);
  });

  it('is shown without values whose key names a secret', () => {
    const kept = {
      thread_id: 't',
      ls_max_tokens: 1,
      tokenizer: 'x',
      key: 'v',
      langgraph_node: 'n',
      header: 'h',
    };
    const secrets = ['api_key', 'openAIApiKey', 'x-api-key', 'client_secret', 'DB_PASSWORD', 'Authorization'];
    secrets.push('access_token', 'token', 'headers', 'defaultHeaders', 'cookie', 'awsCredentials');
    const metadata = { ...kept, ...Object.fromEntries(secrets.map((key) => [key, 'sk'])) };
    expect(observationMetadata(['a'], metadata)).toEqual({ tags: ['a'], ...kept });
  });
});

it.each([
  ['text', 'a', undefined, true],
  ['an empty chunk', '', { content: '' }, false],
  ['an empty token without a chunk', '', undefined, true],
  ['a part of a tool call', '', { content: '', tool_call_chunks: [{}] }, true],
  ['reasoning', '', { content: '', additional_kwargs: { reasoning_content: 'hm' } }, true],
  ['a content block', '', { content: [{ type: 'text', text: '' }] }, true],
  ['no content block', '', { content: [] }, false],
])('%s as the first token', (_, token, message, expected) => {
  expect(isFirstToken(token, message && { chunk: { message } })).toBe(expected);
});

it('the first content of events is the first token', () => {
  expect(
    ['message-start', 'content-block-start', 'content-block-delta'].map((event) => isFirstEvent({ event })),
  ).toEqual([false, false, true]);
  expect(isFirstEvent(null)).toBe(false);
});

describe('an error', () => {
  const described = (error: unknown) => {
    const body = {};
    describeError(body, error);
    return body;
  };

  it.each([
    [new TypeError('bad'), { level: 'ERROR', statusMessage: 'TypeError: bad' }],
    ['text', { level: 'ERROR', statusMessage: 'text' }],
    [undefined, { level: 'ERROR', statusMessage: 'undefined' }],
    [
      Object.assign(new Error('refused'), { error: { code: 'content_filter' } }),
      { level: 'ERROR', statusMessage: 'Error: refused\n\nError details:\n{\n  "code": "content_filter"\n}' },
    ],
    [new Error('Aborted'), { level: 'WARNING', statusMessage: 'Error: Aborted' }],
    [
      Object.assign(new Error('stopped'), { name: 'ModelAbortError', partialOutput: 'half' }),
      { level: 'WARNING', statusMessage: 'ModelAbortError: stopped', output: 'half' },
    ],
    [
      Object.assign(new Error('[]'), {
        name: 'GraphInterrupt',
        is_bubble_up: true,
        interrupts: [{ value: 1 }],
      }),
      { statusMessage: 'GraphInterrupt', output: { interrupts: [{ value: 1 }] } },
    ],
    [
      Object.assign(new Error(''), { name: 'ParentCommand', is_bubble_up: true }),
      { statusMessage: 'ParentCommand' },
    ],
  ])('%s', (error, expected) => {
    expect(described(error)).toEqual(expected);
  });

  it('that cannot be written as JSON has its text', () => {
    const error = Object.assign(new Error('round'), { error: {} });
    error.error = { error };
    expect(described(error)).toMatchObject({ statusMessage: 'Error: round' });
  });
});
