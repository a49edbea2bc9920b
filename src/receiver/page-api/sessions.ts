/** `GET /api/tailrace/sessions` and `users`: sums over the traces that pass the filters; `session/ID`: one session. */

import type { ScoreSummary } from '../../viewer/data/list.js';
import type {
  Coverage,
  SessionDetail,
  SessionRow,
  Summary,
  TraceSums,
  UserRow,
} from '../../viewer/data/summary.js';
import { HttpError, type RouteContext } from '../http/requests.js';
import type { ScoreSum, TraceSum } from '../store/contract/summaries.js';
import type { Store } from '../store/contract.js';
import { sendData } from './answers.js';
import { scoreView } from './rows.js';
import { summaryQuery } from './summary-query.js';
import { firstRows, plus } from './summary-rows.js';

const MAX_NAMED_USERS = 5;
const MAX_SESSION_SCORES = 200;

export async function getSessionList(context: RouteContext): Promise<void> {
  const query = context.url.searchParams;
  const since = context.live.since();
  const { sessions, coverage } = await sumSessions(context.store, query);
  const rows = firstRows(
    sessions,
    query,
    {
      ...TRACE_SUM_KEYS,
      start: (row) => row.startUs,
      duration: (row) => row.durationUs,
    },
    '-last',
  );
  const summary: Summary<SessionRow> = { rows, total: sessions.length, coverage, since };
  await sendData(context, summary);
}

export async function getSessionDetail(context: RouteContext, id: string): Promise<void> {
  const { store } = context;
  const since = context.live.since();
  const { sessions, coverage } = await sumSessions(store, new URLSearchParams({ session: id }));
  const [session] = sessions;
  if (session === undefined) throw new HttpError(404, `no stored trace has the session "${id.slice(0, 80)}"`);
  const scores = (await store.scores.ofSession(id, MAX_SESSION_SCORES)).map(scoreView);
  const detail: SessionDetail = { session, scores, coverage, since };
  await sendData(context, detail);
}

export async function getUserList(context: RouteContext): Promise<void> {
  const query = context.url.searchParams;
  const since = context.live.since();
  const users = new Map<string, { row: UserRow; sessions: Set<string> }>();
  const coverage = await context.store.summaries.users(summaryQuery(query), (part) => {
    for (const sum of part) {
      const id = sum.userId as string;
      const known = users.get(id);
      const user = known ?? { row: { ...emptySums(id), sessions: 0 }, sessions: new Set() };
      if (known === undefined) users.set(id, user);
      add(user.row, sum);
      if (sum.sessionId !== null) user.sessions.add(sum.sessionId);
      user.row.sessions = user.sessions.size;
    }
  });
  const all = Array.from(users.values(), ({ row }) => row);
  const rows = firstRows(all, query, { ...TRACE_SUM_KEYS, sessions: (row) => row.sessions }, '-last');
  const summary: Summary<UserRow> = { rows, total: all.length, coverage, since };
  await sendData(context, summary);
}

const TRACE_SUM_KEYS = {
  id: (row: TraceSums) => row.id,
  last: (row: TraceSums) => row.lastUs,
  traces: (row: TraceSums) => row.traces,
  tokens: (row: TraceSums) => row.tokens,
  cost: (row: TraceSums) => row.cost,
  errors: (row: TraceSums) => row.errors,
};

interface SessionSums {
  row: SessionRow;
  endUs: number;
  users: Set<string>;
  environments: Set<string>;
  scores: Map<string, ScoreSum>;
}

async function sumSessions(
  store: Store,
  query: URLSearchParams,
): Promise<{ sessions: SessionRow[]; coverage: Coverage }> {
  const sessions = new Map<string, SessionSums>();
  const coverage = await store.summaries.sessions(summaryQuery(query), ({ sums, scores }) => {
    for (const sum of sums) addToSession(sessions, sum);
    for (const sum of scores) addScores(sessions.get(sum.sessionId)?.scores, sum);
  });
  return { sessions: Array.from(sessions.values(), sessionRow), coverage };
}

function addToSession(sessions: Map<string, SessionSums>, sum: TraceSum): void {
  const id = sum.sessionId as string;
  let session = sessions.get(id);
  if (session === undefined) {
    const row = { ...emptySums(id), users: [], userCount: 0, environments: [], durationUs: 0, scores: [] };
    session = { row, endUs: sum.endUs, users: new Set(), environments: new Set(), scores: new Map() };
    sessions.set(id, session);
  }
  add(session.row, sum);
  session.endUs = Math.max(session.endUs, sum.endUs);
  if (sum.userId !== null) session.users.add(sum.userId);
  session.environments.add(sum.environment);
}

/** Chunks come from the newest on, so the first text is the last one. */
function addScores(scores: Map<string, ScoreSum> | undefined, sum: ScoreSum): void {
  const known = scores?.get(sum.name);
  if (known === undefined) scores?.set(sum.name, { ...sum });
  else {
    known.count += sum.count;
    known.numbers += sum.numbers;
    known.sum += sum.sum;
    known.last ??= sum.last;
  }
}

function sessionRow({ row, endUs, users, environments, scores }: SessionSums): SessionRow {
  const summaries = Array.from(
    scores.values(),
    ({ name, count, numbers, sum, last }): ScoreSummary => ({
      name,
      count,
      mean: numbers === 0 ? null : sum / numbers,
      last,
    }),
  );
  return {
    ...row,
    users: [...users].slice(0, MAX_NAMED_USERS),
    userCount: users.size,
    environments: [...environments].sort(),
    durationUs: endUs - row.startUs,
    scores: summaries.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function emptySums(id: string): TraceSums {
  return {
    id,
    traces: 0,
    errors: 0,
    tokens: null,
    cost: null,
    hasEstimatedTokens: false,
    hasEstimatedCost: false,
    startUs: Number.POSITIVE_INFINITY,
    lastUs: Number.NEGATIVE_INFINITY,
  };
}

function add(row: TraceSums, sum: TraceSum): void {
  row.traces += sum.traces;
  row.errors += sum.errors;
  row.tokens = plus(row.tokens, sum.tokens);
  row.cost = plus(row.cost, sum.cost);
  row.hasEstimatedTokens ||= sum.hasEstimatedTokens;
  row.hasEstimatedCost ||= sum.hasEstimatedCost;
  row.startUs = Math.min(row.startUs, sum.startUs);
  row.lastUs = Math.max(row.lastUs, sum.lastUs);
}
