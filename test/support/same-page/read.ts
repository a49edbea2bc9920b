/** What the page shows of all traces, and what @langfuse/client reads: without ids and what is of the clock of the server. */
import { LangfuseClient } from '@langfuse/client';
import type { Receiver } from '../../../src/receiver/receiver.js';
import type { ObservationDetail } from '../../../src/viewer/data/details.js';
import type { TraceList } from '../../../src/viewer/data/list.js';
import type { TraceDetail } from '../../../src/viewer/data/trace.js';
import { KEYS } from './program.js';

/** By name of the trace. */
export type Left = Record<string, { row: object; tree: object; scores: object }>;

export async function readPage({ url }: Receiver): Promise<Left> {
  const list = (await page(url, 'traces')) as TraceList;
  const left: Left = {};
  for (const { id, ...row } of list.traces) {
    const detail = (await page(url, `trace/${id}`)) as TraceDetail;
    const { observations } = detail;
    const details = await Promise.all(
      observations.id.map((one) => page(url, `trace/${id}/observation/${one}`) as Promise<ObservationDetail>),
    );
    const { complaintCount, hasEstimatedTokens, ...shown } = row;
    left[String(row.name)] = {
      row: { ...shown, complaintCount },
      tree: tree(
        observations.id.map((_, index) => ({
          parent: observations.parent[index] as number,
          fields: { ...lightOf(observations, index), ...shownOf(details[index] as ObservationDetail) },
        })),
      ),
      scores: detail.scores.map(({ name, value, dataType, comment }) => ({ name, value, dataType, comment })),
    };
  }
  return left;
}

function lightOf(columns: TraceDetail['observations'], index: number): object {
  const { id, parent, ...fields } = columns;
  return Object.fromEntries(Object.entries(fields).map(([name, values]) => [name, values[index]]));
}

/** Metadata and the span of OpenTelemetry have what the client adds: scopes, resources, SDK versions. */
function shownOf({ metadata, span, estimate, ...fields }: ObservationDetail): object {
  return { ...fields, cost: estimate?.cost ?? null };
}

export async function readByClient({ url }: Receiver): Promise<Left> {
  const langfuse = new LangfuseClient({ ...KEYS, baseUrl: url });
  const left: Left = {};
  for (const { id } of (await langfuse.api.trace.list({ limit: 100 })).data) {
    const { observations, scores, ...trace } = await langfuse.api.trace.get(id);
    const positions = new Map(observations.map((one, index) => [one.id, index]));
    left[String(trace.name)] = {
      row: without(trace, ['id', 'htmlPath', 'metadata', ...WRITTEN]),
      tree: tree(
        observations.map(({ parentObservationId, ...one }) => ({
          parent: parentObservationId === null ? -1 : (positions.get(parentObservationId) ?? -1),
          fields: without(one, ['id', 'traceId', 'metadata', ...WRITTEN]),
        })),
      ),
      scores: scores.map((score) => without(score, ['id', 'traceId', 'metadata', 'timestamp', ...WRITTEN])),
    };
  }
  await langfuse.shutdown();
  return left;
}

const WRITTEN = ['createdAt', 'updatedAt'];

function without(object: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

interface Node {
  parent: number;
  fields: object;
}

/** By place and name; in order of the start, then of the name: what starts at the same time has no order of its own. */
function tree(nodes: readonly Node[], parent = -1): object {
  const siblings = nodes
    .flatMap((node, index) =>
      node.parent === parent ? [{ ...node.fields, children: tree(nodes, index) }] : [],
    )
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return Object.fromEntries(
    siblings.map((one, index) => [`${index + 1} ${(one as { name?: string }).name}`, one]),
  );
}

function keyOf(fields: object): string {
  const { startUs, startTime, name } = fields as { startUs?: number; startTime?: string; name?: string };
  return `${startTime ?? String(startUs).padStart(16, '0')} ${name}`;
}

async function page(url: string, path: string): Promise<unknown> {
  const response = await fetch(`${url}/api/tailrace/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
