/** Options of a destination that the place chosen for its spans has no use for: each is named, so that nobody relies on it. */
import { PASSED_ON_OPTIONS } from '../shared/options.js';
import { PLACE_OPTIONS, type SpanDestinationOptions } from './processor-options.js';

export type Kind = 'exporter' | 'otlp' | 'langfuse';

type Name = keyof SpanDestinationOptions;
type Given = Readonly<Record<string, unknown>>;

/** What would have chosen another place. */
const OF_OTHERS: Record<Kind, readonly Name[]> = {
  exporter: PLACE_OPTIONS.filter((name) => name !== 'exporter'),
  otlp: ['publicKey', 'secretKey', 'baseUrl'],
  langfuse: [],
};

/** An exporter of the application's own has a queue, which ends with the process; all else is the worker's. */
const OF_QUEUE: readonly string[] = ['flushTimeoutMs', 'ringBytes', 'flushAtExit', 'exitTimeoutMs'];
const OF_WORKER = Object.keys(PASSED_ON_OPTIONS).filter((name) => !OF_QUEUE.includes(name)) as Name[];

const UNUSED: Record<Kind, { readonly names: readonly Name[]; readonly why: string }> = {
  exporter: {
    names: ['mediaUploadEnabled', 'allowedUploadHosts', 'maxEventBytes', 'timeout', ...OF_WORKER],
    why: 'an exporter of your own gets spans as they are, and does the rest itself; ignored',
  },
  otlp: {
    names: ['environment', 'release', 'mediaUploadEnabled', 'allowedUploadHosts', 'maxEventBytes'],
    why: 'for a Langfuse server, and ignored for an OTLP endpoint',
  },
  langfuse: { names: [], why: '' },
};

/** `own`: what is said of this destination, and not of all: that may be for another one. */
export function tellIgnored(kind: Kind, given: Given, own: Given, problems: string[]): void {
  const others = OF_OTHERS[kind].filter((name) => given[name] !== undefined);
  if (others.length > 0) {
    const by = kind === 'exporter' ? 'exporter' : 'endpoint or protocol';
    problems.push(
      `option ${by} chooses where spans go: ${others.join(', ')} ignored; for several places use destinations`,
    );
  }
  const { names, why } = UNUSED[kind];
  // What is switched off is off there.
  const unused = names.filter((name) => own[name] !== undefined && own[name] !== false);
  if (unused.length > 0) problems.push(`${unused.join(', ')}: ${why}`);
}
