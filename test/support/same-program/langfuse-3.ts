/** The program as users of langfuse 3 write it. */
import { Langfuse } from 'langfuse';
import type { ProgramClient, StartClient } from './steps.js';

/** Bodies are those of tailrace, whose types are wider. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Any = any;

const OWN_TYPES = new Set(['span', 'generation', 'event']);

export const startLangfuse3: StartClient = (baseUrl, options) => {
  const langfuse = new Langfuse({ ...options, baseUrl, fetchRetryDelay: 1 });
  const traces = new Map<string, Any>();
  const observations = new Map<string, Any>();

  const client: ProgramClient = {
    trace(key, body) {
      traces.set(key, langfuse.trace(body as Any));
      return undefined;
    },
    updateTrace(key, body) {
      traces.get(key).update(body);
      return undefined;
    },
    start(key, type, inside, body) {
      const parent = inside === null ? langfuse : (traces.get(inside) ?? observations.get(inside));
      const nearest = type === 'embedding' ? 'generation' : OWN_TYPES.has(type) ? type : 'span';
      observations.set(key, parent[nearest](body));
      return nearest === type ? undefined : `observations of type ${type}`;
    },
    update(key, body) {
      const observation = observations.get(key);
      if (observation.update === undefined) return 'update an event';
      observation.update(body);
      return undefined;
    },
    end(key, body) {
      const observation = observations.get(key);
      // Its end() has the clock's time, whatever it is given.
      if (body.endTime === undefined) observation.end(body);
      else observation.update(body);
      return undefined;
    },
    finish: () => undefined,
    score(of, body) {
      if ('session' in of) langfuse.score({ ...body, sessionId: of.session } as Any);
      else if ('trace' in of) traces.get(of.trace).score(body);
      else observations.get(of.observation).score(body);
      return undefined;
    },
    flush: () => langfuse.flushAsync(),
    shutdown: () => langfuse.shutdownAsync(),
    ids: () => ({
      traces: new Map([
        ...[...observations].map(([key, { traceId }]) => [`trace of ${key}`, traceId] as const),
        ...[...traces].map(([key, { id }]) => [key, id] as const),
      ]),
      observations: new Map([...observations].map(([key, { id }]) => [key, id])),
    }),
  };
  return client;
};
