/** Which Langfuse server, and under which environment: what the client and the span processor ask the same way. */
import { readAddress } from './address.js';
import { HEADER_VALUE } from './headers.js';
import { complain, find, readText, type Settings } from './settings.js';

const DEFAULT_BASE_URL = 'https://cloud.langfuse.com';
const RULE = 'such as https://langfuse.example.com, without a query';
const PUBLIC_KEY_VARIABLES = ['LANGFUSE_PUBLIC_KEY'];
const SECRET_KEY_VARIABLES = ['LANGFUSE_SECRET_KEY'];
/** Langfuse's own rule; a server refuses other names. */
export const ENVIRONMENT = /^(?!langfuse)[a-z0-9_-]{1,40}$/;

/** The address without a slash at its end, or why there is none. */
export function resolveBaseUrl(
  settings: Settings,
): { readonly baseUrl: string } | { readonly fault: string } {
  const found = find(settings, 'baseUrl', ['LANGFUSE_BASE_URL', 'LANGFUSE_BASEURL', 'LANGFUSE_HOST']);
  if (found === undefined) return { baseUrl: DEFAULT_BASE_URL };
  const address = readAddress(found, RULE, ({ search, hash }) => search === '' && hash === '');
  if ('fault' in address) return address;
  return { baseUrl: withoutUser(address.url, found.name, settings.problems).replace(/\/+$/, '') };
}

/** They would show wherever the address does, and no request carries them: the keys are in their place. */
function withoutUser(url: URL, name: string, problems: string[]): string {
  if (url.username === '' && url.password === '') return url.href;
  problems.push(`${name} holds a user or a password, which is left out: requests carry the keys`);
  return Object.assign(url, { username: '', password: '' }).href;
}

export interface Keys {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** The project's keys, or why there are none: nobody has given them (`missing`), or no request can carry them (`fault`). */
export function resolveKeys(
  settings: Settings,
): Keys | { readonly missing: string } | { readonly fault: string } {
  const publicKey = readText(settings, 'publicKey', PUBLIC_KEY_VARIABLES);
  const secretKey = readText(settings, 'secretKey', SECRET_KEY_VARIABLES);
  if (publicKey === null || secretKey === null) {
    const missing = [
      publicKey === null && `no publicKey (${PUBLIC_KEY_VARIABLES})`,
      secretKey === null && `no secretKey (${SECRET_KEY_VARIABLES})`,
    ];
    return { missing: missing.filter(Boolean).join(' and ') };
  }
  const faults = [
    faultOf(publicKey, find(settings, 'publicKey', PUBLIC_KEY_VARIABLES)?.name),
    faultOf(secretKey, find(settings, 'secretKey', SECRET_KEY_VARIABLES)?.name),
  ].filter((fault) => fault !== undefined);
  if (faults.length === 0) return { publicKey, secretKey };
  return { fault: `${faults.join('; ')}: take the keys from the project's settings in Langfuse` };
}

/** By its option alone: somebody may have put the secret key in the wrong place. */
function faultOf(key: string, name: string | undefined): string | undefined {
  if (HEADER_VALUE.test(key)) return undefined;
  return key.includes('…')
    ? `${name} is a placeholder: it holds "…"`
    : `${name} holds a character that no HTTP header can carry`;
}

export function resolveEnvironment(settings: Settings): string | null {
  const environment = readText(settings, 'environment', ['LANGFUSE_TRACING_ENVIRONMENT']);
  if (environment === null || ENVIRONMENT.test(environment)) return environment;
  const isOption = settings.given.environment !== undefined;
  const name = isOption ? 'option environment' : 'LANGFUSE_TRACING_ENVIRONMENT';
  complain(
    settings,
    { name, value: environment },
    'at most 40 of a-z, 0-9, _ and -, not starting with "langfuse"',
    'none',
  );
  return null;
}
