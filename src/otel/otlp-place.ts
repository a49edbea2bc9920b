/** An OTLP endpoint as a place for spans: options, and OpenTelemetry's variables with the specification's precedence. */
import { type EngineInput, typeOf } from '../shared/options.js';
import type { OtlpExporterOptions, OtlpProtocol, TlsOptions } from '../shared/otlp-options.js';
import { readAddress } from '../tracing/address.js';
import { type HeaderFaults, resolveHeaders } from '../tracing/headers.js';
import { complain, guarded, readSeconds, readText, type Settings } from '../tracing/settings.js';
import { MAX_TIMEOUT_MS } from './queue-settings.js';
import {
  decodePercents,
  exporterVariable,
  exporterVariables,
  parseHeaders,
  variableChoice,
  variableNumber,
} from './variables.js';

export type Place = Pick<EngineInput, 'exporter' | 'compression' | 'sideLaneBytes'> & {
  readonly requestTimeoutMs: number;
};

const DEFAULT_URL = 'http://localhost:4318/v1/traces';
const URL_RULE = 'such as https://collector.example.com:4318';
const TRACES_PATH = 'v1/traces';
const DEFAULT_TIMEOUT_MS = 10_000;
const PROTOCOLS = ['http/protobuf', 'http/json'] as const satisfies OtlpProtocol[];
/** Shorter values are no credentials, and would black out half of a message. */
const MIN_SECRET_CHARS = 8;

/** Undefined: the address cannot be used, or what the endpoint knows the sender by. */
export function readOtlpPlace(settings: Settings): Place | undefined {
  const endpoint = guarded(settings, 'endpoint', readEndpoint);
  if (endpoint === undefined) return undefined;
  const { url, authorization } = withoutUser(endpoint);
  const faults: HeaderFaults = new Map();
  const headers = { ...authorization, ...readHeaders(settings, faults) };
  for (const fault of faults.values()) settings.faults.push(`${fault}; no span is exported to it`);
  if (faults.size > 0) return undefined;
  const options: OtlpExporterOptions = {
    url,
    headers,
    protocol: readProtocol(settings),
    secrets: secretsOf(headers),
    tls: readTls(settings, true),
  };
  return {
    exporter: { url: 'otlp', options },
    compression: readCompression(settings),
    requestTimeoutMs: readTimeout(settings),
  };
}

/** `fromVariables`: those of OTLP are not for a Langfuse server. */
export function readTls(settings: Settings, fromVariables: boolean): TlsOptions | undefined {
  const read = (option: string, suffix: string): string | undefined =>
    readText(settings, option, []) ??
    (fromVariables ? exporterVariable(settings.env, suffix)?.value : undefined);
  const tls = {
    ca: isWrongText(settings.given.certificate) ? tellWrong(settings) : read('certificate', 'CERTIFICATE'),
    cert: read('clientCertificate', 'CLIENT_CERTIFICATE'),
    key: read('clientKey', 'CLIENT_KEY'),
  };
  const given = Object.entries(tls).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

function isWrongText(value: unknown): boolean {
  return value !== undefined && typeof value !== 'string';
}

/** Whom it was to trust is not known, and not all whom the usual authorities know. */
function tellWrong({ given, problems }: Settings): string {
  problems.push(
    `option certificate must be PEM text or a path, but is ${typeOf(given.certificate)}; no server is trusted`,
  );
  return '';
}

/** An option without a path means the usual one; a variable for traces is used as it is, a general one as the base. */
function readEndpoint(settings: Settings): string | undefined {
  const { endpoint } = settings.given;
  const isOption = endpoint !== undefined;
  const variable = exporterVariable(settings.env, 'ENDPOINT');
  const found = isOption ? { name: 'option endpoint', value: endpoint } : variable;
  if (found === undefined) return DEFAULT_URL;
  const address = readAddress(found, URL_RULE);
  if ('fault' in address) {
    settings.faults.push(`${address.fault}; no span is exported to it`);
    return undefined;
  }
  const { url } = address;
  const isWhole = isOption ? url.pathname !== '/' : variable?.isForTraces;
  return isWhole ? url.href : withTracesPath(url);
}

/** As a header, which is what Node.js makes of them, and what nobody shows: the address is in messages. */
function withoutUser(address: string): { url: string; authorization?: { authorization: string } } {
  const url = new URL(address);
  if (url.username === '' && url.password === '') return { url: address };
  const user = decodePercents(url.username);
  const credentials = Buffer.from(`${user}:${decodePercents(url.password)}`).toString('base64');
  return {
    url: Object.assign(url, { username: '', password: '' }).href,
    authorization: { authorization: `Basic ${credentials}` },
  };
}

function withTracesPath(url: URL): string {
  url.pathname = url.pathname.replace(/\/?$/, `/${TRACES_PATH}`);
  return url.href;
}

/** Key by key, as OpenTelemetry's exporter for JavaScript does it: what is said for traces goes before the general. */
function readHeaders(settings: Settings, faults: HeaderFaults): Record<string, string> {
  const { env, problems } = settings;
  const all: Record<string, string> = {};
  const add = (headers: Record<string, string> = {}): void => {
    for (const [name, value] of Object.entries(headers)) {
      all[name.toLowerCase()] = value;
      faults.delete(name.toLowerCase());
    }
  };
  for (const variable of exporterVariables(env, 'HEADERS')) {
    const headers = Object.fromEntries(parseHeaders(variable, problems));
    add(resolveHeaders(headers, problems, variable.name, faults));
  }
  for (const option of ['additionalHeaders', 'headers'])
    add(
      guarded(settings, option, (one) =>
        resolveHeaders(one.given[option], problems, `option ${option}`, faults),
      ),
    );
  return all;
}

/** Of `Bearer …` also what follows. */
export function secretsOf(headers: Readonly<Record<string, string>>): string[] {
  const texts = Object.values(headers).flatMap((value) => [value, value.slice(value.lastIndexOf(' ') + 1)]);
  return [...new Set(texts)].filter((text) => text.length >= MIN_SECRET_CHARS);
}

function readProtocol(settings: Settings): OtlpProtocol {
  const { protocol } = settings.given;
  if (protocol === undefined)
    return variableChoice(settings, exporterVariable(settings.env, 'PROTOCOL'), PROTOCOLS, PROTOCOLS[0]);
  const choice = PROTOCOLS.find((one) => one === protocol);
  if (choice === undefined)
    complain(
      settings,
      { name: 'option protocol', value: protocol },
      `one of ${PROTOCOLS.join(', ')}`,
      PROTOCOLS[0],
    );
  return choice ?? PROTOCOLS[0];
}

/** A wrong option is left to the engine, which names it; the specification's default is none. */
function readCompression(settings: Settings): 'gzip' | 'none' {
  const { compression } = settings.given;
  if (compression !== undefined) return compression as 'gzip' | 'none';
  const variable = exporterVariable(settings.env, 'COMPRESSION');
  return variableChoice(settings, variable, ['none', 'gzip'], 'none');
}

/** Milliseconds, of the variable; 0 is no limit. */
function readTimeout(settings: Settings): number {
  const seconds = readSeconds(settings, 'timeout', [], undefined, MAX_TIMEOUT_MS);
  if (seconds !== undefined) return seconds;
  const variable = exporterVariable(settings.env, 'TIMEOUT');
  const ms = variable && variableNumber(settings, variable.name, [0, MAX_TIMEOUT_MS]);
  return ms === 0 ? MAX_TIMEOUT_MS : (ms ?? DEFAULT_TIMEOUT_MS);
}
