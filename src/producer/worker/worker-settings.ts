/** The environment, limits and flags that our worker thread takes over from the application's process. It takes no preloads. */

import type { EngineOptions } from '../../shared/contract/engine-options.js';
import { isTypeScript } from '../../shared/untrusted-text/load-fault.js';
import { type Flag, readFlags, readNodeOptions } from './node-flags.js';

/** Options of `new Worker`, and of a pool that makes workers. */
interface WorkerSettings {
  readonly execArgv: string[];
  readonly env: NodeJS.ProcessEnv;
  readonly resourceLimits?: EngineOptions['resourceLimits'];
}

/**
 * Flags that a worker accepts and does not inherit, with the values that they may have. Flags for the whole process
 * (`--use-openssl-ca`, `--tls-cipher-list`, `--openssl-config`, …) apply to a worker as well, but it refuses to start with
 * them. Checked by test/unit/producer/worker/worker-settings.test.ts, on each version of Node.js.
 */
const PASSED_ON: Readonly<Record<string, RegExp | null>> = {
  '--tls-min-v1.0': null,
  '--tls-min-v1.1': null,
  '--tls-min-v1.2': null,
  '--tls-min-v1.3': null,
  '--tls-max-v1.2': null,
  '--tls-max-v1.3': null,
  '--tls-keylog': /./,
  '--dns-result-order': /^(ipv4first|ipv6first|verbatim)$/,
  '--network-family-autoselection': null,
  '--enable-network-family-autoselection': null,
  '--network-family-autoselection-attempt-timeout': /^\d{1,9}$/,
  '--max-http-header-size': /^\d{1,9}$/,
  '--insecure-http-parser': null,
  '--conditions': /./,
  '--preserve-symlinks': null,
  '--preserve-symlinks-main': null,
  '--warnings': null,
  '--deprecation': null,
  '--disable-warning': /./,
  '--enable-source-maps': null,
};

/** Flags that are passed on as a variable: with the flag, a worker of some Node.js versions would not start. */
const BY_VARIABLE: Readonly<Record<string, string>> = {
  '--use-system-ca': 'NODE_USE_SYSTEM_CA',
  '--use-env-proxy': 'NODE_USE_ENV_PROXY',
};

const PRELOADS = new Set(['--require', '--import', '--experimental-loader']);
/** Where Yarn Plug'n'Play has installed the packages, none is found without these. */
const PLUG_AND_PLAY = /(^|[\\/])\.pnp\.(c?js|loader\.mjs)$/;
/** Loaders of TypeScript, by the path or name of a preload. */
const TYPESCRIPT_LOADER =
  /(^|[\\/])(tsx|ts-node|@swc-node|@oxc-node|esbuild-register|@esbuild-kit|sucrase|jiti)([\\/]|$)/;
const TYPESCRIPT_FLAGS = new Set(['--experimental-strip-types', '--experimental-transform-types']);

/** The exporter or its options may name a module in TypeScript, which needs the application's loader. */
export function workerSettings({
  exporter,
  resourceLimits,
}: Pick<EngineOptions, 'exporter' | 'resourceLimits'>): WorkerSettings {
  const { NODE_OPTIONS: nodeOptions = '', ...env } = process.env;
  const wantsTypeScript = namesTypeScript(exporter);
  const fromVariable = readFlags(readNodeOptions(nodeOptions));
  const fromCommand = readFlags(process.execArgv);
  for (const { name, isOff } of [...fromVariable, ...fromCommand]) {
    const variable = BY_VARIABLE[name];
    if (variable !== undefined) env[variable] = isOff ? '0' : '1';
  }
  const passedOn = [
    ...fromVariable.filter((flag) => isPassedOn(flag, wantsTypeScript) && isKnown(flag)),
    ...fromCommand.filter((flag) => isPassedOn(flag, wantsTypeScript)),
  ];
  return {
    // The application's preloads must not run in our worker: one that starts tracing would start a worker, which …
    execArgv: withoutContradiction(passedOn.map(({ text }) => text)),
    env,
    ...(resourceLimits && { resourceLimits }),
  };
}

function isPassedOn({ name, value, isOff }: Flag, wantsTypeScript: boolean): boolean {
  if (PRELOADS.has(name)) {
    return (
      value !== undefined && (PLUG_AND_PLAY.test(value) || (wantsTypeScript && TYPESCRIPT_LOADER.test(value)))
    );
  }
  if (TYPESCRIPT_FLAGS.has(name)) return wantsTypeScript && !isOff;
  const values = PASSED_ON[name];
  if (values === undefined) return false;
  return values === null ? value === undefined : !isOff && value !== undefined && values.test(value);
}

/** NODE_OPTIONS may have been changed since this process started, for another Node.js. */
function isKnown({ name }: Flag): boolean {
  // Other runtimes have no such set.
  return (process.allowedNodeEnvironmentFlags as Set<string> | undefined)?.has(name) === true;
}

/** No process starts with both, but NODE_OPTIONS may have got one of them since. */
function withoutContradiction(flags: string[]): string[] {
  const both = ['--tls-min-v1.3', '--tls-max-v1.2'];
  return both.every((one) => flags.includes(one)) ? flags.filter((one) => !both.includes(one)) : flags;
}

/** Whether the worker will load a module in TypeScript. */
function namesTypeScript({ url, options }: EngineOptions['exporter']): boolean {
  const maskModule = (options as { maskModule?: unknown } | null | undefined)?.maskModule;
  return [url, maskModule].some((one) => typeof one === 'string' && isTypeScript(one));
}
