/** The difference of two payloads by lines, with some unchanged lines around each change. */

import { useMemo, useState } from 'preact/hooks';
import { plural } from '../ui/format.js';
import { type DiffLines, diffLines, readableLines } from './line-diff.js';

/** Unchanged lines before and after a change. */
const CONTEXT_LINES = 3;
/** So many lines stay readable, and the browser responsive. */
const MAX_SHOWN_LINES = 2_000;

interface PayloadDiffProps {
  label: string;
  before: string | null;
  after: string | null;
}

export function PayloadDiff({ label, before, after }: PayloadDiffProps) {
  const parts = useMemo(
    () => (before === after ? null : diffLines(readableLines(before ?? ''), readableLines(after ?? ''))),
    [before, after],
  );
  if (before === null && after === null) return null;
  return (
    <section class="diff" aria-label={`Changes of the ${label.toLowerCase()}`}>
      <h3>{label}</h3>
      {parts === null ? (
        <p class="note">There is no difference.</p>
      ) : (
        <div class="diff-text diff-lines">
          {parts.map((part, at) =>
            part.kind === 'same' ? (
              <SameLines key={at} lines={part.lines} isFirst={at === 0} isLast={at === parts.length - 1} />
            ) : (
              <ChangedLines key={at} part={part} />
            ),
          )}
        </div>
      )}
    </section>
  );
}

function ChangedLines({ part: { kind, lines } }: { part: DiffLines }) {
  const text = lines.slice(0, MAX_SHOWN_LINES).join('\n');
  const hidden = lines.length - MAX_SHOWN_LINES;
  const shown = hidden > 0 ? `${text}\n… ${plural(hidden, 'more line')}` : text;
  return kind === 'added' ? <ins>{shown}</ins> : <del>{shown}</del>;
}

interface SameLinesProps {
  lines: readonly string[];
  isFirst: boolean;
  isLast: boolean;
}

function SameLines({ lines, isFirst, isLast }: SameLinesProps) {
  const [isWhole, setWhole] = useState(false);
  const [head, tail] = [isFirst ? 0 : CONTEXT_LINES, isLast ? 0 : CONTEXT_LINES];
  const hidden = lines.length - head - tail;
  if (isWhole || hidden < 2) return <span>{lines.join('\n')}</span>;
  return (
    <>
      {head > 0 && <span>{lines.slice(0, head).join('\n')}</span>}
      <button type="button" class="link-button" onClick={() => setWhole(true)}>
        {plural(hidden, 'unchanged line')}
      </button>
      {tail > 0 && <span>{lines.slice(-tail).join('\n')}</span>}
    </>
  );
}
