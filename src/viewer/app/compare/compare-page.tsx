/** Compares two traces (`?a=ID&b=ID`), or two groups of traces (`?left=FILTERS&right=FILTERS`). */

import { useEffect, useState } from 'preact/hooks';
import type { TraceList, TraceRow } from '../../data/list.js';
import { Time } from '../list/columns.js';
import { getJson } from '../server/api.js';
import { useReading } from '../summary/summary-state.js';
import { duration } from '../ui/format.js';
import { HelpButton } from '../ui/help.js';
import { Icon } from '../ui/icons.js';
import { Link } from '../ui/link.js';
import { Problem } from '../ui/problem.js';
import { compareAddress, go, listAddress, query, traceAddress } from '../ui/router.js';
import { GroupsPage } from './groups.js';
import { TracePair } from './trace-pair.js';

export function ComparePage() {
  const [a, b] = [query.value.get('a'), query.value.get('b')];
  useEffect(() => {
    document.title = 'Compare · tailrace';
  }, []);
  return (
    <main class="compare-page">
      <div class="list-head">
        <Link to={listAddress()} class="button">
          <Icon name="back" /> Traces
        </Link>
        <h1>{a === null && b === null ? 'Compare groups of traces' : 'Compare two traces'}</h1>
        <HelpButton />
      </div>
      {a === null && b === null ? (
        <GroupsPage />
      ) : a !== null && b !== null ? (
        <TracePair key={`${a}\n${b}`} a={a} b={b} />
      ) : (
        <ChooseOther known={(a ?? b) as string} />
      )}
    </main>
  );
}

/** More are found by their id. */
const MAX_CANDIDATES = 50;

interface Candidates {
  own: TraceRow | undefined;
  others: TraceRow[];
  since: string;
}

async function readCandidates(known: string, signal: AbortSignal): Promise<Candidates> {
  const list = await getJson<TraceList>('traces', new URLSearchParams({ id: known }).toString(), signal);
  const [own] = list.traces;
  const parameters = new URLSearchParams({ limit: String(MAX_CANDIDATES) });
  if (own?.name != null) parameters.set('name', own.name);
  const { traces, since } = await getJson<TraceList>('traces', parameters.toString(), signal);
  return { own, others: traces.filter(({ id }) => id !== known), since };
}

/** Runs of the same name: they are what one compares with. */
function ChooseOther({ known }: { known: string }) {
  const { data, problem, again } = useReading(known, (signal) => readCandidates(known, signal));
  const [id, setId] = useState('');
  if (data === null) {
    return problem === null ? <p class="muted">Loading…</p> : <Problem text={problem} again={again} />;
  }
  if (data.own === undefined) return <p class="notice problem">There is no trace {known}.</p>;
  const compare = (event: SubmitEvent) => {
    event.preventDefault();
    if (id.trim() !== '') go(compareAddress(known, id.trim()));
  };
  return (
    <>
      <p>
        Compare{' '}
        <Link to={traceAddress(known)} class="in-text">
          {data.own.name || known}
        </Link>{' '}
        with
      </p>
      <form class="tools" onSubmit={compare}>
        <input
          type="text"
          aria-label="Id of the other trace"
          placeholder="id of a trace"
          value={id}
          onInput={({ currentTarget }) => setId(currentTarget.value)}
        />
        <button type="submit" class="button">
          Compare
        </button>
      </form>
      {data.others.length === 0 && <p class="muted">No other trace has this name.</p>}
      <ul class="candidates" aria-label="Traces with the same name">
        {data.others.map((trace) => (
          <li key={trace.id}>
            <Link to={compareAddress(known, trace.id)}>{trace.name || 'unnamed trace'}</Link>
            <Time micros={trace.startUs} />
            <span>{duration(trace.durationUs)}</span>
            <span class="candidate-text muted">{trace.input ?? trace.output}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
