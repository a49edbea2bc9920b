/** Names options that the kind of a destination has no use for, so that nobody relies on them. */
import type { Kind } from '../table/row.js';
import { namesNotFor } from '../table/table.js';

type Given = Readonly<Record<string, unknown>>;

const WHY: Partial<Record<Kind, string>> = {
  exporter: 'an exporter of your own gets spans as they are, and does the rest itself; ignored',
  otlp: 'for a Langfuse server, and ignored for an OTLP endpoint',
};

/** `own`: the options of this destination alone. An option of all of them may be meant for another one. */
export function tellIgnored(kind: Kind, given: Given, own: Given, problems: string[]): void {
  const choices = namesNotFor('processor', kind, true).filter((name) => given[name] !== undefined);
  if (choices.length > 0) {
    const by = kind === 'exporter' ? 'exporter' : 'endpoint or protocol';
    problems.push(
      `option ${by} chooses where spans go: ${choices.join(', ')} ignored; for several places use destinations`,
    );
  }
  // An option that is switched off has no effect there anyway.
  const unused = namesNotFor('processor', kind).filter(
    (name) => own[name] !== undefined && own[name] !== false,
  );
  if (unused.length > 0) problems.push(`${unused.join(', ')}: ${WHY[kind]}`);
}
