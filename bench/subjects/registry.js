/**
 * Everything that is measured, by id. A subject says which packages it needs, how to load it (the part that an
 * application pays for by `import`) and, once loaded, how to make a client for a sink:
 *
 *     load() → create({url, options}) → {openTrace(i), record(trace, name, input, output, i), closeTrace(trace),
 *                                        flush(), shutdown(), counts?()}
 *
 * `record` is what an application would write for one finished generation; a trace is opened once per 50 of them.
 */
import { existsSync, readFileSync } from 'node:fs';

const PATHS = {
  nothing: './nothing.js',
  'floor-memcpy': './floor-memcpy.js',
  'floor-encode': './floor-encode.js',
  'floor-json': './floor-json.js',
  'floor-sent': './floor-sent.js',
  'floor-sent-gzip': './floor-sent-gzip.js',
  tailrace: './tailrace.js',
  'tailrace-gzip': './tailrace-gzip.js',
  'tailrace-128m': './tailrace-128m.js',
  'tailrace-otel': './tailrace-otel.js',
  'langfuse-3': './langfuse-3.js',
  'langfuse-5': './langfuse-5.js',
  'otel-protobuf': './otel-protobuf.js',
  'otel-json': './otel-json.js',
  'otel-noop': './otel-noop.js',
  langsmith: './langsmith.js',
  posthog: './posthog.js',
};

export const subjectIds = Object.keys(PATHS);

export async function subjectOf(id) {
  if (PATHS[id] === undefined) {
    throw new RangeError(`a subject must be one of ${subjectIds.join(', ')}, but got: ${id}`);
  }
  const { subject } = await import(PATHS[id]);
  return { id, packages: [], ...subject };
}

/** What is not there: packages of bench/package.json, or parts of tailrace that are not built. */
export function missingOf({ packages, file }) {
  const missing = packages.filter((name) => versionOf(name) === undefined);
  if (file !== undefined && !existsSync(new URL(file, import.meta.url))) missing.push(file);
  return missing;
}

/** As Node would find it from here: the peers' own tree first, then the project's. */
export function versionOf(name) {
  for (const tree of ['../node_modules/', '../../node_modules/']) {
    const manifest = new URL(`${tree}${name}/package.json`, import.meta.url);
    if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).version;
  }
  return undefined;
}
