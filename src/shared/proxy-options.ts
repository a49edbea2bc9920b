/** The option `proxy`, and the variables that say the same: what a value must be, named without the password it may hold. */
import { types } from 'node:util';
import { percentDecoded } from './percents.js';

/** A URL; `false`: no proxy; a fault: nothing may be sent. Undefined, in the options: the environment counts. */
export type ProxySetting = string | false | { readonly fault: string };

const WITH_SCHEME = /^([a-z][a-z\d+.-]*):\/\//i;
const RULE = 'must be the URL of an HTTP proxy, such as http://proxy.example.com:3128';

/** Undefined: nobody has said anything. */
export function resolveProxy(value: unknown): ProxySetting | undefined {
  if (value === undefined || value === null || value === false) return value ?? undefined;
  const isUrl = !types.isProxy(value) && value instanceof URL;
  if (typeof value !== 'string' && !isUrl) {
    return { fault: `option proxy ${RULE}, or false for none, but got: a value of type ${typeof value}` };
  }
  const text = String(value).trim();
  return text === '' ? undefined : readProxyUrl('option proxy', text);
}

/** `name`: of the option or variable that has this value. As other clients have it, the scheme may be left out. */
export function readProxyUrl(name: string, value: string): string | { readonly fault: string } {
  const text = value.trim();
  const scheme = WITH_SCHEME.exec(text)?.[1]?.toLowerCase();
  const whole = scheme === undefined ? `http://${text}` : text;
  if (scheme?.startsWith('socks')) return { fault: `${name} ${RULE}: SOCKS proxies are not supported` };
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && areDecodable(url)) return url.href;
  // Of the value only its scheme: what cannot be parsed may hold a password anywhere.
  const got = scheme === undefined ? `a text of ${text.length} characters` : `${scheme}://…`;
  return { fault: `${name} ${RULE}, but got: ${got}` };
}

function areDecodable({ username, password }: URL): boolean {
  return [username, password].every((part) => percentDecoded(part) !== undefined);
}
