/** One program for several clients: its steps are data, and each client's adapter makes of them what its users would write. */
import type { GenerationBody, ScoreBody, TraceBody } from 'tailrace';
import type { ObservationType } from '../../../src/records/vocabulary.js';

/** Traces and observations go by their keys; an observation's is its name. */
export type Step =
  | { readonly do: 'trace' | 'updateTrace'; readonly key: string; readonly body: TraceBody }
  | {
      readonly do: 'start';
      readonly key: string;
      readonly type: ObservationType;
      /** The key of a trace or an observation; null: neither is at hand. */
      readonly inside: string | null;
      readonly body: GenerationBody;
    }
  | { readonly do: 'update' | 'end'; readonly key: string; readonly body: GenerationBody }
  /** No more comes of what the trace's root stands for; where a trace has no end this says nothing. */
  | { readonly do: 'finish'; readonly key: string; readonly endTime: Date }
  | { readonly do: 'score'; readonly of: Subject; readonly body: ScoreBody }
  | { readonly do: 'flush' }
  /** The application's own business. */
  | { readonly do: 'work'; readonly run: () => void };

export type Subject =
  | { readonly trace: string }
  | { readonly observation: string }
  | { readonly session: string };

/** What a client cannot do of what a step asks for. The adapter then does the nearest that it can. */
export type Cannot = string | undefined;

/** Ids as the program gives them, or as the client has made them. */
export interface Ids {
  readonly traces: ReadonlyMap<string, string>;
  readonly observations: ReadonlyMap<string, string>;
}

export interface ProgramClient {
  trace(key: string, body: TraceBody): Cannot;
  updateTrace(key: string, body: TraceBody): Cannot;
  start(key: string, type: ObservationType, inside: string | null, body: GenerationBody): Cannot;
  update(key: string, body: GenerationBody): Cannot;
  end(key: string, body: GenerationBody): Cannot;
  finish(key: string, endTime: Date): Cannot;
  score(of: Subject, body: ScoreBody): Cannot;
  flush(): Promise<unknown>;
  shutdown(): Promise<unknown>;
  /** Of all that it has made. */
  ids(): Ids;
}

export type StartClient = (baseUrl: string, options: typeof clientOptions) => ProgramClient;

/** Of every client. */
export const clientOptions = {
  publicKey: 'pk-lf-program',
  secretKey: 'sk-lf-program',
  environment: 'staging',
  release: 'desk-2.1',
};

/** Runs the steps, one after the other; returns what the client cannot do, each once. */
export async function runSteps(client: ProgramClient, steps: readonly Step[]): Promise<Set<string>> {
  const cannot = new Set<string>();
  for (const step of steps) {
    await nextMillisecond();
    const cause = await runStep(client, step);
    if (cause !== undefined) cannot.add(cause);
  }
  await client.shutdown();
  return cannot;
}

async function runStep(client: ProgramClient, step: Step): Promise<Cannot> {
  switch (step.do) {
    case 'trace':
    case 'updateTrace':
      return client[step.do](step.key, step.body);
    case 'start':
      return client.start(step.key, step.type, step.inside, step.body);
    case 'update':
    case 'end':
      return client[step.do](step.key, step.body);
    case 'finish':
      return client.finish(step.key, step.endTime);
    case 'score':
      return client.score(step.of, step.body);
    case 'flush':
      return void (await client.flush());
    case 'work':
      return void step.run();
  }
}

/** Of two events of one millisecond a server keeps the first, so that which of langfuse 3's stand would be left to chance. */
async function nextMillisecond(): Promise<void> {
  const begun = Date.now();
  while (Date.now() === begun) await new Promise(setImmediate);
}
