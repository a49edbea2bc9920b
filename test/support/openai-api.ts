/** A local server that answers as OpenAI's API does, after its reference (platform.openai.com/docs/api-reference), server-sent events too. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Of JSON. Empty for form data. */
  // biome-ignore lint/suspicious/noExplicitAny: any request of the API
  readonly body: any;
}

export interface OpenAIApi {
  /** With `/v1`. */
  readonly url: string;
  readonly requests: ApiRequest[];
  close(): Promise<void>;
}

export const CHAT_USAGE = {
  prompt_tokens: 19,
  completion_tokens: 10,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 4, audio_tokens: 2 },
  completion_tokens_details: { reasoning_tokens: 3, audio_tokens: 1 },
};
export const RESPONSE_USAGE = {
  input_tokens: 36,
  input_tokens_details: { cached_tokens: 6 },
  output_tokens: 87,
  output_tokens_details: { reasoning_tokens: 60 },
  total_tokens: 123,
};
/** A PNG of one pixel. */
export const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Marks in a prompt that choose the answer: `[tool]`, `[429]`, `[hang]`, … */
export async function startOpenAIApi(): Promise<OpenAIApi> {
  const requests: ApiRequest[] = [];
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const { method = '', url = '', headers } = incoming;
      const request = { method, path: url, headers, body: text.startsWith('{') ? JSON.parse(text) : {} };
      requests.push(request);
      answer(request, response, requests);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(request: ApiRequest, response: ServerResponse, all: readonly ApiRequest[]): void {
  const { body, path, method } = request;
  const text = JSON.stringify(body);
  const json = (value: unknown, status = 200) =>
    response
      .writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_1' })
      .end(JSON.stringify(value));
  const failing = /\[(4\d\d|5\d\d)(-once)?\]/.exec(text);
  const isAgain = all.filter((one) => JSON.stringify(one.body) === text).length > 1;
  if (failing && !(failing[2] && isAgain)) {
    response.setHeader('retry-after-ms', '1');
    json({ error: errorOf(Number(failing[1]), String(request.headers.authorization)) }, Number(failing[1]));
    return;
  }
  if (path.includes('/chat/completions')) chat(body, text, response, json);
  else if (/\/responses\/[^/]+/.test(path) && !path.endsWith('compact')) stored(path, method, json);
  else if (path.includes('/responses')) responses(body, text, response, json);
  else if (path.includes('/embeddings')) json(embeddings(body));
  else if (path.includes('/images/generations') && body.stream) events(response, imageEvents());
  else if (path.includes('/images/')) json({ created: 1, output_format: 'png', data: [{ b64_json: PIXEL }] });
  else if (path.includes('/audio/speech'))
    response.writeHead(200, { 'content-type': 'audio/mpeg' }).end('ID3 sound');
  else if (path.includes('/audio/'))
    json({
      text: 'Hello there.',
      usage: { type: 'tokens', input_tokens: 14, output_tokens: 4, total_tokens: 18 },
    });
  else if (path.includes('/moderations'))
    json({ id: 'modr_1', model: 'omni-moderation-latest', results: [{ flagged: false }] });
  else if (path.includes('/models')) json({ object: 'list', data: [{ id: 'gpt-4o', object: 'model' }] });
  else if (path.endsWith('/completions'))
    json({
      id: 'cmpl-1',
      object: 'text_completion',
      model: 'gpt-3.5-turbo-instruct-0914',
      choices: [{ index: 0, text: ' World', finish_reason: 'stop', logprobs: null }],
      usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 },
    });
  else json({ error: { message: `no ${path}` } }, 404);
}

function errorOf(status: number, authorization: string) {
  const key = authorization.replace('Bearer ', '');
  if (status === 401)
    return {
      message: `Incorrect API key provided: ${key.slice(0, 8)}${'*'.repeat(12)}${key.slice(-4)}. You can find your API key at https://platform.openai.com/account/api-keys.`,
      type: 'invalid_request_error',
      code: 'invalid_api_key',
    };
  return { message: 'Rate limit reached for gpt-4o', type: 'requests', code: 'rate_limit_exceeded' };
}

type Json = (value: unknown, status?: number) => unknown;

const MODEL = 'gpt-4o-2024-08-06';
const COMPLETION = { id: 'chatcmpl-1', created: 1_760_000_000, model: MODEL };
const TOOL_CALLS = [
  { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
  { id: 'call_2', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
];

// biome-ignore lint/suspicious/noExplicitAny: any request of the API
function chat(body: any, text: string, response: ServerResponse, json: Json): unknown {
  const isAnswered = body.messages?.some(({ role }: { role: string }) => role === 'tool');
  const asks = text.includes('[tool]') && !isAnswered;
  const content = body.response_format?.type === 'json_schema' ? '{"city":"Oslo"}' : 'Hello there';
  if (!body.stream) {
    const message = asks
      ? { role: 'assistant', content: null, tool_calls: TOOL_CALLS, refusal: null }
      : { role: 'assistant', content, refusal: null };
    const finish_reason = asks ? 'tool_calls' : 'stop';
    const choices = Array.from({ length: body.n ?? 1 }, (_, index) => ({ index, message, finish_reason }));
    const usage = text.includes('[compatible]') ? undefined : CHAT_USAGE;
    return json({ ...COMPLETION, object: 'chat.completion', choices, usage });
  }
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...COMPLETION,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
  });
  const chunks: unknown[] = [chunk({ role: 'assistant', content: '' })];
  if (asks) {
    for (const [index, call] of TOOL_CALLS.entries())
      chunks.push(
        chunk({ tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: '' } }] }),
        chunk({ tool_calls: [{ index, function: { arguments: call.function.arguments.slice(0, 5) } }] }),
      );
    for (const [index, call] of TOOL_CALLS.entries())
      chunks.push(
        chunk({ tool_calls: [{ index, function: { arguments: call.function.arguments.slice(5) } }] }),
      );
  } else for (const word of ['Hello', ' there']) chunks.push(chunk({ content: word }));
  if (text.includes('[hang]')) return events(response, chunks, false);
  if (text.includes('[breaks]'))
    return events(response, [...chunks, { error: { message: 'overloaded', code: 'x' } }]);
  if (text.includes('[compatible]'))
    chunks.unshift({ choices: [] }, { choices: null }, {}, { model: '', choices: [{}] });
  chunks.push(chunk({}, asks ? 'tool_calls' : 'stop'));
  if (body.stream_options?.include_usage) chunks.push({ ...COMPLETION, choices: [], usage: CHAT_USAGE });
  return events(response, chunks);
}

/** As the API sends them, each in a write of its own. */
function events(response: ServerResponse, list: readonly unknown[], isWhole = true): unknown {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' });
  for (const event of list) {
    const { type } = event as { type?: string };
    response.write(`${type === undefined ? '' : `event: ${type}\n`}data: ${JSON.stringify(event)}\n\n`);
  }
  return isWhole && response.end('data: [DONE]\n\n');
}

const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'In a forest', annotations: [] }],
};
const REASONING = {
  id: 'rs_1',
  type: 'reasoning',
  summary: [{ type: 'summary_text', text: 'They want a story.' }],
};
const SEARCH = { id: 'ws_1', type: 'web_search_call', status: 'completed' };
const IMAGE = { id: 'ig_1', type: 'image_generation_call', status: 'completed', result: PIXEL };

export function responseOf(status: string, output: readonly unknown[], more: object = {}) {
  const isOver = status === 'completed';
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_760_000_000,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: MODEL,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: 'low', summary: null },
    store: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: isOver ? RESPONSE_USAGE : null,
    user: null,
    metadata: {},
    background: false,
    ...more,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: any request of the API
function responses(body: any, text: string, response: ServerResponse, json: Json): unknown {
  const items = text.includes('[built-in]') ? [REASONING, SEARCH, IMAGE, MESSAGE] : [MESSAGE];
  if (body.background && !body.stream) return json(responseOf('queued', [], { background: true }));
  if (text.includes('[failed]'))
    return json(responseOf('failed', [], { error: { code: 'server_error', message: 'The model failed' } }));
  if (!body.stream) return json(responseOf('completed', items));
  const first = responseOf('in_progress', []);
  const list: object[] = [{ type: 'response.created', response: first }];
  for (const [output_index, item] of items.entries()) {
    list.push({ type: 'response.output_item.added', output_index, item: { ...item, content: [] } });
    if (item === MESSAGE) {
      const at = { output_index, item_id: 'msg_1', content_index: 0 };
      list.push({
        type: 'response.content_part.added',
        ...at,
        part: { type: 'output_text', text: '', annotations: [] },
      });
      for (const delta of ['In a', ' forest'])
        list.push({ type: 'response.output_text.delta', ...at, delta });
    }
    if (text.includes('[hang]') && item === MESSAGE) return events(response, list, false);
    list.push({ type: 'response.output_item.done', output_index, item });
  }
  list.push({ type: 'response.completed', response: responseOf('completed', items) });
  return events(
    response,
    list.map((event, sequence_number) => ({ ...event, sequence_number })),
  );
}

function stored(path: string, method: string, json: Json): void {
  const more = { background: true, id: /\/responses\/([^/?]+)/.exec(path)?.[1] };
  if (path.includes('pending')) json(responseOf('in_progress', [], more));
  else if (method === 'POST') json(responseOf('cancelled', [], more));
  else json(responseOf('completed', [MESSAGE], more));
}

function embeddings(body: { input: unknown; encoding_format?: string }) {
  const vector = [0.25, -0.5, 1];
  const embedding =
    body.encoding_format === 'base64'
      ? Buffer.from(new Float32Array(vector).buffer).toString('base64')
      : vector;
  const inputs = Array.isArray(body.input) ? body.input : [body.input];
  const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding }));
  return {
    object: 'list',
    data,
    model: 'text-embedding-3-small',
    usage: { prompt_tokens: 8, total_tokens: 8 },
  };
}

const imageEvents = () => [
  { type: 'image_generation.partial_image', b64_json: PIXEL, partial_image_index: 0, output_format: 'png' },
  {
    type: 'image_generation.completed',
    b64_json: PIXEL,
    output_format: 'png',
    usage: {
      input_tokens: 50,
      output_tokens: 50,
      total_tokens: 100,
      input_tokens_details: { text_tokens: 10, image_tokens: 40 },
    },
  },
];
