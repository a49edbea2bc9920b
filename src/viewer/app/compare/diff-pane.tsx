/** The difference of inputs and outputs of what is selected. They are read when they are asked for. */

import { useEffect, useState } from 'preact/hooks';
import type { Payloads } from '../../data/details.js';
import { segmentOf } from '../../path-segments.js';
import type { AlignedPair } from '../../trace-alignment.js';
import { DiffView } from '../diff/diff-view.js';
import { getJson, isAbort } from '../server/api.js';
import { Link } from '../ui/link.js';
import { traceAddress } from '../ui/router.js';
import type { Side } from './changes.js';

interface DiffPaneProps {
  sides: [Side, Side];
  /** Null: the traces themselves. */
  pair: AlignedPair | null;
}

type Loaded = [Payloads | null, Payloads | null];

const FIELDS = [
  ['Input', 'input'],
  ['Output', 'output'],
] as const;

export function DiffPane({ sides: [a, b], pair }: DiffPaneProps) {
  const [isOpen, setOpen] = useState(pair !== null);
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isWhole, setWhole] = useState(false);
  const paths = [pathOf(a, pair?.a), pathOf(b, pair?.b)];
  useEffect(() => {
    if (!isOpen) return;
    const controller = new AbortController();
    const read = (path: string | null) =>
      path === null ? null : getJson<Payloads>(path, isWhole ? 'all=true' : '', controller.signal);
    Promise.all(paths.map(read)).then(
      (answers) => setLoaded(answers as Loaded),
      (error: Error) => {
        if (!isAbort(error)) setProblem(error.message);
      },
    );
    return () => controller.abort();
  }, [isOpen, isWhole, ...paths]);
  const isCut = loaded?.some((payloads) =>
    [payloads?.input, payloads?.output].some((one) => one != null && one.text.length < one.length),
  );
  return (
    <section class="diff-pane" aria-label="Difference" tabIndex={0}>
      {!isOpen && (
        <button type="button" class="button" onClick={() => setOpen(true)}>
          Compare inputs and outputs
        </button>
      )}
      {isOpen && (
        <p class="note">
          <del>A</del> <ins>B</ins>{' '}
          {pair !== null && (
            <>
              {pair.a >= 0 && (
                <Link to={traceAddress(a.detail.trace.id, a.idOf(pair.a) ?? undefined)}>open in A</Link>
              )}{' '}
              {pair.b >= 0 && (
                <Link to={traceAddress(b.detail.trace.id, b.idOf(pair.b) ?? undefined)}>open in B</Link>
              )}
            </>
          )}
        </p>
      )}
      {problem !== null && (
        <p class="notice problem" role="alert">
          {problem}
        </p>
      )}
      {isOpen && loaded === null && problem === null && <p class="muted">Loading…</p>}
      {loaded !== null && (
        <>
          {FIELDS.map(([label, field]) => {
            const texts = loaded.map((payloads) => payloads?.[field]?.text);
            if (texts.every((text) => text === undefined)) return null;
            return <DiffView key={field} label={label} before={texts[0] ?? ''} after={texts[1] ?? ''} />;
          })}
          {loaded.every((payloads) => payloads?.input == null && payloads?.output == null) && (
            <p class="muted">There is no input or output to compare.</p>
          )}
          {isCut && !isWhole && (
            <p class="note">
              The beginnings are compared.{' '}
              <button type="button" class="link-button" onClick={() => setWhole(true)}>
                Compare all
              </button>
            </p>
          )}
        </>
      )}
    </section>
  );
}

/** Undefined: of the trace itself; -1: the other trace has it alone. */
function pathOf(side: Side, position: number | undefined): string | null {
  const trace = `trace/${segmentOf(side.detail.trace.id)}`;
  if (position === undefined) return `${trace}/payloads`;
  const id = side.idOf(position);
  return id === null ? null : `${trace}/observation/${segmentOf(id)}`;
}
