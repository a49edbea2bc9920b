/** Recorded runs of an agent, replayed as `tailrace demo` does: the rows in ClickHouse equal what a receiver stores, field by field. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Tailrace } from 'tailrace';
import { expect, it, onTestFinished } from 'vitest';
import { replayFile } from '../../src/cli/replay/replay.js';
import { startReceiver } from '../../src/receiver/receiver.js';
import { type ClickhouseServer, noClickhouse, startClickhouse } from '../support/clickhouse-server.js';
import { storedTraces } from '../support/stored.js';

const AIRLINE = fileURLToPath(new URL('../../../shared/data/airline-agent-runs.jsonl', import.meta.url));

type Values = Record<string, unknown>;

/**
 * The same file is replayed twice, so ids and times differ: they are left out, or become what lies between them. So are usage and cost:
 * the file has none, and the receiver shows estimates in their place.
 */
interface Run extends Values {
  readonly observations: Values[];
  readonly scores: Values[];
}

const micros = (time: unknown): number => {
  const text = String(time).replace(' ', 'T').replace('Z', '');
  return Date.parse(`${text.slice(0, 23)}Z`) * 1000 + Number(text.slice(23) || 0);
};
/** The replay's clock begins at another fraction of a millisecond each time, which moves rounded differences by one. */
const between = (from: unknown, to: unknown): number | null =>
  to === null || to === undefined ? null : Math.round((micros(to) - micros(from)) / 1000);
/** For servers an empty text is none; the receiver shows a number in a text as it is. */
const parsed = (text: unknown): unknown => {
  if (text === '' || typeof text === 'object') return text || null;
  try {
    return JSON.parse(String(text));
  } catch {
    return text;
  }
};
const members = (map: unknown): Values =>
  Object.fromEntries(Object.entries(map as object).map(([key, value]) => [key, parsed(value)]));
const byTime = (rows: Values[]): Values[] =>
  rows.sort((a, b) => Number(a.at) - Number(b.at) || String(a.name).localeCompare(String(b.name)));

async function runsInClickhouse(server: ClickhouseServer): Promise<Run[]> {
  const traces = await server.ask('SELECT * FROM tailrace_traces FINAL');
  const observations = await server.ask('SELECT * FROM tailrace_observations FINAL');
  const scores = await server.ask('SELECT * FROM tailrace_scores FINAL');
  return traces.map((trace) => ({
    name: trace.name,
    userId: trace.user_id,
    sessionId: trace.session_id,
    tags: trace.tags,
    release: trace.release,
    version: trace.version,
    environment: trace.environment,
    public: trace.public,
    input: parsed(trace.input),
    output: parsed(trace.output),
    metadata: members(trace.metadata),
    observations: byTime(
      observations
        .filter((one) => one.trace_id === trace.id)
        .map((one) => ({
          at: between(trace.timestamp, one.start_time),
          duration: between(one.start_time, one.end_time),
          completion: between(one.start_time, one.completion_start_time),
          parent: one.parent_id,
          type: one.type,
          name: one.name,
          level: one.level,
          statusMessage: one.status_message,
          model: one.model,
          modelParameters: parsed(one.model_parameters ?? '{}'),
          promptName: one.prompt_name,
          promptVersion: one.prompt_version,
          version: one.version,
          environment: one.environment,
          input: parsed(one.input),
          output: parsed(one.output),
          metadata: members(one.metadata),
        })),
    ),
    scores: scores
      .filter((one) => one.trace_id === trace.id)
      .map((one) => ({
        name: one.name,
        value: one.value,
        dataType: one.data_type,
        comment: one.comment,
        environment: one.environment,
      })),
  }));
}

async function runsInReceiver(url: string): Promise<Run[]> {
  return (await storedTraces(url)).map((trace) => ({
    name: trace.name,
    userId: trace.userId,
    sessionId: trace.sessionId,
    tags: trace.tags,
    release: trace.release,
    version: trace.version,
    environment: trace.environment,
    public: trace.public,
    input: parsed(trace.input),
    output: parsed(trace.output),
    metadata: trace.metadata,
    observations: byTime(
      trace.observations.map((one) => ({
        at: between(trace.timestamp, one.startTime),
        duration: between(one.startTime, one.endTime),
        completion: between(one.startTime, one.completionStartTime),
        parent: one.parentObservationId,
        type: one.type,
        name: one.name,
        level: one.level,
        statusMessage: one.statusMessage,
        model: one.model,
        modelParameters: one.modelParameters ?? {},
        promptName: one.promptName,
        promptVersion: one.promptVersion,
        version: one.version,
        environment: one.environment,
        input: parsed(one.input),
        output: parsed(one.output),
        metadata: one.metadata ?? {},
      })),
    ),
    scores: trace.scores.map((one) => ({
      name: one.name,
      value: one.value,
      dataType: one.dataType,
      comment: one.comment,
      environment: one.environment,
    })),
  }));
}

const keyOf = ({ metadata }: Run): string => JSON.stringify(metadata);

it.skipIf(noClickhouse !== undefined || !existsSync(AIRLINE))(
  'stores the airline runs as a receiver does, field by field',
  { timeout: 120_000 },
  async () => {
    const server = await startClickhouse();
    const receiver = await startReceiver({ port: 0 });
    onTestFinished(() => receiver.close());
    const options = { environment: 'demo', release: 'r', proxy: false } as const;
    const clients = [
      new Tailrace({ ...options, exporter: 'clickhouse', clickhouse: { url: server.url } }),
      new Tailrace({ ...options, baseUrl: receiver.url, publicKey: 'pk', secretKey: 'sk' }),
    ];
    for (const client of clients) {
      const { skipped } = await replayFile(client as unknown as Parameters<typeof replayFile>[0], AIRLINE, {
        name: 'airline',
      });
      expect(skipped).toBe(0);
      expect(await client.shutdown()).toMatchObject({ failed: 0, dropped: { total: 0 } });
    }
    const [ours, theirs] = [await runsInClickhouse(server), await runsInReceiver(receiver.url)];
    expect(ours).toHaveLength(50);
    const found = new Map(ours.map((run) => [keyOf(run), run]));
    for (const run of theirs) expect(found.get(keyOf(run))).toEqual(run);
  },
);
