/** Random programs that make traces and say things of them, as calls that can be run and read. */
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { Observation, Tailrace, Trace } from 'tailrace';

/** What a program may say of a trace. */
export interface Said {
  name?: string;
  userId?: string;
  sessionId?: string;
  version?: string;
  release?: string;
  public?: boolean;
  tags?: string[];
  metadata?: Record<string, string | number | boolean>;
}

/** A trace of a program, and what was said of it. */
export interface SpokenTrace {
  /** In the program's text. */
  readonly name: string;
  /** The last word for each field, and for each member of the metadata. */
  readonly last: Said;
  readonly everTagged: Set<string>;
  everPublic: boolean;
}

interface Running {
  readonly client: Tailrace;
  readonly handles: Map<string, Observation | Trace>;
}

interface Call {
  readonly text: string;
  run(running: Running): unknown;
}

export interface Program {
  /** Of its client. */
  readonly flushAt: number;
  readonly calls: readonly Call[];
  readonly traces: readonly SpokenTrace[];
}

/** Numbers choose among what the program has made so far. */
type Step =
  | { readonly do: 'trace' | 'root'; readonly said: Said }
  | { readonly do: 'update' | 'updateFromInside' | 'endTrace'; readonly of: number; readonly said: Said }
  | { readonly do: 'start' | 'end'; readonly of: number }
  | { readonly do: 'flush' | 'flushAndGoOn' | 'breathe' };

const oneOf = (prefix: string) => fc.constantFrom(`${prefix}1`, `${prefix}2`, `${prefix}3`);

const said: fc.Arbitrary<Said> = fc.record(
  {
    name: oneOf('name'),
    userId: oneOf('user'),
    sessionId: oneOf('session'),
    version: oneOf('version'),
    release: oneOf('release'),
    public: fc.boolean(),
    tags: fc.uniqueArray(oneOf('tag'), { minLength: 1, maxLength: 2 }),
    metadata: fc.dictionary(oneOf('key'), fc.constantFrom('text', 1, false), { minKeys: 1, maxKeys: 2 }),
  },
  { requiredKeys: [] },
);

const of = fc.nat(30);
const does = <Name extends string>(...names: Name[]) => fc.constantFrom(...names);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: does('trace', 'root'), said }) },
  { weight: 4, arbitrary: fc.record({ do: does('update', 'updateFromInside'), of, said }) },
  { weight: 1, arbitrary: fc.record({ do: does('endTrace'), of, said }) },
  { weight: 6, arbitrary: fc.record({ do: does('start', 'end'), of }) },
  { weight: 1, arbitrary: fc.record({ do: does('flush', 'flushAndGoOn', 'breathe') }) },
);

export const program: fc.Arbitrary<Program> = fc
  .tuple(fc.constantFrom(512, 4, 1), fc.array(step, { minLength: 2, maxLength: 30 }))
  .map(([flushAt, steps]) => compile(flushAt, steps));

/** Runs it. Nothing waits between two calls but a flush that the program waits for, or a turn of the event loop. */
export async function run({ calls, traces }: Program, client: Tailrace): Promise<Map<SpokenTrace, string>> {
  const running: Running = { client, handles: new Map() };
  for (const call of calls) {
    const result = call.run(running);
    if (result instanceof Promise) await result;
  }
  return new Map(traces.map((trace) => [trace, traceIn(running, trace.name).id]));
}

function compile(flushAt: number, steps: readonly Step[]): Program {
  const calls: Call[] = [];
  const traces: SpokenTrace[] = [];
  /** Of all handles that something can be started under, and of all observations that are open. */
  const parents: { name: string; trace: SpokenTrace }[] = [];
  const open: string[] = [];
  const add = (text: string, run: Call['run']): void => void calls.push({ text, run });

  const make = (words: Said, hasRecord: boolean): void => {
    const number = traces.length + 1;
    const trace = { name: `trace${number}`, last: {}, everTagged: new Set<string>(), everPublic: false };
    traces.push(trace);
    if (hasRecord) {
      parents.push({ name: trace.name, trace });
      say(trace, words);
      add(`${trace.name} = client.trace(${show(words)})`, ({ client, handles }) => {
        handles.set(trace.name, client.trace(words));
      });
      return;
    }
    const root = `root${number}`;
    parents.push({ name: root, trace });
    open.push(root);
    add(`${root} = client.span(); ${trace.name} = ${root}.trace`, ({ client, handles }) => {
      const span = client.span({ name: root });
      handles.set(root, span).set(trace.name, span.trace);
    });
  };

  const start = (at: number): void => {
    const parent = pick(parents, at);
    if (parent === undefined) return;
    const name = `span${parents.length}`;
    add(`${name} = ${parent.name}.span()`, ({ handles }) => {
      handles.set(name, (handles.get(parent.name) as Trace).span({ name }));
    });
    parents.push({ name, trace: parent.trace });
    open.push(name);
  };

  const end = (at: number): void => {
    const name = pick(open, at);
    if (name === undefined) return;
    open.splice(open.indexOf(name), 1);
    add(`${name}.end()`, ({ handles }) => void handles.get(name)?.end());
  };

  const update = (at: number, words: Said, method: 'update' | 'end'): void => {
    const trace = pick(traces, at);
    if (trace === undefined) return;
    say(trace, words);
    add(
      `${trace.name}.${method}(${show(words)})`,
      (running) => void traceIn(running, trace.name)[method](words),
    );
  };

  const updateFromInside = (at: number, words: Said): void => {
    const inside = pick(
      parents.filter(({ name, trace }) => name !== trace.name),
      at,
    );
    if (inside === undefined) return;
    say(inside.trace, words);
    add(`${inside.name}.updateTrace(${show(words)})`, ({ handles }) => {
      (handles.get(inside.name) as Observation).updateTrace(words);
    });
  };

  for (const one of steps) {
    if (one.do === 'trace' || one.do === 'root') make(one.said, one.do === 'trace');
    else if (one.do === 'update') update(one.of, one.said, 'update');
    else if (one.do === 'endTrace') update(one.of, one.said, 'end');
    else if (one.do === 'updateFromInside') updateFromInside(one.of, one.said);
    else if (one.do === 'start') start(one.of);
    else if (one.do === 'end') end(one.of);
    else if (one.do === 'flush') add('await client.flush()', ({ client }) => client.flush());
    else if (one.do === 'flushAndGoOn') add('client.flush()', ({ client }) => void client.flush());
    else add('await setImmediate()', () => setImmediate());
  }
  const lines = [`client = new Tailrace({ flushAt: ${flushAt} })`, ...calls.map(({ text }) => text)];
  const text = lines.map((line, index) => `\n  ${String(index).padStart(2)}  ${line}`).join('');
  return { flushAt, calls, traces, [fc.toStringMethod]: () => text } as Program;
}

function say(trace: SpokenTrace, words: Said): void {
  const metadata = { ...trace.last.metadata, ...words.metadata };
  Object.assign(trace.last, words, { metadata });
  for (const tag of words.tags ?? []) trace.everTagged.add(tag);
  if (words.public) trace.everPublic = true;
}

function pick<Item>(items: readonly Item[], at: number): Item | undefined {
  return items[at % items.length];
}

function traceIn({ handles }: Running, name: string): Trace {
  return handles.get(name) as Trace;
}

function show(words: Said): string {
  return Object.keys(words).length === 0 ? '{}' : JSON.stringify(words).replace(/"(\w+)":/g, '$1: ');
}
