/** Resolves the option `otlp` of a client: where its records go as spans, and what becomes of scores. */
import type { EngineOptions } from '../shared/contract/engine-options.js';
import type { OtlpOptions, OtlpRecordsOptions } from '../shared/contract/otlp-options.js';
import type { LangfuseExporterOptions } from '../shared/langfuse-options.js';
import { show } from '../shared/untrusted-text/show.js';
import type { Keys, resolveKeys } from './connection.js';
import { parseHeaders, readCompression, readOtelTimeout } from './otel-variables.js';
import { readOtlpServers } from './otlp-servers.js';
import { checkChoice } from './readers.js';
import { type Settings, variableOf } from './settings.js';

const NAMES: readonly string[] = [
  'endpoint',
  'balance',
  'headers',
  'certificate',
  'clientCertificate',
  'clientKey',
  'serviceName',
  'scores',
] satisfies (keyof OtlpOptions)[];

/** As OpenTelemetry's SDKs call a service that nobody has named. */
const UNNAMED = 'unknown_service:node';

/** What a client asks of its engine. */
interface ClientOtlp {
  readonly exporter: { readonly url: 'otlp-records'; readonly options: OtlpRecordsOptions };
  readonly compression: EngineOptions['compression'];
  /** Of OpenTelemetry's variable; undefined: it is not set. */
  readonly timeoutMs: number | undefined;
}

type Langfuse = Omit<LangfuseExporterOptions, 'publicKey' | 'secretKey'>;

/**
 * Undefined: it cannot be used, and a fault says why. The data was meant for these servers, and goes nowhere else. `fault`: what is
 * wrong with the address or the headers of the Langfuse server, which matters for scores.
 */
export function resolveOtlp(
  settings: Settings,
  keys: ReturnType<typeof resolveKeys>,
  { baseUrl, additionalHeaders = {}, ...events }: Langfuse,
  fault: string | undefined,
): ClientOtlp | undefined {
  const { faults, given } = settings;
  const value = given.otlp ?? {};
  const wrong = faultOf(value);
  if (wrong !== undefined) {
    faults.push(`${wrong}; nothing is traced`);
    return undefined;
  }
  const options = Object.fromEntries(
    Object.entries(value).filter(([, one]) => one !== undefined && one !== null),
  );
  // The variables are those of a destination of the span processor.
  const ofClient: Settings = { ...settings, entry: 'processor', ignoredPrefix: 'LANGFUSE_' };
  const ofServers: Settings = { ...ofClient, given: withoutBlank(options), within: 'otlp.' };
  const servers = readOtlpServers(ofServers, 'nothing is traced');
  if (servers === undefined) return undefined;
  const protocol = variableOf(ofClient, PROTOCOLS);
  checkChoice(settings, protocol, ['http/protobuf']);
  const resource = resourceOf(options.serviceName, ofClient);
  const records = {
    ...events,
    protocol: 'otel',
    mediaUpload: false,
    otlp: { ...servers, resource },
  } as const;
  const reachable = sendsScores(value) ? keysForScores(settings, keys, fault) : undefined;
  const langfuse = reachable && { baseUrl, additionalHeaders, ...reachable };
  return {
    exporter: { url: 'otlp-records', options: { ...records, ...(langfuse && { langfuse }) } },
    compression: readCompression(ofClient),
    timeoutMs: readOtelTimeout(ofClient),
  };
}

/** An option that cannot be read sends none. */
export function sendsScores(otlp: unknown): boolean {
  try {
    return (otlp as OtlpOptions | null | undefined)?.scores === 'langfuse';
  } catch {
    return false;
  }
}

/** Undefined: scores are not sent, which a warning says. Spans are. */
function keysForScores(
  { problems }: Settings,
  keys: ReturnType<typeof resolveKeys>,
  fault: string | undefined,
): Keys | undefined {
  if ('publicKey' in keys && fault === undefined) return keys;
  const why = 'missing' in keys ? keys.missing : 'fault' in keys ? keys.fault : fault;
  problems.push(`option otlp.scores: ${why}; scores are not sent`);
  return undefined;
}

/** Records of a client are written as protobuf alone. */
const PROTOCOLS = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'];

function faultOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `option otlp must be {endpoint, …}, but got: ${show(value)}`;
  }
  const unknown = Object.keys(value).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) return `option otlp has no ${show(unknown)}`;
  const { scores, serviceName } = value as Record<keyof OtlpOptions, unknown>;
  if (scores !== undefined && scores !== null && scores !== 'langfuse') {
    return `option otlp.scores must be 'langfuse', but got: ${show(scores)}`;
  }
  if (serviceName !== undefined && serviceName !== null && typeof serviceName !== 'string') {
    return `option otlp.serviceName must be a text, but got: ${show(serviceName)}`;
  }
  return undefined;
}

/** A blank address counts as not given, as everywhere. */
function withoutBlank({ endpoint, ...options }: Record<string, unknown>): Record<string, unknown> {
  const isBlank = endpoint === undefined || (typeof endpoint === 'string' && endpoint.trim() === '');
  return isBlank ? options : { ...options, endpoint };
}

/** The attributes of the resource, by the rules of OpenTelemetry's SDKs. */
function resourceOf(serviceName: unknown, settings: Settings): Record<string, string> {
  const attributes = variableOf(settings, ['OTEL_RESOURCE_ATTRIBUTES']);
  const given =
    attributes === undefined ? [] : parseHeaders({ ...attributes, isForTraces: false }, settings.problems);
  const name =
    (serviceName as string | undefined)?.trim() || variableOf(settings, ['OTEL_SERVICE_NAME'])?.value;
  return { 'service.name': UNNAMED, ...Object.fromEntries(given), ...(name && { 'service.name': name }) };
}
