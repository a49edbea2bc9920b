/** The same conversations by langfuse 3, @langfuse/otel 5, OpenTelemetry's exporter and tailrace: the page and the API show the same. */
import { beforeAll, describe, expect, it } from 'vitest';
import { startReceiver } from '../../src/receiver/receiver.js';
import { byLangfuse3, byLangfuse5, byOpenTelemetry, byTailrace } from '../support/same-page/clients.js';
import { plannedTraces, type RunClient } from '../support/same-page/program.js';
import { type Left, readByClient, readPage } from '../support/same-page/read.js';
import { type Difference, differencesOf, matcher } from '../support/same-program/differences.js';

const traces = plannedTraces();

interface Outcome {
  page: Left;
  api: Left;
}

async function outcomeOf(run: RunClient): Promise<Outcome> {
  const receiver = await startReceiver({ port: 0 });
  try {
    await run(receiver.url, traces);
    await receiver.usage();
    return { page: await readPage(receiver), api: await readByClient(receiver) };
  } finally {
    await receiver.close();
  }
}

/** Patterns of paths (see matcher), and why the client leaves something else there. */
type Explained = Record<string, string>;

const clients: [name: string, RunClient, Explained][] = [
  [
    'langfuse 3',
    byLangfuse3,
    { '*/*/tree/**/type': 'It has spans, generations and events: a tool is a span.' },
  ],
  ['@langfuse/otel 5', byLangfuse5, {}],
  [
    'OpenTelemetry’s exporter',
    byOpenTelemetry,
    {
      'page/*/row/complaintCount':
        'Its scope is the application’s own: a server then copies the attributes of Langfuse into metadata.',
      '*/*/scores': 'OTLP has no scores.',
      '*/*/row/scores': 'OTLP has no scores.',
    },
  ],
];

/** Payloads would fill the message. */
const shortened = ({ path, theirs, ours }: Difference) =>
  [path, ...[theirs, ours].map((value) => JSON.stringify(value).slice(0, 200))].join(' | ');

let ours: Outcome;
beforeAll(async () => {
  ours = await outcomeOf(byTailrace);
});

describe('tailrace', () => {
  it('leaves all that the program traced', () => {
    expect(Object.keys(ours.page).sort()).toEqual(traces.map(({ name }) => name).sort());
    for (const { name, children } of traces) {
      const [root] = Object.values((ours.api[name] as Left[string]).tree);
      expect(Object.values(root.children)).toMatchObject(
        children.map(({ type, input, level, usageDetails }) => ({
          type: type.toUpperCase(),
          input,
          level: level ?? 'DEFAULT',
          ...(usageDetails && { usageDetails }),
        })),
      );
    }
  });
});

describe.each(clients)('%s', (_name, run, explained) => {
  it('leaves the same page, and the same answers, but for what is explained', async () => {
    const differences = differencesOf(await outcomeOf(run), ours);
    const patterns = Object.keys(explained).map((pattern) => ({ pattern, isOf: matcher(pattern) }));
    const isExplained = ({ path }: Difference) => patterns.some(({ isOf }) => isOf.test(path));
    expect(differences.filter((one) => !isExplained(one)).map(shortened)).toEqual([]);
    const unused = patterns.filter(({ isOf }) => !differences.some(({ path }) => isOf.test(path)));
    expect(unused.map(({ pattern }) => pattern)).toEqual([]);
  });
});
