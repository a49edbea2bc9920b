/** A made-up trace with all that a trace can have, for tests of the page. */
import { baseMs, ingestionEvent } from '../unit/receiver/helpers.js';

export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
export const STACK = `TimeoutError: the parcel service did not answer within 1500 ms
    at find (/app/tools.js:12:9)
    at async run (/app/agent.js:40:3)`;

const iso = (ms: number) => new Date(baseMs + ms).toISOString();
const below = (
  id: string,
  parentObservationId: string | undefined,
  from: number,
  to: number,
  more: object,
) => ({
  id,
  traceId: 'made-up',
  parentObservationId,
  startTime: iso(from),
  endTime: iso(to),
  ...more,
});

const CHAT = [
  { role: 'system', content: 'You are kind. '.repeat(60) },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'What is on this picture?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
      { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
    ],
  },
  {
    role: 'assistant',
    content: null,
    reasoning_content: 'The user wants facts.',
    tool_calls: [
      { id: 'c1', type: 'function', function: { name: 'find_parcel', arguments: '{"id":"P-7"}' } },
    ],
  },
  { role: 'tool', tool_call_id: 'c1', content: '{"status":"late"}' },
];
const ANSWER = `# Your parcel

It is **late**, because:

1. the truck broke down
2. it rains

\`\`\`js
const parcel = find("P-7");
\`\`\`

See [the page](https://example.com/x).`;

/** The last event has a level that no server takes: it is a complaint. */
export const madeUpTrace = () => [
  ingestionEvent('trace-create', {
    id: 'made-up',
    name: 'support chat',
    userId: 'ada',
    sessionId: 's-1',
    environment: 'production',
    release: 'r-7',
    version: '1.2',
    tags: ['beta', 'vip'],
    metadata: { tier: 'gold', nested: { list: [1, 2, { deep: true }] } },
    timestamp: iso(0),
    input: { question: 'Where is my parcel?' },
    output: 'It arrives **today**.',
  }),
  ingestionEvent('span-create', below('root', undefined, 0, 4000, { name: 'handle request' })),
  ingestionEvent('agent-create', below('agent', 'root', 50, 3900, { name: 'support agent' })),
  ingestionEvent('retriever-create', below('find', 'agent', 60, 400, { name: 'find documents' })),
  ingestionEvent(
    'generation-create',
    below('plan', 'agent', 420, 2200, {
      name: 'plan',
      model: 'gpt-4o',
      modelParameters: { temperature: 0.2 },
      completionStartTime: iso(900),
      usageDetails: { input: 812, output: 130 },
      promptName: 'support',
      promptVersion: 3,
      input: CHAT,
      output: { role: 'assistant', content: ANSWER },
    }),
  ),
  ingestionEvent(
    'tool-create',
    below('tool', 'agent', 2250, 3800, {
      name: 'find_parcel',
      level: 'ERROR',
      statusMessage: STACK,
      input: { id: 'P-7', options: { verbose: true, "it's": [1, 2, 3] } },
    }),
  ),
  ingestionEvent(
    'guardrail-create',
    below('guard', 'agent', 3810, 3850, {
      name: 'no personal data',
      level: 'WARNING',
      statusMessage: 'removed',
    }),
  ),
  ingestionEvent(
    'evaluator-create',
    below('judge', 'root', 3960, 3990, { name: 'judge', level: 'ERROR', output: 0.3 }),
  ),
  // Usage and cost are not given: they are estimated.
  ingestionEvent(
    'generation-create',
    below('guess', 'root', 3900, 3950, {
      name: 'guess',
      model: 'gpt-4o',
      input: 'one two three',
      output: 'four',
    }),
  ),
  ingestionEvent('score-create', {
    id: 's1',
    traceId: 'made-up',
    name: 'helpful',
    value: 0,
    dataType: 'BOOLEAN',
  }),
  ingestionEvent('score-create', {
    id: 's2',
    traceId: 'made-up',
    name: 'accuracy',
    value: 0.35,
    comment: 'wrong date',
  }),
  ingestionEvent('score-create', {
    id: 's3',
    traceId: 'made-up',
    observationId: 'plan',
    name: 'tone',
    value: 'kind',
  }),
  ingestionEvent('span-create', below('bad', 'root', 3991, 3992, { name: 'bad', level: 'WRONG' })),
];
