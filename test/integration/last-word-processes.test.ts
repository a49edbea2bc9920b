/** What another process says of a trace, after the first has sent everything and ended, is what a Langfuse server has of it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { Tailrace } from 'tailrace';
import { describe, expect, it } from 'vitest';
import { ROADS } from '../support/captured.js';
import {
  type ServerVersion,
  type StoredTrace,
  serverOf,
  startCapture,
} from '../support/langfuse-server/index.js';
import { REPOSITORY } from '../support/programs.js';
import { type Program, program, run, type Said, type SpokenTrace } from '../support/trace-programs.js';

const RUNS = Number(process.env.TAILRACE_FUZZ_RUNS ?? 8);
const SEED = Number(process.env.TAILRACE_FUZZ_SEED ?? 17);

/** Without version, release and public flag: src/tracing/from-langfuse.md says what becomes of those. */
type Words = Pick<Said, 'name' | 'userId' | 'sessionId' | 'tags' | 'metadata'>;

interface Later {
  /** Its number among the traces of the first process. */
  readonly of: number;
  readonly by: 'trace' | 'span';
  readonly words: Words;
}

const text = fc.constantFrom('later1', 'later2');
const fields = {
  userId: text,
  sessionId: text,
  tags: fc.uniqueArray(text, { minLength: 1, maxLength: 2 }),
  metadata: fc.dictionary(fc.constantFrom('key1', 'key2'), text, { minKeys: 1, maxKeys: 2 }),
};
const later: fc.Arbitrary<Later> = fc.oneof(
  // Of a trace without a name a server of Langfuse 3 takes the name of its span.
  fc.record({
    of: fc.nat(5),
    by: fc.constant('trace' as const),
    words: fc.record({ name: text, ...fields }, { requiredKeys: ['name'] }),
  }),
  fc.record({
    of: fc.nat(5),
    by: fc.constant('span' as const),
    words: fc.record({ name: text, ...fields }, { requiredKeys: ['userId'] }),
  }),
);

const LATER_PROCESS = `
  const { Tailrace } = await import('tailrace');
  const { options, says } = JSON.parse(process.argv[1]);
  const client = new Tailrace(options);
  for (const { traceId, by, words } of says) {
    if (by === 'trace') client.trace({ id: traceId, ...words });
    else client.span({ traceId, name: 'later' }).updateTrace(words).end();
  }
  await client.shutdown();
`;

async function runBoth(
  protocol: 'otel' | 'ingestion',
  version: ServerVersion,
  first: Program,
  laterCalls: readonly Later[],
) {
  const capture = await startCapture({ version });
  const options = { publicKey: 'pk', secretKey: 'sk', baseUrl: capture.url, protocol, maxInFlight: 1 };
  const client = new Tailrace(options);
  client.on('warning', () => {});
  try {
    const ids = await run(first, client);
    await client.shutdown();
    const traces = [...ids];
    const says = laterCalls.flatMap(({ of, by, words }) => {
      const [spoken, traceId] = traces[of % traces.length] ?? [];
      return spoken === undefined ? [] : [{ spoken, traceId: traceId as string, by, words }];
    });
    const sent = says.map(({ traceId, by, words }) => ({ traceId, by, words }));
    const code = ['--input-type=module', '--eval', LATER_PROCESS, JSON.stringify({ options, says: sent })];
    await promisify(execFile)(process.execPath, code, { cwd: REPOSITORY });
    return { traces, says, server: serverOf(version, capture.requests) };
  } finally {
    await client.shutdown();
    await capture.close();
  }
}

function wrongWords(
  version: ServerVersion,
  { last }: SpokenTrace,
  says: readonly Omit<Later, 'of'>[],
  stored: StoredTrace | undefined,
): string[] {
  if (stored === undefined) return ['it is not stored'];
  const all = [last as Words, ...says.map(({ words }) => words)];
  const lastOf = <K extends keyof Words>(key: K) => all.findLast((words) => words[key] !== undefined)?.[key];
  const expected: [string, unknown, unknown][] = (['name', 'userId', 'sessionId'] as const).flatMap((key) => {
    const said = lastOf(key);
    return said === undefined ? [] : [[key, said, stored[key]] as [string, unknown, unknown]];
  });
  for (const tag of lastOf('tags') ?? []) expected.push([`tag ${tag}`, true, stored.tags.includes(tag)]);
  // On Langfuse 4 a trace's metadata is that of its parentless span which came last, as a whole: from `trace()` on.
  const first = says.findIndex(({ by }) => by === 'trace');
  const speakers = version === 3 ? all : first < 0 ? [] : says.slice(first).map(({ words }) => words);
  const metadata = Object.assign({}, ...speakers.map((words) => words.metadata));
  for (const [key, said] of Object.entries(metadata)) {
    expected.push([`metadata.${key}`, String(said), stored.metadata[key]]);
  }
  return expected
    .filter(([, said, found]) => said !== found)
    .map(
      ([field, said, found]) => `${field} is ${JSON.stringify(found)}, said last: ${JSON.stringify(said)}`,
    );
}

describe.each(ROADS)('over %s, to Langfuse %i', (protocol, version) => {
  it('the server has the last word of two processes, one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(
        program,
        fc.array(later, { minLength: 1, maxLength: 4 }),
        async (first, laterCalls) => {
          const { traces, says, server } = await runBoth(protocol, version, first, laterCalls);
          for (const [spoken, id] of traces) {
            const ofTrace = says.filter((one) => one.spoken === spoken);
            if (ofTrace.length === 0) continue;
            expect(
              wrongWords(version, spoken, ofTrace, server.traces.get(id)),
              JSON.stringify(laterCalls),
            ).toEqual([]);
          }
        },
      ),
      { numRuns: RUNS, seed: SEED, includeErrorInReport: true, interruptAfterTimeLimit: 60_000 },
    );
  }, 120_000);
});
