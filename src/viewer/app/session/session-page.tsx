/** One session as one chat: its traces in order, each with what the ones before have not shown. */

import { useEffect, useState } from 'preact/hooks';
import type { Payloads } from '../../data/details.js';
import type { TraceList, TraceRow } from '../../data/list.js';
import type { SessionDetail } from '../../data/summary.js';
import { segmentOf } from '../../path-segments.js';
import { ChatView } from '../details/chat-view.js';
import { Errors, Scores, Time } from '../list/columns.js';
import { getJson, isAbort } from '../server/api.js';
import { CoverageNotice } from '../summary/summary-page.js';
import { useAnswer } from '../summary/summary-state.js';
import { Fact } from '../trace/trace-page.js';
import { Copy } from '../ui/copy.js';
import { Dollars, howOfSum, Tokens } from '../ui/estimate.js';
import { count, duration, plural } from '../ui/format.js';
import { HelpButton } from '../ui/help.js';
import { Icon } from '../ui/icons.js';
import { useKeys } from '../ui/keys.js';
import { Link } from '../ui/link.js';
import { Problem } from '../ui/problem.js';
import { go, traceAddress } from '../ui/router.js';
import { createPayloadCache, type PayloadCache } from './payload-cache.js';
import { conversationTurns, type Turn, type TurnPayloads } from './turns.js';

/** Turns that are read at a time: each sends its whole input. */
const TURNS_AT_ONCE = 30;

interface ShownTurn extends Turn {
  trace: TraceRow;
  isCut: boolean;
}

export function SessionPage({ id }: { id: string }) {
  const answer = useAnswer<SessionDetail>(`session/${segmentOf(id)}`, '');
  const { data, problem, again } = answer;
  const [wanted, setWanted] = useState(TURNS_AT_ONCE);
  const turns = useTurns(id, wanted, data);
  useEffect(() => {
    document.title = `Session ${id} · tailrace`;
  }, [id]);
  useTurnKeys(turns.shown);
  if (data === null) {
    return (
      <main class="not-found">
        {problem === null ? <p class="muted">Loading…</p> : <Problem text={problem} again={again} />}
        <Link to="/sessions">All sessions</Link>
      </main>
    );
  }
  const left = data.session.traces - turns.shown.length;
  return (
    <main class="session-page">
      <Head detail={data} />
      <CoverageNotice coverage={data.coverage} />
      <Problem text={problem ?? turns.problem} again={again} />
      <ol class="turns">
        {turns.shown.map((turn, at) => (
          <TurnView key={turn.trace.id} turn={turn} number={at + 1} />
        ))}
      </ol>
      {turns.isReading && <p class="muted">Loading…</p>}
      {!turns.isReading && left > 0 && (
        <button type="button" class="button" onClick={() => setWanted(wanted + TURNS_AT_ONCE)}>
          Show {count(Math.min(left, TURNS_AT_ONCE))} of {plural(left, 'later trace')}
        </button>
      )}
    </main>
  );
}

/** Reads the first turns. Payloads of traces that have not changed are kept. */
function useTurns(
  id: string,
  wanted: number,
  /** Another object each time the session was read. */
  version: object | null,
): { shown: ShownTurn[]; isReading: boolean; problem: string | null } {
  const [state, setState] = useState<{ shown: ShownTurn[]; isReading: boolean; problem: string | null }>({
    shown: [],
    isReading: true,
    problem: null,
  });
  const [cache] = useState(() =>
    createPayloadCache((trace) => getJson<Payloads>(`trace/${segmentOf(trace)}/payloads`)),
  );
  useEffect(() => {
    if (version === null) return;
    const controller = new AbortController();
    setState((before) => ({ ...before, isReading: true }));
    readTurns(id, wanted, cache, controller.signal).then(
      (shown) => setState({ shown, isReading: false, problem: null }),
      (error: Error) => {
        if (!isAbort(error)) setState((before) => ({ ...before, isReading: false, problem: error.message }));
      },
    );
    return () => controller.abort();
  }, [id, wanted, version]);
  return state;
}

const PAGE_ROWS = 200;

async function readTurns(
  session: string,
  wanted: number,
  cache: PayloadCache,
  signal: AbortSignal,
): Promise<ShownTurn[]> {
  const traces: TraceRow[] = [];
  let cursor: string | null = null;
  do {
    const parameters = new URLSearchParams({ session, sort: 'start', limit: String(PAGE_ROWS) });
    if (cursor !== null) parameters.set('cursor', cursor);
    const list: TraceList = await getJson('traces', parameters.toString(), signal);
    traces.push(...list.traces);
    cursor = list.next;
  } while (cursor !== null && traces.length < wanted);
  const payloads: Payloads[] = [];
  // One after the other: the browser has few connections.
  for (const trace of traces.slice(0, wanted)) {
    signal.throwIfAborted();
    payloads.push(await cache.read(trace));
  }
  const texts = payloads.map(
    ({ input, output }): TurnPayloads => ({ input: input?.text ?? null, output: output?.text ?? null }),
  );
  return conversationTurns(texts).map((turn, at) => ({
    ...turn,
    trace: traces[at] as TraceRow,
    isCut: [payloads[at]?.input, payloads[at]?.output].some(
      (payload) => payload != null && payload.text.length < payload.length,
    ),
  }));
}

/** `j` and `k` go from turn to turn: the link of a turn gets the focus, so Enter opens its trace. */
function useTurnKeys(turns: readonly ShownTurn[]): void {
  const move = (by: number) => {
    const links = [...document.querySelectorAll<HTMLElement>('.turn-link')];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const next = links[Math.max(0, Math.min(turns.length - 1, at + by))];
    next?.focus();
    next?.closest('li')?.scrollIntoView({ block: 'start' });
  };
  useKeys({ j: () => move(1), k: () => move(-1), Escape: () => go('/sessions') });
}

function Head({ detail: { session, scores } }: { detail: SessionDetail }) {
  return (
    <div class="trace-head">
      <div class="trace-title">
        <Link to="/sessions" class="button" title="All sessions (Escape)">
          <Icon name="back" /> Sessions
        </Link>
        <h1>{session.id}</h1>
        <Copy text={session.id} label="Copy the session's id" />
        <Link to={`/?${new URLSearchParams({ session: session.id })}`}>Its traces as a list</Link>
        <HelpButton />
      </div>
      <dl class="facts">
        <Fact term="Traces">{count(session.traces)}</Fact>
        <Fact term="Start">
          <Time micros={session.startUs} />
        </Fact>
        <Fact term="Duration">{duration(session.durationUs)}</Fact>
        <Fact term="Tokens">
          <Tokens value={session.tokens} how={howOfSum(session.hasEstimatedTokens)} />
        </Fact>
        <Fact term="Cost">
          <Dollars value={session.cost} how={howOfSum(session.hasEstimatedCost)} />
        </Fact>
        <Fact term="Failed traces">
          <Errors count={session.errors} />
        </Fact>
        {session.users.map((user) => (
          <Fact key={user} term="User">
            <Link to={`/?${new URLSearchParams({ user })}`}>{user}</Link>
          </Fact>
        ))}
        {session.userCount > session.users.length && (
          <Fact term="Other users">
            <Link to={`/users?${new URLSearchParams({ session: session.id })}`}>
              {count(session.userCount - session.users.length)} more
            </Link>
          </Fact>
        )}
        {session.scores.length > 0 && (
          <Fact term="Scores of its traces">
            <Scores scores={session.scores} />
          </Fact>
        )}
        {scores.map(({ id, name, value, comment }) => (
          <Fact key={id} term={name}>
            <b title={comment ?? undefined}>{value}</b>
          </Fact>
        ))}
      </dl>
    </div>
  );
}

function TurnView({ turn, number }: { turn: ShownTurn; number: number }) {
  const { trace, input, output, repeated, isCut } = turn;
  return (
    <li class={`turn ${trace.errorCount > 0 ? 'failed' : ''}`}>
      <div class="turn-head">
        <span class="muted">{number}</span>
        <Link to={traceAddress(trace.id)} class="turn-link trace-link">
          {trace.name || 'unnamed trace'}
        </Link>
        <Time micros={trace.startUs} />
        <span>{duration(trace.durationUs)}</span>
        {trace.totalTokens !== null && (
          <span>
            <Tokens value={trace.totalTokens} how={howOfSum(trace.hasEstimatedTokens)} /> tok
          </span>
        )}
        {trace.errorCount > 0 && (
          <span class="bad">
            <Icon name="error" /> {plural(trace.errorCount, 'error')}
          </span>
        )}
        {trace.scores.length > 0 && <Scores scores={trace.scores} />}
      </div>
      {repeated > 0 && <p class="note">{plural(repeated, 'message')} of earlier turns not repeated.</p>}
      {input.length + output.length === 0 && repeated === 0 && (
        <p class="muted">It has no input or output.</p>
      )}
      <ChatView messages={[...input, ...output]} isRaw={false} />
      {isCut && <p class="note">Its texts are longer than what is read here. The trace has all of them.</p>}
    </li>
  );
}
