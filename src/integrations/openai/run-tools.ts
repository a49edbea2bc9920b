/**
 * Traces `runTools`: an agent, inside it a generation for each round, and under that the tools which its answer asked for. The runner
 * calls the functions of the tools, so it gets tools whose functions are observed.
 */
import type { Observation, ObservationBody } from '../../index.js';
import { guarded } from '../common/guard.js';
import type { Call } from './call.js';
import { type Fields, readRequest, textOf } from './request.js';
import type { Tracing } from './tracing.js';

/** On the options of each round's request: which run it belongs to. */
export const RUN = Symbol('tailrace.run');

export interface Run {
  readonly tracing: Tracing;
  /** The last round. */
  call: Call | undefined;
}

type Start = (body: unknown, options: unknown) => unknown;
type AnyTool = Fields & { readonly $brand?: unknown };
type ToolFunction = (this: unknown, ...args: unknown[]) => unknown;

export function traceRunTools(tracing: Tracing, body: unknown, options: unknown, start: Start): unknown {
  const run: Run = { tracing, call: undefined };
  const given = body as Fields;
  const observed = guarded(tracing.client, 'openai runTools', () => ({
    body: { ...given, tools: (given.tools as AnyTool[]).map((tool) => observedTool(run, tool)) },
    options: { ...(options as object | undefined), [RUN]: run },
    input: readRequest(body).input,
  }));
  if (observed === undefined) return start(body, options);
  const name = tracing.generationName ?? `${tracing.className}.chat`;
  const inside = (): unknown =>
    tracing.client().startActiveObservation(
      `${name}.runTools`,
      (agent) => {
        guarded(tracing.client, 'openai runTools', () => agent.update({ input: observed.input }));
        const runner = start(observed.body, observed.options);
        guarded(tracing.client, 'openai runner', () => endWithRunner(tracing, agent, runner));
        return runner;
      },
      { asType: 'agent', endOnExit: false, parent: tracing.parent },
    );
  const { attributes } = tracing;
  return attributes === undefined ? inside() : tracing.client().propagateAttributes(attributes, inside);
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
    const { tracing, call } = run;
    const { client } = tracing;
    const show = (tool: Observation<'tool'>, fields: ObservationBody): void => {
      guarded(client, 'openai tool', () => tool.update(fields));
    };
    return client().startActiveObservation(
      name,
      (tool) => {
        show(tool, { input: args[0] });
        const result = inner.apply(self, args);
        // The runner only awaits it.
        if (result instanceof Promise) {
          return result.then((output: unknown) => {
            show(tool, { output });
            return output;
          });
        }
        show(tool, { output: result });
        return result;
      },
      { asType: 'tool', parent: call?.observation ?? tracing.parent },
    );
  };
  // A runner takes it for a tool that has no name of its own.
  Object.defineProperty(observed, 'name', { value: inner.name, configurable: true });
  return observed;
}
