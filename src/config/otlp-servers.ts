/** Resolves OTLP endpoints with their credentials: options, and OpenTelemetry's variables with the specification's precedence. */
import type { OtlpServer, OtlpServers, TlsOptions } from '../shared/contract/otlp-options.js';
import { show, typeOf } from '../shared/untrusted-text/show.js';
import { readAddress } from './connection.js';
import { type HeaderFaults, resolveHeaders } from './headers.js';
import { decodePercents, otelVariable, otelVariables, parseHeaders } from './otel-variables.js';
import { readChoice, readText } from './readers.js';
import { type Found, guarded, nameOf, type Settings, warnInvalid } from './settings.js';
import type { OptionName } from './table/table.js';

const DEFAULT_URL = 'http://localhost:4318/v1/traces';
const URL_RULE = 'such as https://collector.example.com:4318';
const TRACES_PATH = 'v1/traces';
/** `balance: 'trace'` has a batch for each two of them. */
const MAX_ENDPOINTS = 8;
const ENDPOINT_NAMES = ['url', 'headers', 'certificate', 'clientCertificate', 'clientKey'];
/** Shorter values are no credentials, and would black out half of a message. */
const MIN_SECRET_CHARS = 8;

/** An address as it was given, with what it has of its own. */
interface Given {
  readonly url: string;
  /** Of one address of a list. */
  readonly own: Readonly<Record<string, unknown>>;
  readonly name: string;
}

/**
 * Undefined: an address cannot be used, or a header that identifies the sender. Then `faults` say so, each with its `consequence`: 'no
 * span is exported to it'.
 */
export function readOtlpServers(settings: Settings, consequence: string): OtlpServers | undefined {
  const found: string[] = [];
  const servers = guarded({ ...settings, faults: found }, 'endpoint', (one) => {
    found.length = 0;
    return readServers(one);
  });
  settings.faults.push(...found.map((fault) => `${fault}; ${consequence}`));
  const [first, ...others] = servers;
  if (found.length > 0 || first === undefined) return undefined;
  const balance = readChoice<NonNullable<OtlpServers['balance']>>(settings, 'balance');
  return others.length === 0 ? first : { ...first, others, balance };
}

function readServers(settings: Settings): OtlpServer[] {
  const { faults } = settings;
  const { endpoint } = settings.given;
  const isList = Array.isArray(endpoint);
  const addresses = isList ? readList(settings, endpoint) : [readOnly(settings)];
  const headerFaults: HeaderFaults = new Map();
  const shared = readHeaders(settings, headerFaults);
  const servers = addresses.flatMap((address): OtlpServer[] => {
    if (address === undefined) return [];
    const { url, authorization } = withoutUser(address.url);
    const own = ownHeaders(settings, address, headerFaults);
    // The user of one address of several is about that address alone, and goes before a header for all.
    const headers = {
      ...(isList ? { ...shared, ...authorization } : { ...authorization, ...shared }),
      ...own,
    };
    const tls = readTls({ ...settings, given: { ...settings.given, ...address.own } });
    return [{ url, headers, secrets: secretsOf(headers), ...(tls && { tls }) }];
  });
  faults.push(...headerFaults.values());
  const twice = servers.find(({ url }, index) => servers.findIndex((one) => one.url === url) !== index);
  if (twice !== undefined) {
    faults.push(
      `${nameOf(settings, 'endpoint')} must not have an address twice (${new URL(twice.url).host})`,
    );
  }
  return servers;
}

/** Faults never show an entry that is an object: it may hold credentials. */
function readList(settings: Settings, list: readonly unknown[]): (Given | undefined)[] {
  const { faults } = settings;
  const option = nameOf(settings, 'endpoint');
  if (list.length === 0 || list.length > MAX_ENDPOINTS) {
    faults.push(`${option} must have 1 to ${MAX_ENDPOINTS} addresses, but has ${list.length}`);
    return [];
  }
  return Array.from(list, (value, index) => {
    const name = `${option}[${index}]`;
    const own: Record<string, unknown> = isOwnEndpoint(value) ? { ...value } : { url: value };
    const unknown = Object.keys(own).find((one) => !ENDPOINT_NAMES.includes(one));
    if (unknown !== undefined) {
      faults.push(`${name} has no ${show(unknown)}`);
      return undefined;
    }
    const { url: address, ...rest } = own;
    const given = Object.fromEntries(
      Object.entries(rest).filter(([, one]) => one !== undefined && one !== null),
    );
    const url = readWhole(settings, { name, value: address }, true);
    return url === undefined ? undefined : { url, own: given, name };
  });
}

function isOwnEndpoint(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof URL) && !Array.isArray(value);
}

/** An option without a path means the usual one; a variable for traces is used as it is, a general one as the base. */
function readOnly(settings: Settings): Given | undefined {
  const { endpoint } = settings.given;
  const isOption = endpoint !== undefined && endpoint !== null;
  const variable = otelVariable(settings, 'endpoint');
  const found = isOption ? { name: nameOf(settings, 'endpoint'), value: endpoint } : variable;
  if (found === undefined) return { url: DEFAULT_URL, own: {}, name: '' };
  const url = readWhole(settings, found, isOption, variable?.isForTraces);
  return url === undefined ? undefined : { url, own: {}, name: found.name };
}

function readWhole(
  { faults }: Settings,
  found: Found,
  isOption: boolean,
  isForTraces = false,
): string | undefined {
  const address = readAddress(found, URL_RULE);
  if ('fault' in address) {
    faults.push(address.fault);
    return undefined;
  }
  const { url } = address;
  const isWhole = isOption ? url.pathname !== '/' : isForTraces;
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
        resolveHeaders(one.given[option], problems, nameOf(settings, option), faults),
      ),
    );
  return all;
}

function ownHeaders(
  { problems }: Settings,
  { own, name }: Given,
  faults: HeaderFaults,
): Record<string, string> {
  const headers = resolveHeaders(own.headers, problems, `${name}.headers`, faults) ?? {};
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]));
}

/** Values of headers; for `Bearer …` also the part behind the blank. */
export function secretsOf(headers: Readonly<Record<string, string>>): string[] {
  const texts = Object.values(headers).flatMap((value) => [value, value.slice(value.lastIndexOf(' ') + 1)]);
  return [...new Set(texts)].filter((text) => text.length >= MIN_SECRET_CHARS);
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
  return value !== undefined && value !== null && typeof value !== 'string';
}

/** Fails closed: it is not known whom it was to trust, and the usual authorities would trust too many. */
function tellWrong(settings: Settings): string {
  const got = `is ${typeOf(settings.given.certificate)}`;
  const name = nameOf(settings, 'certificate');
  warnInvalid(settings.problems, name, 'PEM text or a path', got, 'no server is trusted');
  return '';
}
