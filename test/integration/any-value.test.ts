/** Values of every sort go the whole way: what the server has stored must be what JSON would have given. */
import fc from 'fast-check';
import {
  observe,
  propagateAttributes,
  startActiveObservation,
  startObservation,
  Tailrace,
  updateActiveObservation,
} from 'tailrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseIfJson } from '../../src/ingest/json-text.js';
import { type Receiver, startReceiver } from '../../src/receiver/receiver.js';
import { anyValue, asJson, deep, difference, untouchable } from '../support/any-value.js';
import { type StoredObservation, type StoredTrace, storedTrace } from '../support/stored.js';

/** More of them: TAILRACE_FUZZ_RUNS=1000 TAILRACE_FUZZ_SEED=$RANDOM npx vitest run any-value */
const RUNS = Number(process.env.TAILRACE_FUZZ_RUNS ?? 12);
const SEED = Number(process.env.TAILRACE_FUZZ_SEED ?? 17);
const VALUES_PER_RUN = 25;

let receiver: Receiver;
let client: Tailrace;
const messages: string[] = [];

beforeAll(async () => {
  receiver = await startReceiver({ port: 0 });
  client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: receiver.url, ringBytes: 2 ** 28 });
  client.on('error', (message) => messages.push(message));
  client.on('warning', () => {});
});

afterAll(async () => {
  await client.shutdown();
  await receiver.close();
});

/** Hands over each value by `send`, which returns a trace's id, and looks at what has arrived. */
function forAnyValues(
  send: (value: unknown) => string,
  look: (trace: StoredTrace, value: unknown) => void,
): Promise<void> {
  const values = fc.array(anyValue, { minLength: VALUES_PER_RUN, maxLength: VALUES_PER_RUN });
  return fc.assert(
    fc.asyncProperty(values, async (generated) => {
      const all = [...generated.map((one) => one.open()), ...untouchable];
      const ids = all.map(send);
      expect(await client.flush(), messages.join()).toMatchObject({
        failed: 0,
        dropped: { total: 0 },
        pending: 0,
      });
      for (const [index, id] of ids.entries()) look(await storedTrace(receiver.url, id), all[index]);
    }),
    { numRuns: RUNS, seed: SEED },
  );
}

function observationOf({ observations }: StoredTrace, name: string): StoredObservation {
  const found = observations.filter((one) => one.name === name);
  expect(found, name).toHaveLength(1);
  return found[0] as StoredObservation;
}

/** Of an empty text the server makes no payload. */
function expectPayload(stored: unknown, value: unknown): void {
  if (asJson(value) === '') expect(stored).toBeNull();
  else expectValue(stored, value);
}

/** Text is on the wire as it is, and the server reads JSON out of it where it can. */
function expectValue(stored: unknown, value: unknown): void {
  const json = asJson(value) ?? null;
  const expected = typeof json === 'string' ? parseIfJson(json.toWellFormed()) : json;
  expect(difference(stored, expected)).toBeUndefined();
}

function expectMetadata(stored: unknown, value: unknown): void {
  const { of } = (stored ?? {}) as { of?: unknown };
  const json = asJson({ of: value }) as { of?: unknown };
  // A key that is null is left out: it would be stored as the text "null".
  if ((json.of ?? null) !== null) expectValue(of, value);
  else expect(stored).toEqual({});
}

/** The server keeps texts and numbers; of anything else it makes its JSON text. */
function expectParameters(stored: unknown, value: unknown): void {
  const { of } = (stored ?? {}) as { of?: unknown };
  const json = (asJson({ of: value }) as { of?: unknown }).of ?? undefined;
  const isKept = json === undefined || typeof json === 'string' || typeof json === 'number';
  expect(difference(isKept ? of : parseIfJson(String(of)), json)).toBeUndefined();
}

describe('any value', () => {
  it('as input, output, metadata and parameters of traces and observations', async () => {
    await forAnyValues(
      (value) => {
        const trace = client.trace({ name: 'trace', input: value, metadata: { of: value } });
        trace.update({ output: value });
        const parameters = { of: value };
        trace
          .generation({ name: 'kept', input: value, metadata: { of: value }, modelParameters: parameters })
          .update({ metadata: { more: value } })
          .end({ output: value });
        trace.event({ name: 'at once', input: value, output: value, metadata: { of: value } });
        trace.score({ name: 'score', value: 1, metadata: { of: value } });
        return trace.id;
      },
      (trace, value) => {
        expectPayload(trace.input, value);
        expectPayload(trace.output, value);
        expectMetadata(trace.metadata, value);
        for (const name of ['kept', 'at once']) {
          const observation = observationOf(trace, name);
          expectPayload(observation.input, value);
          expectPayload(observation.output, value);
          expectMetadata(observation.metadata, value);
        }
        expectParameters(observationOf(trace, 'kept').modelParameters, value);
        expectScoreMetadata(trace, value);
      },
    );
  });

  it('through the functions of the functional style', async () => {
    await forAnyValues(
      (value) => {
        const identity = observe((given: unknown) => [given], { name: 'observed', asType: 'tool' });
        let id = '';
        propagateAttributes({ metadata: { of: value as string }, traceName: 'functional' }, () => {
          startActiveObservation('active', (active) => {
            id = active.traceId;
            expect(Object.is(identity(value)[0], value)).toBe(true);
            updateActiveObservation({ output: value });
            startObservation('started', { input: value, metadata: { of: value } }, { asType: 'embedding' })
              .update({ output: value })
              .end();
            function* steps(): Generator<unknown> {
              yield [value];
            }
            for (const step of observe(steps)()) expect(Object.is((step as unknown[])[0], value)).toBe(true);
          });
        });
        return id;
      },
      (trace, value) => {
        // What is no text is left out.
        expect(trace.metadata).toEqual(
          typeof value === 'string' && value !== '' && value.length <= 200
            ? { of: parseIfJson(value.toWellFormed()) }
            : {},
        );
        expectPayload(observationOf(trace, 'active').output, value);
        expectPayload(observationOf(trace, 'observed').input, value);
        expectPayload(observationOf(trace, 'observed').output, [value]);
        expectPayload(observationOf(trace, 'started').input, value);
        expectPayload(observationOf(trace, 'started').output, value);
        expectMetadata(observationOf(trace, 'started').metadata, value);
        expectPayload(observationOf(trace, 'steps').output, [[value]]);
      },
    );
  });

  it('in the fields that are no payload leaves the event, and the rest of it, in place', async () => {
    let count = 0;
    await forAnyValues(
      (value) => {
        const id = `of value ${count++}`;
        const any = value as never;
        const common = { name: any, version: any, environment: any };
        const times = { startTime: any, completionStartTime: any };
        const usage = {
          usage: any,
          usageDetails: any,
          costDetails: any,
          prompt: any,
          model: any,
          level: any,
        };
        const trace = client.trace({
          ...common,
          userId: any,
          sessionId: any,
          tags: any,
          release: any,
          public: any,
          timestamp: any,
          id,
          input: 'trace',
        });
        trace
          .generation({ ...common, ...times, ...usage, statusMessage: any, input: 'all' })
          .end({ endTime: any });
        trace.generation({ id: any, input: 'own id', usage: { input: any, promptTokens: any } }).end(any);
        trace
          .span({ input: 'updated' })
          .update(any)
          .update({ prompt: { name: any, version: any } } as never)
          .end();
        startObservation(
          any,
          { input: 'started' },
          { asType: value as 'span', startTime: any, parent: trace },
        ).end(any);
        startObservation('x', any, { parent: trace }).end({ input: 'attributes' });
        startObservation('y', { input: 'options' }, any).end();
        observe((given: unknown) => given, any)(1);
        propagateAttributes(
          { userId: any, sessionId: any, tags: any, version: any, environment: any, traceName: any },
          () => trace.span({ input: 'propagated' }).end(),
        );
        propagateAttributes(any, () => trace.span({ input: 'whole' }).end());
        trace.score({
          id: `score ${id}`,
          name: 's',
          value: 1,
          comment: any,
          configId: any,
          dataType: any,
          environment: any,
          timestamp: any,
        });
        client.span({ traceId: id, parentObservationId: any, input: 'by ids' }).end();
        client.trace(any);
        return trace.id;
      },
      (trace) => {
        expect(trace.input).toBe('trace');
        expect(trace.observations.map(({ input }) => input).sort()).toEqual(
          ['all', 'attributes', 'by ids', 'own id', 'propagated', 'started', 'updated', 'whole'].sort(),
        );
        expect(trace.scores).toHaveLength(1);
      },
    );
  });
});

function expectScoreMetadata({ scores }: StoredTrace, value: unknown): void {
  expect(scores).toHaveLength(1);
  const json = asJson({ of: value }) as { of?: unknown };
  const expected = (json.of ?? null) === null ? {} : json;
  expect(difference(scores[0]?.metadata, expected)).toBeUndefined();
}

it('nesting of any depth is cut where it is too deep', async () => {
  const bottomless = deep(10_000);
  const trace = client.trace({ name: 'deep', input: bottomless, metadata: { of: bottomless } });
  trace.span({ name: 'in it' }).end({ output: bottomless });
  await client.flush();
  const { input, metadata, observations } = await storedTrace(receiver.url, trace.id);
  for (const stored of [input, metadata, observations[0]?.output])
    expect(JSON.stringify(stored)).toContain('[Too deep]');
});
