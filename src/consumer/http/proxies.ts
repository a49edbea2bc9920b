/** Chooses the proxy of a request: by the option `proxy`, else by the environment, read as curl, Go and Python read it. */
import { type ProxySetting, readProxyUrl } from '../../shared/proxy-url.js';
import { createNoProxy } from './no-proxy.js';

export interface HttpProxy {
  readonly origin: string;
  /** With the port. */
  readonly host: string;
  /** Without the port. */
  readonly hostname: string;
  /** From the user and password in the proxy's URL. Must not appear in any message. */
  readonly authorization: string | undefined;
  /** The option or variable that names the proxy. */
  readonly source: string;
}

/** Undefined: no proxy. With a fault the request must not be sent. */
type ProxyChoice = HttpProxy | { readonly fault: string } | undefined;
export type ChooseProxy = (url: URL) => ProxyChoice;

type Environment = Readonly<Record<string, string | undefined>>;

export function createProxyChoice(setting: ProxySetting | undefined, env: Environment): ChooseProxy {
  if (setting === false) return () => undefined;
  if (setting !== undefined) {
    const choice = typeof setting === 'string' ? toProxy(setting, 'option proxy') : setting;
    return () => choice;
  }
  const choices: Record<string, ProxyChoice> = {
    'http:': fromEnvironment(env, ['http_proxy', ...upperCaseOfHttp(env), 'all_proxy', 'ALL_PROXY']),
    'https:': fromEnvironment(env, ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY']),
  };
  const goesWithout = createNoProxy(env.no_proxy?.trim() || env.NO_PROXY || '');
  return (url) => {
    const choice = choices[url.protocol];
    return choice === undefined || goesWithout(url) ? undefined : choice;
  };
}

/** In a CGI script HTTP_PROXY is the header `Proxy` of the request: the client would choose where we send. */
function upperCaseOfHttp(env: Environment): string[] {
  return env.REQUEST_METHOD === undefined ? ['HTTP_PROXY'] : [];
}

/** The first variable that is not empty counts. */
function fromEnvironment(env: Environment, names: readonly string[]): ProxyChoice {
  const name = names.find((one) => env[one]?.trim());
  if (name === undefined) return undefined;
  const url = readProxyUrl(name, env[name] as string);
  if (typeof url === 'string') return toProxy(url, name);
  return { fault: `${url.fault}. Nothing is sent around it; option proxy (a URL, or false) goes before it` };
}

function toProxy(href: string, source: string): HttpProxy {
  const { origin, host, hostname, username, password } = new URL(href);
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    origin,
    host,
    hostname,
    authorization: user === ':' ? undefined : `Basic ${Buffer.from(user).toString('base64')}`,
    source,
  };
}
