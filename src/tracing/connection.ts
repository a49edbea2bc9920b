/** Which Langfuse server, and under which environment: what the client and the span processor ask the same way. */
import { show } from '../shared/options.js';
import { complain, readText, type Settings } from './settings.js';

const DEFAULT_BASE_URL = 'https://cloud.langfuse.com';
/** Langfuse's own rule; a server refuses other names. */
export const ENVIRONMENT = /^(?!langfuse)[a-z0-9_-]{1,40}$/;

export function resolveBaseUrl({ given, env, problems }: Settings): string {
  const { LANGFUSE_BASE_URL, LANGFUSE_BASEURL, LANGFUSE_HOST } = env;
  const baseUrl = given.baseUrl || LANGFUSE_BASE_URL || LANGFUSE_BASEURL || LANGFUSE_HOST;
  if (!baseUrl) return DEFAULT_BASE_URL;
  const text = typeof baseUrl === 'string' || baseUrl instanceof URL ? String(baseUrl).trim() : '';
  if (/^https?:\/\//.test(text) && URL.canParse(text)) {
    const url = new URL(text);
    if (url.search === '' && url.hash === '') return withoutUser(url, problems).replace(/\/+$/, '');
  }
  problems.push(
    `option baseUrl must be an http(s) URL without a query, but got: ${show(baseUrl)}; using ${DEFAULT_BASE_URL}`,
  );
  return DEFAULT_BASE_URL;
}

/** They would show wherever the address does, and no request carries them: the keys are in their place. */
function withoutUser(url: URL, problems: string[]): string {
  if (url.username === '' && url.password === '') return url.href;
  problems.push('option baseUrl holds a user or a password, which is left out: requests carry the keys');
  return Object.assign(url, { username: '', password: '' }).href;
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
