/** Resolves the options of an engine: fills in every default, and names each value that cannot be used. */
import { resolve } from 'node:path';
import * as types from 'node:util/types';
import type { EngineOptions } from '../shared/contract/engine-options.js';
import { showText } from '../shared/untrusted-text/printable.js';
import { show } from '../shared/untrusted-text/show.js';
import { resolveProxy } from './connection.js';
import type { ExporterSource } from './option-types.js';
import type { EngineInput } from './options/engine.js';
import { readChoice, readFlag, readNumber, readText } from './readers.js';
import { complain, find, type Settings, warnInvalid } from './settings.js';
import type { Form } from './table/row.js';
import { type OptionName, optionsOf } from './table/table.js';

type ResourceLimits = NonNullable<EngineOptions['resourceLimits']>;
type Read = (settings: Settings, name: OptionName) => unknown;

/** Readers of the options of form `other`. */
const OWN_READERS: Partial<Record<OptionName, Read>> = {
  exporter: ({ given }) => resolveExporter(given.exporter),
  proxy: ({ given }) => resolveProxy(given.proxy),
  spoolDir: ({ given, problems }) => resolveSpoolDir(given.spoolDir, problems),
  worker: resolveWorker,
  resourceLimits: ({ given, problems }) => resolveResourceLimits(given.resourceLimits, problems),
  ringBytes: (settings, name) => nextPowerOfTwo(readNumber(settings, name)),
};

const READERS: Partial<Record<Form, Read>> = {
  number: readNumber,
  integer: readNumber,
  flag: readFlag,
  choice: readChoice,
  text: readText,
};

/** An engine reads no environment. `problems`: a warning for each value that is replaced by its default. */
export function resolveEngineOptions(input: EngineInput): { options: EngineOptions; problems: string[] } {
  const problems: string[] = [];
  const given = (input ?? {}) as unknown as Record<string, unknown>;
  const settings: Settings = { entry: 'engine', given, env: {}, problems, faults: [] };
  const options = [...optionsOf('engine')].flatMap(([name, { form, resolvedType }]) => {
    const read = (OWN_READERS[name] ?? READERS[form]) as Read;
    return resolvedType === null ? [] : [[name, read(settings, name)] as const];
  });
  return { options: Object.fromEntries(options) as unknown as EngineOptions, problems };
}

/** The one option without a default: an engine without an exporter is a mistake in the program. */
function resolveExporter(value: unknown): EngineOptions['exporter'] {
  if (!isExporterSource(value)) throw new TypeError(wrongExporter(value));
  return { url: String(value.url), options: value.options };
}

export function isExporterSource(value: unknown): value is ExporterSource {
  const url = (value as ExporterSource | null | undefined)?.url;
  return typeof url === 'string' || url instanceof URL;
}

/** `names`: of the exporters that are chosen by name. */
export function wrongExporter(value: unknown, names: readonly string[] = []): string {
  const known = [...names.map((name) => `'${name}'`), '{url, options?} with a string or URL'];
  return `option exporter must be ${known.join(' or ')}, but got: ${show(value)}`;
}

/** An absolute path: the working directory may change while the worker runs. Undefined: nothing is spooled. */
function resolveSpoolDir(value: unknown, problems: string[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value.trim() !== '' && !value.includes('\0')) return resolve(value);
  const got = typeof value === 'string' ? showText(value) : typeof value;
  warnInvalid(problems, 'option spoolDir', 'the path of a folder', `got: ${got}`, 'using none');
  return undefined;
}

function resolveWorker(settings: Settings): boolean | string {
  const found = find(settings, 'worker');
  if (found === undefined) return true;
  const { value } = found;
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (!types.isProxy(value) && value instanceof URL) return value.href;
  complain(settings, found, 'true, false or a URL', true);
  return true;
}

const RESOURCE_LIMITS = [
  'maxOldGenerationSizeMb',
  'maxYoungGenerationSizeMb',
] as const satisfies (keyof ResourceLimits)[];

/** Copies these two alone, so that nothing else can stop the structured clone, or the worker. */
function resolveResourceLimits(value: unknown, problems: string[]): ResourceLimits | undefined {
  if (value === undefined || value === null) return undefined;
  const limits = Object(value) as Record<string, unknown>;
  const given = RESOURCE_LIMITS.filter((name) => limits[name] !== undefined);
  const wrong = given.find((name) => !(typeof limits[name] === 'number' && limits[name] > 0));
  if (typeof value === 'object' && given.length > 0 && wrong === undefined) {
    return Object.fromEntries(given.map((name) => [name, limits[name]]));
  }
  const must = `{${RESOURCE_LIMITS.join('?, ')}?} in mebibytes`;
  const got = wrong ? `got: ${wrong}: ${show(limits[wrong])}` : `got: ${show(value)}`;
  warnInvalid(problems, 'option resourceLimits', must, got, "using Node's own");
  return undefined;
}

function nextPowerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}
