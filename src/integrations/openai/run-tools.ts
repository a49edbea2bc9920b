/**
 * Traces `runTools`: an agent, inside it a generation for each round, and under that the tools which its answer asked for. The runner
 * calls the functions of the tools, so it gets tools whose functions are observed.
 */
import type { Observation } from '../../index.js';
import { guarded } from '../common/guard.js';
import { runInside } from '../common/inside.js';
import type { Call } from './call.js';
import { failureFields } from './failure.js';
import { type Fields, readRequest, textOf } from './request.js';
import { begin, type Tracing } from './tracing.js';

/** On the options of each round's request: which run it belongs to. */
export const RUN = Symbol('tailrace.run');

export interface Run {
  readonly tracing: Tracing;
  readonly agent: Observation<'agent'>;
  /** The last round. */
  call: Call | undefined;
}

type Start = (body: unknown, options: unknown) => unknown;
type AnyTool = Fields & { readonly $brand?: unknown };
type ToolFunction = (this: unknown, ...args: unknown[]) => unknown;

export function traceRunTools(tracing: Tracing, body: unknown, options: unknown, start: Start): unknown {
  const { client } = tracing;
  // The package refuses this itself.
  if (!Array.isArray((body as Fields | undefined)?.tools)) return start(body, options);
  const observed = guarded(client, 'openai runTools', () => observeRun(tracing, body as Fields, options));
  if (observed === undefined) return start(body, options);
  const { agent } = observed.run;
  let runner: unknown;
  try {
    runner = runInside(client(), agent, () => start(observed.body, observed.options));
  } catch (error) {
    guarded(client, 'openai runTools', () => agent.end(failureFields(error, tracing.key())));
    throw error;
  }
  guarded(client, 'openai runner', () => endWithRunner(tracing, agent, runner));
  return runner;
}

function observeRun(tracing: Tracing, body: Fields, options: unknown) {
  const name = `${tracing.generationName ?? `${tracing.className}.chat`}.runTools`;
  const given = body.tools as AnyTool[];
  const agent = begin(tracing, 'agent', name, { input: readRequest(body).input });
  const run: Run = { tracing, agent, call: undefined };
  const tools = given.map((tool) => observedTool(run, tool));
  return { run, body: { ...body, tools }, options: { ...(options as object | undefined), [RUN]: run } };
}

interface Runner {
  on(event: string, listener: (value: unknown) => void): unknown;
  readonly messages?: readonly unknown[];
  readonly errored?: unknown;
  readonly aborted?: unknown;
}

/**
 * Only by events that change nothing: a listener for errors would keep an error that nobody handles from being reported.
 */
function endWithRunner(tracing: Tracing, agent: Observation<'agent'>, runner: unknown): void {
  const { on } = runner as Partial<Runner>;
  if (typeof on !== 'function') {
    agent.end();
    return;
  }
  on.call(runner, 'end', () => {
    guarded(tracing.client, 'openai runner end', () => agent.end(endOf(runner as Runner)));
  });
}

function endOf({ messages, errored, aborted }: Runner): object {
  const last = messages?.at(-1) as Fields | undefined;
  const output = last?.role === 'assistant' ? (last.content ?? last) : last;
  if (aborted === true) return { output, level: 'WARNING', statusMessage: 'aborted' };
  return errored === true ? { output, level: 'ERROR', statusMessage: 'the run failed' } : { output };
}

/** Inherits from the given tool, and has another function. The given one may be used elsewhere. */
function observedTool(run: Run, tool: AnyTool): AnyTool {
  const callback = tool.$callback;
  const { function: definition } = tool as { function?: Fields };
  if (typeof callback === 'function') {
    const observed = observedFunction(run, callback as ToolFunction, definition, tool);
    return Object.create(tool, { $callback: { value: observed } });
  }
  const inner = definition?.function;
  if (typeof inner !== 'function') return tool;
  const observed = observedFunction(run, inner as ToolFunction, definition, definition);
  const value = Object.create(definition as object, { function: { value: observed, enumerable: true } });
  return Object.create(tool, { function: { value, enumerable: true } });
}

function observedFunction(
  run: Run,
  inner: ToolFunction,
  definition: Fields | undefined,
  self: unknown,
): ToolFunction {
  const name = textOf(definition?.name) ?? inner.name;
  const observed: ToolFunction = (...args) => {
    const { tracing, agent, call } = run;
    const { client } = tracing;
    const above = call?.observation ?? agent;
    const tool = guarded(client, 'openai tool', () =>
      begin(tracing, 'tool', name, { input: args[0] }, above),
    );
    if (tool === undefined) return inner.apply(self, args);
    const end = (output: unknown): void => {
      guarded(client, 'openai tool', () => tool.end({ output }));
    };
    const fail = (error: unknown): void => {
      guarded(client, 'openai tool', () => tool.end(failureFields(error, tracing.key())));
    };
    let result: unknown;
    try {
      result = runInside(client(), tool, () => inner.apply(self, args));
    } catch (error) {
      fail(error);
      throw error;
    }
    // Beside the runner, which awaits it.
    if (result instanceof Promise) result.then(end, fail);
    else end(result);
    return result;
  };
  // A runner takes it for a tool that has no name of its own.
  Object.defineProperty(observed, 'name', { value: inner.name, configurable: true });
  return observed;
}
