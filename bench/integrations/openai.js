/** Programs of the `openai` package, whose `fetch` answers at once. A tracer wraps the client. */
import { piecesOf, turn } from './turns.js';

const CHUNKS = 200;
const USAGE = { prompt_tokens: 2_000, completion_tokens: 100, total_tokens: 2_100 };
const COMMON = { id: 'chatcmpl-1', created: 1_760_000_000, model: 'gpt-4o-2024-08-06' };

export const tracers = {
  tailrace: async () => (await import('../../dist/esm/openai.js')).observeOpenAI,
  langfuse: async () => (await import('@langfuse/openai')).observeOpenAI,
};

const messagesOf = ({ system, history, question }) => [
  { role: 'system', content: system },
  ...history,
  { role: 'user', content: question },
];

/** The answer of the server is ready before the call, and costs the same with and without a tracer. */
async function openClient(name, observe) {
  const { OpenAI } = await import(name);
  const answer = { body: '', type: '' };
  const client = new OpenAI({
    apiKey: 'sk-bench',
    baseURL: 'http://bench.invalid/v1',
    fetch: async () => new Response(answer.body, { headers: { 'content-type': answer.type } }),
  });
  return { answer, client: observe === undefined ? client : observe(client) };
}

export async function chat(observe, name) {
  const { answer, client } = await openClient(name, observe);
  answer.type = 'application/json';
  return async (i) => {
    const said = turn(i);
    const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: said.answer } };
    answer.body = JSON.stringify({ ...COMMON, object: 'chat.completion', choices: [choice], usage: USAGE });
    const completion = await client.chat.completions.create({
      model: 'gpt-4o',
      temperature: 0.2,
      messages: messagesOf(said),
    });
    return completion.choices[0].message.content;
  };
}

export async function stream(observe, name) {
  const { answer, client } = await openClient(name, observe);
  answer.type = 'text/event-stream';
  return async (i) => {
    const said = turn(i);
    answer.body = eventsOf(said.answer);
    const chunks = await client.chat.completions.create({
      model: 'gpt-4o',
      temperature: 0.2,
      messages: messagesOf(said),
      stream: true,
      stream_options: { include_usage: true },
    });
    let length = 0;
    for await (const chunk of chunks) length += chunk.choices[0]?.delta.content?.length ?? 0;
    return length;
  };
}

/** The events of a stream, made once for each answer of the recordings but for the piece with its number. */
const bodies = new Map();

function eventsOf(answer) {
  const mark = answer.lastIndexOf(' #o');
  const text = answer.slice(0, mark);
  let body = bodies.get(text);
  if (body === undefined) bodies.set(text, (body = makeEvents(answer)));
  return body[0] + answer.slice(mark) + body[1];
}

function makeEvents(answer) {
  const event = (fields) =>
    `data: ${JSON.stringify({ ...COMMON, object: 'chat.completion.chunk', ...fields })}\n\n`;
  const choice = (delta, reason = null) => ({ choices: [{ index: 0, delta, finish_reason: reason }] });
  const pieces = piecesOf(answer, CHUNKS);
  const text = [
    event(choice({ role: 'assistant', content: '' })),
    ...pieces.map((content) => event(choice({ content }))),
    event(choice({}, 'stop')),
    event({ choices: [], usage: USAGE }),
    'data: [DONE]\n\n',
  ].join('');
  return text.split(pieces.at(-1));
}
