/** Replays recorded conversations through a tracing client, as fast as the client takes them. */
import { createReadStream } from 'node:fs';
import type { Tailrace, Trace } from '../../index.js';
import { type Conversation, parseConversation } from '../../receiver/transfer/conversations/conversation.js';
import {
  type ConversationPlan,
  type PlannedObservation,
  planConversation,
} from '../../receiver/transfer/conversations/conversation-plan.js';
import { linesOf, MAX_LINE_BYTES } from '../../receiver/transfer/import/lines.js';
import { countObservation, countScore, createTally, type Tally } from '../demo/tally.js';

export interface ReplayOptions {
  /** Name of the traces. */
  readonly name: string;
  /** How many times the file is read. @default 1 */
  readonly repeat?: number;
  /** Stops the replay before the next event. */
  readonly signal?: AbortSignal;
  /** Called for each line that is not a conversation, on each reading. */
  readonly onSkippedLine?: (lineNumber: number, problem: string) => void;
  /** Called after each line; `bytesRead` sums all readings, `tracingMs` is the total so far. */
  readonly onProgress?: (tally: Tally, bytesRead: number, tracingMs: number) => void;
}

interface ReplayResult {
  /** Counts of what was traced, independent of the client's counts. */
  readonly tally: Tally;
  /** Lines that are not conversations. */
  readonly skipped: number;
  /** Time of the tracing calls on this thread, without reading, parsing and waiting for room. */
  readonly tracingMs: number;
}

interface Replay {
  readonly client: Tailrace;
  readonly options: ReplayOptions;
  readonly tally: Tally;
  skipped: number;
  tracingMs: number;
}

/**
 * Each conversation becomes a trace that ends now, by a virtual clock (see conversation-plan.ts). Ids are new each time; the
 * conversation's id goes to the metadata. Holds one line at a time. Rejects if the file cannot be read.
 */
export async function replayFile(
  client: Tailrace,
  path: string,
  options: ReplayOptions,
): Promise<ReplayResult> {
  const replay: Replay = { client, options, tally: createTally(), skipped: 0, tracingMs: 0 };
  let bytesOfEarlierReadings = 0;
  for (let reading = 0; reading < (options.repeat ?? 1); reading++) {
    let bytes = 0;
    for await (const { number, text, bytesRead } of linesOf(blocksOf(path))) {
      if (options.signal?.aborted) return replay;
      await replayLine(replay, number, text);
      bytes = bytesRead;
      options.onProgress?.(replay.tally, bytesOfEarlierReadings + bytes, replay.tracingMs);
    }
    // A file without lines is read once.
    if (bytes === 0) break;
    bytesOfEarlierReadings += bytes;
  }
  return replay;
}

const READ_BYTES = 256 * 1024;

function blocksOf(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: READ_BYTES });
}

async function replayLine(replay: Replay, number: number, text: string | undefined): Promise<void> {
  if (text?.trim() === '') return;
  const { conversation, problem } =
    text === undefined ? { problem: `longer than ${MAX_LINE_BYTES} bytes` } : parseConversation(text);
  if (conversation !== undefined) return replayConversation(replay, conversation);
  replay.skipped++;
  replay.options.onSkippedLine?.(number, problem);
}

async function replayConversation(replay: Replay, conversation: Conversation): Promise<void> {
  const { tally } = replay;
  const plan = planConversation(conversation);
  const startTime = Date.now() - plan.durationMs;
  const trace = await traced(replay, () => startTrace(replay, conversation, plan, startTime));
  tally.traces++;
  for (const observation of plan.observations) {
    if (replay.options.signal?.aborted) break;
    await traced(replay, () => traceObservation(trace, observation, startTime, conversation.model));
    countObservation(tally, observation.type);
  }
  for (const score of conversation.scores) {
    await traced(replay, () => trace.score(score));
    countScore(tally, score);
  }
  await traced(replay, () => trace.end({ output: plan.output, endTime: startTime + plan.durationMs }));
}

/** Runs one synchronous block of tracing. Waits for room first, so that no event is dropped. */
async function traced<T>(replay: Replay, block: () => T): Promise<T> {
  await replay.client.ready();
  const start = performance.now();
  const result = block();
  replay.tracingMs += performance.now() - start;
  return result;
}

function startTrace(
  { client, options }: Replay,
  { id, metadata }: Conversation,
  { input }: ConversationPlan,
  timestamp: number,
): Trace {
  const more = id === undefined ? metadata : { ...asObject(metadata), conversationId: id };
  return client.trace({ name: options.name, input, metadata: more, tags: ['replay'], timestamp });
}

function asObject(metadata: unknown): object {
  if (metadata === undefined || metadata === null) return {};
  return typeof metadata === 'object' && !Array.isArray(metadata) ? metadata : { metadata };
}

function traceObservation(
  trace: Trace,
  { type, name, input, output, level, statusMessage, ...times }: PlannedObservation,
  startTime: number,
  model: string | undefined,
): void {
  const body = {
    name,
    input,
    output,
    level,
    statusMessage,
    startTime: startTime + times.startMs,
    endTime: startTime + times.endMs,
  };
  if (type === 'tool') {
    trace.tool(body);
  } else {
    const completionStartTime = times.firstTokenMs === undefined ? undefined : startTime + times.firstTokenMs;
    trace.generation({ ...body, model, completionStartTime });
  }
}
