/** Conversations as programs that any tracing client can run: one trace each, with a root, generations, tools and scores. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseConversation } from '../../../src/receiver/transfer/conversations/conversation.js';
import {
  type PlannedObservation,
  planConversation,
} from '../../../src/receiver/transfer/conversations/conversation-plan.js';

export interface PlannedTrace {
  readonly name: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly tags: string[];
  readonly input: unknown;
  readonly output: unknown;
  readonly start: Date;
  readonly end: Date;
  readonly children: readonly PlannedChild[];
  readonly scores: readonly { name: string; value: number; comment: string }[];
}

export interface PlannedChild {
  readonly type: 'generation' | 'tool';
  readonly name: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly start: Date;
  readonly end: Date;
  readonly level?: 'WARNING' | 'ERROR';
  readonly statusMessage?: string;
  /** Of generations. */
  readonly model?: string;
  readonly modelParameters?: Record<string, number | string>;
  readonly firstToken?: Date;
  readonly usageDetails?: Record<string, number>;
  readonly costDetails?: Record<string, number>;
}

/** What a client must do: trace all of it, and deliver it. */
export type RunClient = (url: string, traces: readonly PlannedTrace[]) => Promise<void>;

export const ROOT_NAME = 'run';
export const KEYS = { publicKey: 'pk-lf-test', secretKey: 'sk-lf-test' };

const RECORDED = fileURLToPath(new URL('../../../../shared/data/airline-agent-runs.jsonl', import.meta.url));
const MAX_RECORDED = 4;

/** Short, with each thing that a recorded one may lack. */
const OWN = JSON.stringify({
  id: 'parcel',
  model: 'gpt-4o',
  messages: [
    { role: 'system', content: 'Answer briefly.' },
    { role: 'user', content: 'Wo ist mein Paket? 📦 <b>"4711"</b>' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'find', arguments: '{"id":4711}' } },
        { id: 'b', type: 'function', function: { name: 'lost', arguments: 'no JSON' } },
      ],
    },
    { role: 'tool', tool_call_id: 'a', content: '{"status":"on its way"}' },
    { role: 'assistant', content: 'It arrives today.' },
  ],
  scores: [{ name: 'reward', value: 1 }],
});

/** The recorded conversations where the checkout has them beside it, and always one of its own. */
export function plannedTraces(): PlannedTrace[] {
  const recorded = existsSync(RECORDED)
    ? readFileSync(RECORDED, 'utf8').split('\n').slice(0, MAX_RECORDED)
    : [];
  return [OWN, ...recorded].map(planned);
}

const BASE_MS = Date.UTC(2026, 0, 15, 12);

function planned(line: string, index: number): PlannedTrace {
  const { conversation } = parseConversation(line);
  if (conversation === undefined) throw new Error('the conversation cannot be read');
  const { input, output, observations, durationMs } = planConversation(conversation);
  const at = (ms: number) => new Date(BASE_MS + index * 3_600_000 + ms);
  const model = conversation.model ?? 'gpt-4o';
  return {
    name: `conversation ${conversation.id}`,
    userId: `user ${index % 2}`,
    sessionId: 'session',
    tags: ['page', 'ü,x'],
    input,
    output,
    start: at(0),
    end: at(durationMs),
    children: observations.map((one, position) => childOf(one, position, model, at)),
    scores: conversation.scores.map(({ name, value }) => ({
      name,
      value: Number(value),
      comment: 'as recorded',
    })),
  };
}

function childOf(
  { type, name, input, output, startMs, endMs, firstTokenMs, level, statusMessage }: PlannedObservation,
  position: number,
  model: string,
  at: (ms: number) => Date,
): PlannedChild {
  const failed = type === 'tool' && String(output).startsWith('Error');
  const child = {
    type,
    name,
    input,
    output: output ?? null,
    start: at(startMs),
    end: at(endMs),
    ...(level === 'WARNING' && { level, statusMessage }),
    ...(failed && { level: 'ERROR' as const, statusMessage: String(output) }),
  };
  if (type === 'tool') return child as PlannedChild;
  const tokens = (value: unknown) => Math.ceil(JSON.stringify(value).length / 4);
  return {
    ...child,
    model,
    modelParameters: { temperature: 0, tool_choice: 'auto' },
    firstToken: at(firstTokenMs ?? startMs),
    usageDetails: { input: tokens(input), output: tokens(output) },
    // The others are computed from the price.
    ...(position === 0 && { costDetails: { input: 0.001, output: 0.002 } }),
  } as PlannedChild;
}
