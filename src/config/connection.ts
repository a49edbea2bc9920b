/** Where requests go: addresses of servers and of the proxy, and the project's keys. */
import * as types from 'node:util/types';
import { PROXY_RULE, type ProxySetting, readProxyUrl } from '../shared/proxy-url.js';
import { show } from '../shared/untrusted-text/show.js';
import { HEADER_VALUE } from './headers.js';
import { readText } from './readers.js';
import { complain, type Found, find, type Settings } from './settings.js';
import { factsOf, type OptionName } from './table/table.js';

export type Address = { readonly url: URL } | { readonly fault: string };

const DEFAULT_BASE_URL = 'https://cloud.langfuse.com';
const BASE_URL_RULE = 'such as https://langfuse.example.com, without a query';
const ADDRESSES = ['baseUrl', 'endpoint'];
/** With a host: `new URL` takes the first part of the path of `http:///path` for one. */
const WITH_HOST = /^https?:\/\/[^/\\?#]/i;
/** Langfuse's own rule; a server refuses other names. */
export const ENVIRONMENT = /^(?!langfuse)[a-z0-9_-]{1,40}$/;

/**
 * An address that cannot be used is never replaced by another: data and keys would go to a server that nobody named. `rule`
 * goes on from "an http(s) URL", say with an example.
 */
export function readAddress({ name, value }: Found, rule: string, isUsable = (_: URL) => true): Address {
  const url = toUrl(value);
  if (url !== undefined && isUsable(url)) return { url };
  return { fault: `${name} must be an http(s) URL ${rule}, but got: ${show(value)}` };
}

function toUrl(value: unknown): URL | undefined {
  const isUrl = !types.isProxy(value) && value instanceof URL;
  const text = typeof value === 'string' || isUrl ? String(value).trim() : '';
  return WITH_HOST.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}

/** The given options, but for blank addresses: they count as not given, as blank variables do. */
export function withoutBlankAddresses(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter((option) => !isBlankAddress(option)));
}

function isBlankAddress([name, value]: [string, unknown]): boolean {
  return ADDRESSES.includes(name) && typeof value === 'string' && value.trim() === '';
}

/** The address without a slash at its end, or why there is none. */
export function resolveBaseUrl(
  settings: Settings,
): { readonly baseUrl: string } | { readonly fault: string } {
  const found = find(settings, 'baseUrl');
  if (found === undefined) return { baseUrl: DEFAULT_BASE_URL };
  const address = readAddress(found, BASE_URL_RULE, ({ search, hash }) => search === '' && hash === '');
  if ('fault' in address) return address;
  return { baseUrl: withoutUser(address.url, found.name, settings.problems).replace(/\/+$/, '') };
}

/** User and password would show wherever the address does, and no request carries them: the keys take their place. */
function withoutUser(url: URL, name: string, problems: string[]): string {
  if (url.username === '' && url.password === '') return url.href;
  problems.push(`${name} holds a user or a password, which is left out: requests carry the keys`);
  return Object.assign(url, { username: '', password: '' }).href;
}

/** Undefined: not given, and the variables of the environment count. */
export function resolveProxy(value: unknown): ProxySetting | undefined {
  if (value === undefined || value === null || value === false) return value ?? undefined;
  const isUrl = !types.isProxy(value) && value instanceof URL;
  if (typeof value !== 'string' && !isUrl) {
    return {
      fault: `option proxy ${PROXY_RULE}, or false for none, but got: a value of type ${typeof value}`,
    };
  }
  const text = String(value).trim();
  return text === '' ? undefined : readProxyUrl('option proxy', text);
}

export interface Keys {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** The project's keys, or why there are none: they are not given (`missing`), or no request can carry them (`fault`). */
export function resolveKeys(
  settings: Settings,
): Keys | { readonly missing: string } | { readonly fault: string } {
  const publicKey = readText(settings, 'publicKey');
  const secretKey = readText(settings, 'secretKey');
  if (publicKey === null || secretKey === null) {
    const missing = [
      publicKey === null && `no publicKey (${variablesOf(settings, 'publicKey')})`,
      secretKey === null && `no secretKey (${variablesOf(settings, 'secretKey')})`,
    ];
    return { missing: missing.filter(Boolean).join(' and ') };
  }
  const faults = [
    faultOf(publicKey, find(settings, 'publicKey')?.name),
    faultOf(secretKey, find(settings, 'secretKey')?.name),
  ].filter((fault) => fault !== undefined);
  if (faults.length === 0) return { publicKey, secretKey };
  return { fault: `${faults.join('; ')}: take the keys from the project's settings in Langfuse` };
}

function variablesOf({ entry }: Settings, option: OptionName): string {
  return String(factsOf(entry, option).env);
}

/** Names the option alone: somebody may have put the secret key in the wrong one. */
function faultOf(key: string, name: string | undefined): string | undefined {
  if (HEADER_VALUE.test(key)) return undefined;
  return key.includes('…')
    ? `${name} is a placeholder: it holds "…"`
    : `${name} holds a character that no HTTP header can carry`;
}

export function resolveEnvironment(settings: Settings): string | null {
  const environment = readText(settings, 'environment');
  if (environment === null || ENVIRONMENT.test(environment)) return environment;
  const { name = '' } = find(settings, 'environment') ?? {};
  complain(
    settings,
    { name, value: environment },
    'at most 40 of a-z, 0-9, _ and -, not starting with "langfuse"',
    'none',
  );
  return null;
}
