/** Whatever a program says last of a trace is what a Langfuse server has of it, in whatever order things happen. */
import fc from 'fast-check';
import { Tailrace } from 'tailrace';
import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../src/shared/langfuse-options.js';
import { ROADS, startCapturedClient } from '../support/captured.js';
import {
  type CapturedRequest,
  type Listing,
  type ServerVersion,
  type StoredTrace,
  serverOf,
  startCapture,
} from '../support/langfuse-server/index.js';
import { type Program, program, run, type SpokenTrace } from '../support/trace-programs.js';

/** More of them: TAILRACE_FUZZ_RUNS=1000 TAILRACE_FUZZ_SEED=$RANDOM npx vitest run last-word */
const RUNS = Number(process.env.TAILRACE_FUZZ_RUNS ?? 25);
const SEED = Number(process.env.TAILRACE_FUZZ_SEED ?? 17);
/** Bounds the search for a smaller program that fails. */
const MAX_MS = RUNS * 500;

/** Of the client: a trace that says no other has them. */
const DEFAULTS = { version: 'version0', release: 'release0' };

interface Ran {
  readonly requests: readonly CapturedRequest[];
  readonly ids: ReadonlyMap<SpokenTrace, string>;
}

async function runProgram(protocol: Protocol, version: ServerVersion, one: Program): Promise<Ran> {
  const capture = await startCapture({ version });
  // One request after the other: Langfuse 4 goes by the order of arrival, which several at once leave to the network.
  const client = new Tailrace({
    ...DEFAULTS,
    publicKey: 'pk',
    secretKey: 'sk',
    baseUrl: capture.url,
    protocol,
    flushAt: one.flushAt,
    maxInFlight: 1,
  });
  // Spans that the program leaves open are warned of.
  client.on('warning', () => {});
  try {
    const ids = await run(one, client);
    expect(await client.shutdown()).toMatchObject({ failed: 0, pending: 0 });
    return { requests: capture.requests, ids };
  } finally {
    await client.shutdown();
    await capture.close();
  }
}

/** Each field of which the server has something else than the program said last. */
function differences(version: ServerVersion, { requests, ids }: Ran, listing: Listing): string[] {
  const { traces } = serverOf(version, requests, listing);
  return [...ids].flatMap(([spoken, id]) => {
    const stored = traces.get(id);
    if (stored === undefined) return [`${spoken.name} is not stored`];
    return [
      ...wrongFields(spoken, stored),
      ...wrongTags(version, spoken, stored),
      ...wrongPublic(version, spoken, stored),
    ];
  });
}

function wrongFields({ name, last }: SpokenTrace, stored: StoredTrace): string[] {
  const { version = DEFAULTS.version, release = DEFAULTS.release, userId = null, sessionId = null } = last;
  const { metadata = {} } = last;
  // A trace without a name is named after its root.
  const expected = { name: last.name ?? stored.name, userId, sessionId, version, release };
  const fields = Object.entries(expected).map(([key, said]) => [key, said, stored[key as keyof StoredTrace]]);
  const members = Object.entries(metadata).map(([key, said]) => [
    `metadata.${key}`,
    String(said),
    stored.metadata[key],
  ]);
  return [...fields, ...members]
    .filter(([, said, found]) => said !== found)
    .map(
      ([field, said, found]) =>
        `${name}.${field} is ${JSON.stringify(found)}, said last: ${JSON.stringify(said)}`,
    );
}

/** Langfuse 3 unites the tags of all that it is sent, which need not be all that was said. */
function wrongTags(
  version: ServerVersion,
  { name, last, everTagged }: SpokenTrace,
  { tags }: StoredTrace,
): string[] {
  const said = last.tags ?? [];
  const hasLast = said.every((tag) => tags.includes(tag));
  const isRight =
    version === 3
      ? hasLast && tags.every((tag) => everTagged.has(tag))
      : hasLast && tags.length === said.length;
  return isRight ? [] : [`${name}.tags is ${JSON.stringify(tags)}, said last: ${JSON.stringify(said)}`];
}

/** On Langfuse 4 a trace that was once sent as public stays it. */
function wrongPublic(
  version: ServerVersion,
  { name, last, everPublic }: SpokenTrace,
  stored: StoredTrace,
): string[] {
  const said = last.public ?? false;
  if (stored.public === said || (version === 4 && everPublic && stored.public)) return [];
  return [`${name}.public is ${stored.public}, said last: ${said}`];
}

describe.each(ROADS)('over %s, to Langfuse %i', (protocol, version) => {
  /** Files of one trace are listed by names that are random: where two events have one time, either may win. */
  const listings: Listing[] = version === 3 ? ['arrival', 'reversed'] : ['arrival'];

  it(
    'the server has the last word of a program on each field of each trace',
    async () => {
      await fc.assert(
        fc.asyncProperty(program, async (one) => {
          const ran = await runProgram(protocol, version, one);
          for (const listing of listings) {
            const wrong = differences(version, ran, listing);
            if (wrong.length > 0) throw new Error(`files listed by ${listing}:\n  ${wrong.join('\n  ')}`);
          }
        }),
        { numRuns: RUNS, seed: SEED, interruptAfterTimeLimit: MAX_MS, includeErrorInReport: true },
      );
    },
    60_000 + MAX_MS,
  );

  it('a trace that is continued by its id says more than it said before it ended', async () => {
    const { client, server } = await startCapturedClient(version, { protocol });
    const past = Date.now() - 60_000;
    const again: [string, number | undefined, number | undefined][] = [
      // Within the same millisecond, mostly.
      ...Array.from(
        { length: 50 },
        (_, index) => [`now${index}`, undefined, undefined] as [string, undefined, undefined],
      ),
      ['same time', past, past],
      ['earlier', past, past - 1000],
      ['in the future before', Date.now() + 60_000, undefined],
    ];
    for (const [id, first, then] of again) {
      client.trace({ id, name: 'first', timestamp: first, output: 'first' }).update({ userId: 'u1' }).end();
      client.trace({ id, name: id, timestamp: then, output: id }).end();
    }
    await client.flush();
    const stored = [...server().traces.values()].map(({ name, output }) => `${name} ${output}`);
    expect(stored.toSorted()).toEqual(again.map(([id]) => `${id} ${id}`).toSorted());
  });

  it('a trace says more than an observation had said of it before by its id', async () => {
    const { client, server } = await startCapturedClient(version, { protocol });
    for (let id = 0; id < 50; id++) {
      const span = client.span({ traceId: `id${id}`, name: 'span' }).updateTrace({ name: 'of the span' });
      const trace = client.trace({ id: `id${id}`, name: 'of the trace' });
      span.end();
      trace.end();
    }
    await client.flush();
    expect(new Set([...server().traces.values()].map(({ name }) => name))).toEqual(new Set(['of the trace']));
  });

  it('an observation that was written for want of room says what comes later, and its trace stands', async () => {
    const { client, server } = await startCapturedClient(version, { protocol, maxOpen: 1 });
    const root = client.span({ name: 'root' });
    const trace = client.trace({ name: 'trace', version: 'of the trace' });
    trace.span({ name: 'child', version: 'of the child', startTime: Date.now() + 60_000 });
    client.span({ name: 'last' });
    root.updateTrace({ name: 'named late', userId: 'u1' });
    root.update({ output: 'late' });
    await client.shutdown();
    const { traces, observations } = server();
    expect(traces.get(root.traceId)).toMatchObject({ name: 'named late', userId: 'u1' });
    expect(traces.get(trace.id)).toMatchObject({ version: 'of the trace' });
    expect(observations.get(root.id)).toMatchObject({
      output: 'late',
      level: 'WARNING',
      statusMessage: 'not ended: the client was shut down',
    });
  });

  it('the root that was written for want of room says what is said of its trace', async () => {
    const { client, server } = await startCapturedClient(version, { protocol, maxOpen: 1 });
    const root = client.span({ name: 'root' });
    client.span({ name: 'last' });
    root.updateTrace({ name: 'named late' });
    await client.flush();
    expect(server().traces.get(root.traceId)).toMatchObject({ name: 'named late' });
  });
});
