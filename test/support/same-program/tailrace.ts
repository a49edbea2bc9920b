/** The program as users of tailrace write it who come from langfuse 3. */
import { type Observation, Tailrace, type TailraceOptions, type Trace } from 'tailrace';
import type { ProgramClient, StartClient } from './steps.js';

export const startTailrace =
  (protocol: TailraceOptions['protocol'] & string): StartClient =>
  (baseUrl, options) => {
    const tailrace = new Tailrace({ ...options, baseUrl, protocol });
    const traces = new Map<string, Trace>();
    const observations = new Map<string, Observation>();
    const observation = (key: string) => observations.get(key) as Observation;
    const trace = (key: string) => traces.get(key) as Trace;

    const client: ProgramClient = {
      trace(key, body) {
        traces.set(key, tailrace.trace(body));
        return undefined;
      },
      updateTrace(key, body) {
        trace(key).update(body);
        return undefined;
      },
      start(key, type, inside, body) {
        const parent = inside === null ? tailrace : (traces.get(inside) ?? observation(inside));
        observations.set(key, parent[type](body));
        return undefined;
      },
      update(key, body) {
        observation(key).update(body);
        return undefined;
      },
      end(key, body) {
        observation(key).end(body);
        return undefined;
      },
      finish: () => undefined,
      score(of, body) {
        if ('session' in of) tailrace.score({ ...body, sessionId: of.session });
        else if ('trace' in of) trace(of.trace).score(body);
        else observation(of.observation).score(body);
        return undefined;
      },
      flush: () => tailrace.flush(),
      shutdown: () => tailrace.shutdown(),
      ids: () => ({
        traces: new Map([
          ...[...observations].map(([key, { traceId }]) => [`trace of ${key}`, traceId] as const),
          ...[...traces].map(([key, { id }]) => [key, id] as const),
        ]),
        observations: new Map([...observations].map(([key, { id }]) => [key, id])),
      }),
    };
    // Spans that the program leaves open are warned of.
    tailrace.on('warning', () => {});
    return client;
  };
