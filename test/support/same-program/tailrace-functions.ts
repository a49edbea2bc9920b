/** The program as users of tailrace write it who come from `@langfuse/tracing`: by functions, without `trace()`. */
import { type GenerationBody, type Observation, Tailrace, type TraceBody } from 'tailrace';
import type { ProgramClient, StartClient } from './steps.js';

export const startTailraceFunctions: StartClient = (baseUrl, options) => {
  const tailrace = new Tailrace({ ...options, baseUrl });
  const roots = new Map<string, Observation>();
  const observations = new Map<string, Observation>();
  const of = (key: string) => (roots.get(key) ?? observations.get(key)) as Observation;

  const client: ProgramClient = {
    trace(key, body) {
      const { name, userId, sessionId, tags, version, environment, timestamp, input, output } = body;
      const { id, metadata, public: isPublic, release } = body;
      const propagated = { traceName: name, userId, sessionId, tags, version, environment };
      const startTime = timestamp ?? undefined;
      const root = tailrace.propagateAttributes(propagated, () =>
        tailrace.startObservation(
          name ?? key,
          { input, output },
          startTime === undefined ? {} : { startTime },
        ),
      );
      roots.set(key, root.updateTrace(given({ metadata, public: isPublic, release })));
      return id ? 'give a trace its id' : undefined;
    },
    updateTrace(key, { input, output, ...body }) {
      of(key).updateTrace(body);
      if (input !== undefined || output !== undefined) of(key).update({ input, output });
      return undefined;
    },
    start(key, type, inside, { startTime, ...body }) {
      const times = startTime ? { startTime } : {};
      const parent = inside === null ? tailrace : of(inside);
      const observation = parent.startObservation(key, body, { asType: type, ...times });
      observations.set(key, observation);
      return undefined;
    },
    update(key, body) {
      of(key).update(body);
      return undefined;
    },
    end(key, body) {
      of(key).end(body);
      return undefined;
    },
    finish(key, endTime) {
      of(key).end(endTime);
      return undefined;
    },
    score(to, body) {
      if ('session' in to) tailrace.score({ ...body, sessionId: to.session });
      else if ('trace' in to) of(to.trace).trace.score(body);
      else of(to.observation).score(body);
      return undefined;
    },
    flush: () => tailrace.flush(),
    shutdown: () => tailrace.shutdown(),
    ids: () => ({
      traces: new Map([
        ...[...observations].map(([key, { traceId }]) => [`trace of ${key}`, traceId] as const),
        ...[...roots].map(([key, { traceId }]) => [key, traceId] as const),
      ]),
      observations: new Map([
        ...[...observations].map(([key, { id }]) => [key, id] as const),
        ...[...roots].map(([key, { id }]) => [`root of ${key}`, id] as const),
      ]),
    }),
  };
  // Spans that the program leaves open are warned of.
  tailrace.on('warning', () => {});
  return client;
};

function given(body: TraceBody | GenerationBody): TraceBody {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
