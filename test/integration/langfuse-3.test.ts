/** A program written for langfuse 3 is run as it is and with its import changed: the server must see the same. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { startReceiver } from '../../src/receiver/receiver.js';
import { startInOrder } from '../support/in-order.js';
import { compile, createProgram, installed, REPOSITORY, run } from '../support/programs.js';
import { type StoredTrace, storedTraces } from '../support/stored.js';

const PROGRAM = readFileSync(new URL('../fixtures/langfuse-3-program.ts', import.meta.url), 'utf8');
const ITS_IMPORT = "import { Langfuse } from 'langfuse';";
const OUR_IMPORT = "import { Tailrace as Langfuse } from 'tailrace';";

/** What may differ, and why. Everything else that the read API tells must be the same. */
const DIFFERENCES = {
  trace: {
    id: 'OTLP has room for 16 bytes only: what the application gives is hashed to them',
    htmlPath: 'holds the id',
    createdAt: 'when the server was sent it',
    updatedAt: 'when the server was sent it',
    timestamp: 'langfuse 3 sends another one with each update',
    latency: 'an event has an end, and end() takes the time of the clock',
    public: 'langfuse 3 takes it back with each update that does not say it',
  },
  observation: {
    id: 'random',
    traceId: 'the id of its trace',
    parentObservationId: 'random; compared as the path of names',
    createdAt: 'when the server was sent it',
    updatedAt: 'when the server was sent it',
    latency: 'end() takes the time of the clock',
  },
  score: {
    id: 'random, where the program says nothing',
    traceId: 'the id of its trace',
    observationId: 'random; compared as the path of names',
    timestamp: 'the clock',
    createdAt: 'when the server was sent it',
    updatedAt: 'when the server was sent it',
  },
};

/** The day that all times have that the program gives; others are the clock's. */
const ITS_DAY = '2026-03-01';

it('a program written for langfuse 3 runs, and leaves the same, with nothing changed but its import', async () => {
  expect(PROGRAM.split(ITS_IMPORT)).toHaveLength(2);
  const theirs = await runAgainstReceiver(PROGRAM, { langfuse: installed('langfuse') });
  const ours = await runAgainstReceiver(PROGRAM.replace(ITS_IMPORT, OUR_IMPORT), { tailrace: REPOSITORY });

  expect(ours.said).toEqual(theirs.said);
  expect(ours.said).toEqual({
    handles: {
      traceIdIsId: true,
      traceHasNoObservation: null,
      jobIsObservation: true,
      jobHasTrace: true,
      sameClient: true,
      url: true,
      chained: true,
    },
    failures: [],
  });
  expect(theirs.traces).toHaveLength(4);
  expect(ours.traces).toEqual(theirs.traces);
});

async function runAgainstReceiver(program: string, packages: Record<string, string>) {
  const receiver = await startReceiver({ port: 0 });
  onTestFinished(() => receiver.close());
  const folder = createProgram({ 'program.ts': program }, packages);
  // Stock langfuse's own declarations lack a package that they import.
  expect(await compile(folder, 'program.ts', { skipLibCheck: 'langfuse' in packages })).toBe('');
  const held = await startInOrder();
  onTestFinished(() => held.close());
  const isStock = 'langfuse' in packages;
  const output = await run(folder, ['out/program.js'], { SERVER_URL: isStock ? held.url : receiver.url });
  if (isStock) await held.passOn(receiver.url);
  // What it estimates comes after what it was sent.
  await receiver.usage();
  const traces = (await storedTraces(receiver.url)).map(comparable);
  return { said: JSON.parse(output), traces: traces.sort(byText) };
}

/** A trace without what may differ, its parts by the names on the way to them. */
function comparable(trace: StoredTrace): object {
  const byId = new Map(trace.observations.map((one) => [one.id, one]));
  const pathTo = (id: string | null): string => {
    const one = id === null ? undefined : byId.get(id);
    return one === undefined ? '' : `${pathTo(one.parentObservationId)}/${one.name}`;
  };
  return {
    ...without(trace, DIFFERENCES.trace),
    ...ownPayload(trace),
    observations: trace.observations
      .map((one) => ({
        path: pathTo(one.id),
        ...without(one, DIFFERENCES.observation),
        modelParameters: asOverOtlp(one.modelParameters),
        startTime: given(one.startTime),
        // Of ours an event ends when it begins.
        endTime: one.type === 'EVENT' ? null : given(one.endTime),
        // Of ours each carries that of its trace: there Langfuse 4 reads it.
        version: one.version === trace.version ? null : one.version,
      }))
      .sort(byText),
    scores: trace.scores
      .map((one) => ({ of: pathTo(one.observationId), ...without(one, DIFFERENCES.score) }))
      .sort(byText),
  };
}

/**
 * Of ours a trace that was not made by trace() has no record of its own: input, output and, over OTLP, metadata of its root stand
 * for it.
 */
function ownPayload({ input, output, metadata, observations }: StoredTrace): object {
  const roots = observations.filter(({ parentObservationId }) => parentObservationId === null);
  const [root] = roots.length === 1 ? roots : [];
  return {
    input: isDeepStrictEqual(input, root?.input) ? null : input,
    output: isDeepStrictEqual(output, root?.output) ? null : output,
    metadata: isDeepStrictEqual(metadata, root?.metadata) ? {} : metadata,
  };
}

/** Over OTLP the server keeps texts and numbers; of anything else it makes its JSON text (`sanitizeModelParams`). */
function asOverOtlp(parameters: unknown): object {
  const members = Object.entries((parameters ?? {}) as object).filter(([, value]) => value !== null);
  return Object.fromEntries(
    members.map(([name, value]) => [
      name,
      ['string', 'number'].includes(typeof value) ? value : JSON.stringify(value),
    ]),
  );
}

function given(time: unknown): unknown {
  return time === null || String(time).startsWith(ITS_DAY) ? time : 'of the clock';
}

function without(object: object, fields: object): object {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !(field in fields)));
}

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
