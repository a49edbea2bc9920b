/** All that a receiver has stored of the program, by the program's keys. */
import { createHash } from 'node:crypto';
import { PROGRAM_DAY } from './step-makers.js';
import type { Ids, Step } from './steps.js';

type Json = Record<string, unknown>;

const AUTHORIZATION = `Basic ${btoa('pk:sk')}`;
/** When the server was sent it. */
const WRITTEN = new Set(['createdAt', 'updatedAt']);
const TIMES = new Set(['timestamp', 'startTime', 'endTime', 'completionStartTime']);
const MAX_SECONDS = 100;

/** Traces, observations, scores and sessions as the read API has them, whole, but for ids and the clock. */
export async function readStored(
  url: string,
  ids: Ids,
  program: readonly Step[],
): Promise<Record<'traces' | 'scores' | 'sessions', object>> {
  const naming = new Naming(ids, program);
  const traces = await all(url, '/api/public/traces');
  const scores = await all(url, '/api/public/v2/scores');
  const sessions = await all(url, '/api/public/sessions');
  const details = (path: string, list: { id: string }[]) =>
    Promise.all(list.map(({ id }) => get(url, `/api/public/${path}/${id}`)));
  return {
    traces: byKey(naming, await details('traces', traces), (one) => traceObject(naming, one)),
    scores: byKey(naming, scores, (one) => normalised(naming, one)),
    sessions: byKey(naming, await details('sessions', sessions), (one) => ({
      ...normalised(naming, one),
      traces: (one.traces as Json[]).map(({ id }) => naming.keyOf(id)).sort(),
    })),
  };
}

function traceObject(naming: Naming, one: Json): Json {
  const { observations, scores, htmlPath, ...trace } = one;
  return {
    ...normalised(naming, trace),
    htmlPath: String(htmlPath).replace(String(one.id), ':id'),
    observations: byKey(naming, observations as Json[], (each) => normalised(naming, each)),
    scores: (scores as Json[]).map(({ id }) => id).sort(),
  };
}

function byKey(naming: Naming, list: Json[], transform: (one: Json) => Json): Json {
  const entries = list.map((one) => [naming.keyOf(one.id), transform(one)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function normalised(naming: Naming, object: Json): Json {
  const result: Json = {};
  for (const [field, value] of Object.entries(object)) {
    if (WRITTEN.has(field)) continue;
    if (field === 'id') result.id = naming.originOf(String(value));
    else if (/Id$/.test(field) && naming.has(value)) result[field] = naming.keyOf(value);
    else if (TIMES.has(field)) result[field] = timeOf(value);
    else if (field === 'trace' && value !== null) result.trace = normalised(naming, value as Json);
    else result[field] = value;
  }
  const began = result.startTime ?? result.timestamp;
  const isOfClock = began === OF_CLOCK || Number(result.latency) > MAX_SECONDS;
  if (isOfClock && Number.isFinite(result.latency)) result.latency = OF_CLOCK;
  return result;
}

const OF_CLOCK = 'of the clock';

function timeOf(value: unknown): unknown {
  return value === null || String(value).startsWith(PROGRAM_DAY) ? value : OF_CLOCK;
}

/** What the read API's ids are, and what they are to the program. */
class Naming {
  readonly #keys: Map<string, string>;
  readonly #given: Set<string>;
  readonly #hashed: Set<string>;

  constructor(ids: Ids, program: readonly Step[]) {
    this.#keys = new Map([...ids.traces, ...ids.observations].map(([key, id]) => [id, key]));
    for (const [key, id] of ids.traces) {
      // Where a client writes a trace as a span.
      const root = id.slice(0, 16);
      if (!this.#keys.has(root)) this.#keys.set(root, `root of ${key}`);
    }
    this.#given = new Set(program.flatMap(givenId));
    const given = [...this.#given];
    this.#hashed = new Set([...given.map((id) => hashOf(id, 32)), ...given.map((id) => hashOf(id, 16))]);
  }

  has(id: unknown): boolean {
    return this.#keys.has(String(id));
  }

  keyOf(id: unknown): string {
    return this.#keys.get(String(id)) ?? String(id);
  }

  originOf(id: string): string {
    if (this.#given.has(id)) return 'as given';
    if (this.#hashed.has(id)) return 'hash of what was given';
    return this.#keys.has(id) ? 'made by the client' : id;
  }
}

function givenId(step: Step): string[] {
  const has = step.do === 'trace' || step.do === 'start' || step.do === 'score';
  return has && step.body.id ? [step.body.id] : [];
}

function hashOf(id: string, digits: number): string {
  return createHash('sha256').update(id).digest('hex').slice(0, digits);
}

async function all(url: string, path: string): Promise<(Json & { id: string })[]> {
  const data: (Json & { id: string })[] = [];
  for (let page = 1, pages = 1; page <= pages; page++) {
    const answer = await get(url, `${path}?limit=100&page=${page}`);
    data.push(...(answer.data as (Json & { id: string })[]));
    pages = (answer.meta as { totalPages: number }).totalPages;
  }
  return data;
}

async function get(url: string, path: string): Promise<Json> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: AUTHORIZATION } });
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status}: ${await response.text()}`);
  return (await response.json()) as Json;
}
