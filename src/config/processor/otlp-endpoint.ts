/** Resolves an OTLP endpoint: options, and OpenTelemetry's variables with the specification's precedence. */
import type { EngineOptions } from '../../shared/contract/engine-options.js';
import type { OtlpExporterOptions, OtlpProtocol, TlsOptions } from '../../shared/contract/otlp-options.js';
import { typeOf } from '../../shared/untrusted-text/show.js';
import { readAddress } from '../connection.js';
import { type HeaderFaults, resolveHeaders } from '../headers.js';
import type { EngineInput } from '../options/engine.js';
import {
  decodePercents,
  otelVariable,
  otelVariables,
  parseHeaders,
  readOtelChoice,
  readOtelNumber,
} from '../otel-variables.js';
import { checkChoice, choicesOf, readOptionalSecondsAsMs, readText } from '../readers.js';
import { find, guarded, type Settings, warnInvalid } from '../settings.js';
import { HOUR_MS } from '../table/row.js';
import { defaultNumber, type OptionName } from '../table/table.js';

/** Where a destination sends to, as options of its engine. */
export type Endpoint = Pick<EngineInput, 'exporter' | 'compression' | 'sideLaneBytes'> & {
  readonly requestTimeoutMs: number;
};

const DEFAULT_URL = 'http://localhost:4318/v1/traces';
const URL_RULE = 'such as https://collector.example.com:4318';
const TRACES_PATH = 'v1/traces';
/** Shorter values are no credentials, and would black out half of a message. */
const MIN_SECRET_CHARS = 8;

/** Undefined: the address cannot be used, or a header that identifies the sender. */
export function readOtlpEndpoint(settings: Settings): Endpoint | undefined {
  const address = guarded(settings, 'endpoint', readUrl);
  if (address === undefined) return undefined;
  const { url, authorization } = withoutUser(address);
  const faults: HeaderFaults = new Map();
  const headers = { ...authorization, ...readHeaders(settings, faults) };
  for (const fault of faults.values()) settings.faults.push(`${fault}; no span is exported to it`);
  if (faults.size > 0) return undefined;
  const options: OtlpExporterOptions = {
    url,
    headers,
    protocol: readProtocol(settings),
    secrets: secretsOf(headers),
    tls: readTls(settings),
  };
  return {
    exporter: { url: 'otlp', options },
    compression: readCompression(settings),
    requestTimeoutMs: readTimeout(settings),
  };
}

export function readTls(settings: Settings): TlsOptions | undefined {
  const read = (option: OptionName): string | undefined =>
    readText(settings, option) ?? otelVariable(settings, option)?.value;
  const tls = {
    ca: isWrongText(settings.given.certificate) ? tellWrong(settings) : read('certificate'),
    cert: read('clientCertificate'),
    key: read('clientKey'),
  };
  const given = Object.entries(tls).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

function isWrongText(value: unknown): boolean {
  return value !== undefined && typeof value !== 'string';
}

/** Fails closed: it is not known whom it was to trust, and the usual authorities would trust too many. */
function tellWrong({ given, problems }: Settings): string {
  const got = `is ${typeOf(given.certificate)}`;
  warnInvalid(problems, 'option certificate', 'PEM text or a path', got, 'no server is trusted');
  return '';
}

/** An option without a path means the usual one; a variable for traces is used as it is, a general one as the base. */
function readUrl(settings: Settings): string | undefined {
  const { endpoint } = settings.given;
  const isOption = endpoint !== undefined;
  const variable = otelVariable(settings, 'endpoint');
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

/** User and password become a header, as Node.js does it: messages show the address, but no header. */
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

/** Merges key by key, as OpenTelemetry's exporter for JavaScript does it: the variable for traces wins over the general one. */
function readHeaders(settings: Settings, faults: HeaderFaults): Record<string, string> {
  const { problems } = settings;
  const all: Record<string, string> = {};
  const add = (headers: Record<string, string> = {}): void => {
    for (const [name, value] of Object.entries(headers)) {
      all[name.toLowerCase()] = value;
      faults.delete(name.toLowerCase());
    }
  };
  for (const variable of otelVariables(settings, 'headers')) {
    const headers = Object.fromEntries(parseHeaders(variable, problems));
    add(resolveHeaders(headers, problems, variable.name, faults));
  }
  for (const option of ['additionalHeaders', 'headers'] as const)
    add(
      guarded(settings, option, (one) =>
        resolveHeaders(one.given[option], problems, `option ${option}`, faults),
      ),
    );
  return all;
}

/** Values of headers; for `Bearer …` also the part behind the blank. */
export function secretsOf(headers: Readonly<Record<string, string>>): string[] {
  const texts = Object.values(headers).flatMap((value) => [value, value.slice(value.lastIndexOf(' ') + 1)]);
  return [...new Set(texts)].filter((text) => text.length >= MIN_SECRET_CHARS);
}

function readProtocol(settings: Settings): OtlpProtocol {
  const found = find(settings, 'protocol') ?? otelVariable(settings, 'protocol');
  return checkChoice(settings, found, choicesOf<OtlpProtocol>(settings, 'protocol'));
}

/** An invalid option is left to the engine, which names it. The specification's default is none. */
function readCompression(settings: Settings): EngineOptions['compression'] {
  const { compression } = settings.given;
  if (compression !== undefined) return compression as EngineOptions['compression'];
  return readOtelChoice(settings, 'compression', ['none', 'gzip']);
}

/** In the variable 0 means no limit. */
function readTimeout(settings: Settings): number {
  const ms = readOptionalSecondsAsMs(settings, 'timeout') ?? readOtelNumber(settings, 'timeout');
  return ms === 0 ? HOUR_MS : (ms ?? defaultNumber('engine', 'requestTimeoutMs'));
}
