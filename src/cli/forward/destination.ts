/** The target that the options and the environment name. */
import { resolveBaseUrl, resolveKeys } from '../../config/connection.js';
import { readOtlpEndpoint } from '../../config/processor/otlp-endpoint.js';
import type { Settings } from '../../config/settings.js';
import { defaultNumber } from '../../config/table/table.js';
import type { Target } from '../../forward/contract.js';
import { createClickhouse, createLangfuse, createOtlp } from '../../forward/targets/create.js';
import type { OtlpExporterOptions } from '../../shared/contract/otlp-options.js';
import { UsageError } from '../argument-values.js';
import type { Io } from '../io.js';
import type { ForwardOptions } from './arguments.js';

type Warn = (topic: string, text: string) => void;

/** @throws UsageError saying what is missing or wrong. */
export function openTarget(options: ForwardOptions, env: Io['env'], warn: Warn): Target {
  const { to, inFlight, scores } = options;
  if (to === 'langfuse') return openLangfuse(options, env, warn);
  if (to === 'clickhouse') {
    const requestTimeoutMs = defaultNumber('engine', 'requestTimeoutMs');
    return createClickhouse(options.clickhouse(env), { requestTimeoutMs, maxInFlight: inFlight }, warn);
  }
  const { endpoint } = options;
  const settings: Settings = {
    entry: 'processor',
    given: { endpoint },
    env,
    ignoredPrefix: 'LANGFUSE_',
    problems: [],
    faults: [],
  };
  const found = readOtlpEndpoint(settings);
  throwFaults(settings);
  if (found === undefined) throw new UsageError('--endpoint cannot be used');
  const { requestTimeoutMs } = found;
  const others = scores === 'langfuse' ? openLangfuse(options, env, warn) : scores;
  const collector = found.exporter.options as OtlpExporterOptions;
  return createOtlp(collector, others, { requestTimeoutMs, maxInFlight: inFlight }, warn);
}

function openLangfuse(
  { baseUrl, publicKey, secretKey, inFlight }: ForwardOptions,
  env: Io['env'],
  warn: Warn,
): Target {
  const settings: Settings = {
    entry: 'client',
    given: { baseUrl, publicKey, secretKey },
    env,
    problems: [],
    faults: [],
  };
  const address = resolveBaseUrl(settings);
  const keys = resolveKeys(settings);
  if ('missing' in keys) throw new UsageError(`${keys.missing}: give --public-key and --secret-key`);
  if ('fault' in keys) throw new UsageError(keys.fault);
  if ('fault' in address) throw new UsageError(address.fault);
  throwFaults(settings);
  const requestTimeoutMs = defaultNumber('engine', 'requestTimeoutMs');
  return createLangfuse({ ...address, ...keys }, { requestTimeoutMs, maxInFlight: inFlight }, warn);
}

/** Somebody who starts a command reads what it says: what is doubtful is an error here. */
function throwFaults({ faults, problems }: Settings): void {
  const [first] = [...faults, ...problems];
  if (first !== undefined) throw new UsageError(first);
}
