/** Makes an observation of each run: starts it under its parent, describes the trace by the outermost run, and ends it. */
import type { GenerationBody, Observation, Parent, TailraceClient } from '../../index.js';
import { textOf } from '../../messages/render.js';
import { INTEGRATIONS } from '../../messages/table/integrations.js';
import { whatIsAround } from '../../shared/runtime/library-runs.js';
import { REPORT, type Reporting } from '../../tracing/reporting.js';
import { guarded } from '../common/guard.js';
import { makeRunsFindable } from './current-run.js';
import type { Metadata, SerializedLike, Tags } from './langchain-types.js';
import type { TraceOptions } from './options.js';
import { observationMetadata, promptOf, sessionOf, traceTags, userOf } from './run-metadata.js';
import { MAX_OPEN_RUNS, Run, Runs } from './runs.js';

/** Types as Langfuse's handler has them, but for retrievers, which it shows as spans. */
type RunType = 'span' | 'generation' | 'tool' | 'retriever';

/** What all start hooks tell. */
export interface RunStart {
  readonly type: RunType;
  readonly component: SerializedLike | undefined;
  readonly name: string | undefined;
  readonly runId: string;
  readonly parentRunId: string | undefined;
  readonly tags: Tags;
  readonly metadata: Metadata;
}

/** The tag of runs that LangSmith hides, such as the writes of a graph. */
const HIDDEN = 'langsmith:hidden';
const FORGOTTEN = 'TAILRACE_RUN_FORGOTTEN';

const HOOKS: Readonly<Record<RunType, string>> = {
  span: 'handleChainStart',
  generation: 'handleLLMStart',
  tool: 'handleToolStart',
  retriever: 'handleRetrieverStart',
};

export class RunTracer {
  readonly client: () => TailraceClient;
  readonly #options: TraceOptions;
  readonly #runs = new Runs(() => reportForgotten(this.client()));

  /** Trace of the run without a parent that began last. */
  traceId: string | undefined;
  /** Trace of the run that ended last. */
  lastTraceId: string | null = null;
  /** LangChain's id of the run without a parent that began last. */
  rootRunId: string | undefined;

  constructor(client: () => TailraceClient, options: TraceOptions) {
    this.client = client;
    this.#options = options;
  }

  /** What begins in the code of a run of this handler becomes a child of the run. */
  serve(handler: object): void {
    makeRunsFindable(handler, this.#runs);
  }

  /** @param fill Adds what is special to the type. If it fails, the observation begins with what was added until then. */
  start(given: RunStart, fill: (body: GenerationBody) => void): void {
    const hook = HOOKS[given.type];
    this.guarded(hook, () => {
      // LangChain before 1.1 calls a handler twice that is given twice.
      if (this.#runs.has(given.runId)) return;
      const parent = this.#runs.get(given.parentRunId);
      const body: GenerationBody = { name: 'Langchain Run', version: this.#options.version };
      const isReadable = guarded(this.client, `langchain ${hook}`, () => describe(body, given)) === true;
      const start = isReadable ? given : { ...given, tags: undefined, metadata: undefined };
      this.guarded(hook, () => fill(body));
      this.#linkPrompt(start, body, parent);
      const around = whatIsAround();
      const observation =
        parent === undefined ? this.#startRoot(start, body) : begin(parent.observation, start.type, body);
      const run = new Run(observation, around, parent);
      this.#runs.add(start.runId, run);
      if (parent !== undefined) return;
      this.traceId = run.traceId;
      this.rootRunId = start.runId;
      this.#updateRoot({ name: body.name, input: body.input, metadata: body.metadata });
    });
  }

  /** @param fill Adds what the end of the run tells. If it fails, the observation ends with what was added until then. */
  end(hook: string, runId: string, fill: (body: GenerationBody, run: Run) => void): void {
    const run = this.#runs.take(runId);
    if (run === undefined) return;
    const body: GenerationBody = {};
    this.guarded(hook, () => fill(body, run));
    this.guarded(hook, () => {
      run.observation.end(body);
      this.lastTraceId = run.traceId;
      if (run.isRoot) this.#updateRoot({ output: body.output });
    });
  }

  /** Undefined if the run is not open. */
  get(runId: string): Run | undefined {
    return this.#runs.get(runId);
  }

  guarded(hook: string, work: () => void): void {
    guarded(this.client, `langchain ${hook}`, work);
  }

  /** A prompt is for the next generation beside the run that was made from it; or the generation itself names it. */
  #linkPrompt({ type, metadata }: RunStart, body: GenerationBody, parent: Run | undefined): void {
    const prompt = promptOf(metadata);
    if (type === 'generation') {
      body.prompt = (parent?.prompt ?? prompt) as GenerationBody['prompt'];
      if (parent !== undefined) parent.prompt = undefined;
    } else if (type === 'span' && parent !== undefined && prompt !== undefined) parent.prompt = prompt;
  }

  #startRoot(start: RunStart, body: GenerationBody): Observation {
    const { root, version, userId, sessionId, traceMetadata, tags } = this.#options;
    const client = this.client();
    const isNewTrace = root === undefined && client.getActiveTraceId() === undefined;
    const startIt = () => begin(root ?? client, start.type, body);
    // Under a run that the handler does not follow, the tags are those of a step.
    const runTags = start.parentRunId === undefined ? start.tags : undefined;
    const allTags = root === undefined ? traceTags(runTags, start.metadata, tags) : undefined;
    // Unites them with the tags that the trace has.
    const observation =
      allTags === undefined ? startIt() : client.propagateAttributes({ tags: allTags }, startIt);
    const attributes = {
      userId: userOf(start.metadata) ?? userId,
      sessionId: sessionOf(start.metadata) ?? sessionId,
      metadata: traceMetadata,
      version: isNewTrace ? version : undefined,
      tags: root === undefined ? undefined : tags,
    };
    for (const key in attributes) {
      if (attributes[key as keyof typeof attributes] !== undefined)
        return observation.updateTrace(attributes);
    }
    return observation;
  }

  #updateRoot(body: Pick<GenerationBody, 'name' | 'input' | 'output' | 'metadata'>): void {
    const { root, updateRoot } = this.#options;
    if (root !== undefined && updateRoot === true) root.update(body);
  }
}

/** Returns true once all could be read. */
function describe(body: GenerationBody, { component, name, tags, metadata }: RunStart): true {
  body.name = name ?? component?.id?.at(-1) ?? body.name;
  if (tags?.includes(HIDDEN)) body.level = 'DEBUG';
  body.metadata = observationMetadata(tags, metadata);
  // They are read again: a getter that throws has done so here.
  promptOf(metadata);
  return true;
}

function begin(parent: Parent, type: RunType, body: GenerationBody): Observation {
  return parent[type](body);
}

function reportForgotten(client: TailraceClient): void {
  const text = textOf(INTEGRATIONS[FORGOTTEN], [MAX_OPEN_RUNS]);
  (client as Partial<Reporting>)[REPORT]?.({ code: FORGOTTEN, text }, FORGOTTEN);
}
