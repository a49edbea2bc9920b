/** What the contract's tests share: how a store is opened, and the rows that the tests of reads have. */

import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { expect } from 'vitest';
import { readIngestion } from '../../../../../src/ingest/classic/ingestion.js';
import { decodeOtlpProtobuf } from '../../../../../src/ingest/otlp/protobuf-decoder.js';
import { mapSpans } from '../../../../../src/ingest/otlp/span-mapping.js';
import { setField } from '../../../../../src/ingest/trace-state.js';
import { atOnce } from '../../../../../src/receiver/slices.js';
import type { Changes } from '../../../../../src/receiver/store/changes.js';
import {
  type ListQuery,
  NO_FILTER,
  type PageFilter,
} from '../../../../../src/receiver/store/contract/page.js';
import type { Store } from '../../../../../src/receiver/store/contract.js';
import type { StoreOptions } from '../../../../../src/receiver/store/store-options.js';
import { baseMs, ingestionEvent, otelSpan, type SpanSpec } from '../../helpers.js';

/** An implementation of the store, as the tests open it. */
export interface StoreHarness {
  /** A new and empty store. */
  open(options?: StoreOptions): Promise<Store>;
  /** The store that was opened last, again after its close. Absent: nothing outlives the close. */
  reopen?: (options?: StoreOptions) => Promise<Store>;
  /** Whether the store keeps a bound of its size (`maxBytes`). */
  evicts: boolean;
  /** The classes of its errors, if it is the built one. @default those of src/ */
  errors?: { AnswerTooLarge: ErrorClass; InvalidCursor: ErrorClass };
}

type ErrorClass = new () => Error;

export const at = (ms: number) => new Date(baseMs + ms).toISOString();
export const us = (ms: number) => (baseMs + ms) * 1000;

export function changesOf(...batch: unknown[]): Changes {
  const { changes, answer } = atOnce(readIngestion({ batch }));
  expect(answer.errors).toEqual([]);
  return changes;
}

/** Classic events of the types and bodies, in their order. */
export async function write(store: Store, ...events: (readonly [string, object])[]): Promise<void> {
  const batch = events.map(([type, body], index) => ingestionEvent(type, body, baseMs + index));
  await store.write(changesOf(...batch));
}

/** Spans as OpenTelemetry's own SDK sends them. */
export function spans(...specs: SpanSpec[]): Changes {
  const body = ProtobufTraceSerializer.serializeRequest(specs.map(otelSpan));
  return atOnce(mapSpans(atOnce(decodeOtlpProtobuf(Buffer.from(body as Uint8Array))))).changes;
}

export const pageFilter = (asked: Partial<PageFilter>): PageFilter => ({ ...NO_FILTER, ...asked });

/** All rows of a stream. */
export async function all<T>(parts: AsyncIterable<readonly T[]>): Promise<T[]> {
  const rows: T[] = [];
  for await (const part of parts) rows.push(...part);
  return rows;
}

export const idsOf = (rows: Iterable<{ id: string }>) => Array.from(rows, ({ id }) => id);

const usage = (input: number, output: number) => ({ input, output, total: input + output });

const FAILED_TOOL = {
  id: 'lookup',
  traceId: 't1',
  parentObservationId: 'root',
  name: 'search',
  level: 'ERROR',
};

/**
 * Four traces: two of the session `s1`, one of `s2`, and one of which nothing is known. Usage and cost are given, so that nothing is
 * estimated.
 */
const EVENTS: (readonly [string, object])[] = [
  [
    'trace-create',
    {
      ...{ id: 't1', name: 'chat', userId: 'ada', sessionId: 's1', timestamp: at(0) },
      ...{ tags: ['a', 'b'], release: 'r1', version: 'v1', environment: 'prod', public: true },
      metadata: { k: 'x', n: 5, yes: true, o: { a: [1] } },
      input: 'What is a tailrace?',
      output: 'A channel behind a mill.',
    },
  ],
  ['span-create', { id: 'root', traceId: 't1', name: 'run', startTime: at(0), endTime: at(2000) }],
  [
    'generation-create',
    {
      ...{ id: 'ask', traceId: 't1', parentObservationId: 'root', name: 'answer', model: 'model-x' },
      ...{ startTime: at(100), completionStartTime: at(200), endTime: at(1100), version: 'v9' },
      usageDetails: usage(10, 5),
      costDetails: { input: 0.25, output: 0.5, total: 0.75 },
      ...{ promptName: 'greeting', promptVersion: 3, metadata: { step: 'one' } },
      input: [{ role: 'user', content: 'Where does the water go?' }],
      output: 'Into the river.',
    },
  ],
  ['tool-create', { ...FAILED_TOOL, statusMessage: 'boom 17', startTime: at(1200), endTime: at(1700) }],
  [
    'trace-create',
    { id: 't2', name: 'chat', userId: 'bob', sessionId: 's1', tags: ['b'], timestamp: at(10_000) },
  ],
  [
    'generation-create',
    {
      ...{ id: 'ask2', traceId: 't2', name: 'answer', model: 'model-y', level: 'WARNING' },
      ...{ startTime: at(10_000), endTime: at(14_000), statusMessage: 'slow' },
      usageDetails: usage(100, 20),
      costDetails: { total: 2 },
      input: 'Needle in 100% of_it',
      output: null,
    },
  ],
  ['trace-create', { id: 't3', name: 'batch', userId: 'ada', sessionId: 's2', timestamp: at(20_000) }],
  [
    'span-create',
    {
      id: 'step',
      traceId: 't3',
      startTime: at(20_000),
      input: 'the input of the root',
      output: 'its output',
    },
  ],
  ['trace-create', { id: 't4', timestamp: at(30_000) }],
  ['score-create', { id: 'sc1', traceId: 't1', name: 'reward', value: 0.5, environment: 'prod' }],
  [
    'score-create',
    { id: 'sc2', traceId: 't1', observationId: 'ask', name: 'good', value: 1, dataType: 'BOOLEAN' },
  ],
  ['score-create', { id: 'sc3', traceId: 't2', name: 'tone', value: 'kind', comment: 'by hand' }],
  ['score-create', { id: 'sc4', traceId: 't2', name: 'reward', value: 1.5 }],
  ['score-create', { id: 'sc5', sessionId: 's1', name: 'overall', value: 0.25 }],
  ['score-create', { id: 'sc6', traceId: 't1', name: 'better', value: 'A ditch.', dataType: 'CORRECTION' }],
];

/** Writes them all, and waits until the store has nothing left to do. Scores are one second apart. */
export async function fill(store: Store): Promise<void> {
  const changes = changesOf(
    ...EVENTS.map(([type, body], index) => ingestionEvent(type, body, baseMs + index)),
  );
  // As a span says it: classic events name no root.
  for (const trace of changes.traces)
    if (trace.id === 't3') setField(trace, 'rootId', 'step', baseMs + 20_000);
  for (const [index, score] of changes.scores.entries()) score.timestampUs = us(1000 * index);
  await store.write(changes);
  await store.estimated();
  await store.searchable();
}

/** The list as the page asks for it first, with a filter. */
export const listQuery = (filter: Partial<PageFilter>, limit = 100): ListQuery => ({
  ...{ filter: pageFilter(filter), order: { by: 'start', isDescending: true }, cursor: null, limit },
});
