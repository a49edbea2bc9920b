/** What traces, observations and the client have in common: things happen inside them, and they can be scored. */
import type { ObservationType } from '../records/vocabulary.js';
import type { GenerationBody, ObservationBody, ScoreBody } from './bodies.js';
import type { Observation } from './observation.js';

/** `Place`: further fields that say where an observation belongs, for one that is not inside a handle. */
export abstract class Parent<Place = unknown> {
  /** What a handle is where somebody puts it into an input or prints it: its ids, not what it is linked with. */
  abstract toJSON(): object;

  /** @internal Starts an observation of any type inside this one. */
  abstract start(type: ObservationType, body: (GenerationBody & Place) | undefined): Observation;

  /** Scores this trace or observation: user feedback, a reward, a check's verdict. */
  abstract score(body: ScoreBody): this;

  /** A piece of work. */
  span(body?: ObservationBody & Place): Observation {
    return this.start('span', body);
  }

  /** A call of a model. */
  generation(body?: GenerationBody & Place): Observation {
    return this.start('generation', body);
  }

  /** A point in time: finished, and sent, by this call. */
  event(body?: ObservationBody & Place): Observation {
    return this.start('event', body);
  }

  /** A call of a tool. */
  tool(body?: ObservationBody & Place): Observation {
    return this.start('tool', body);
  }

  /** A retrieval, say from a vector store. */
  retriever(body?: ObservationBody & Place): Observation {
    return this.start('retriever', body);
  }

  /** A run of an agent. */
  agent(body?: ObservationBody & Place): Observation {
    return this.start('agent', body);
  }

  /** A sequence of steps. */
  chain(body?: ObservationBody & Place): Observation {
    return this.start('chain', body);
  }

  /** A call of an embedding model. */
  embedding(body?: GenerationBody & Place): Observation {
    return this.start('embedding', body);
  }

  /** A judgement on an output. */
  evaluator(body?: ObservationBody & Place): Observation {
    return this.start('evaluator', body);
  }

  /** A check that may stop an input or output. */
  guardrail(body?: ObservationBody & Place): Observation {
    return this.start('guardrail', body);
  }
}
