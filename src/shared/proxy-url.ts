/** Reads the URL of a proxy, from an option or a variable, and never shows the password that it may hold. */
import { percentDecoded } from './percents.js';

/** A URL; `false`: no proxy; a fault: nothing may be sent. As an option, undefined: the environment counts. */
export type ProxySetting = string | false | { readonly fault: string };

const WITH_SCHEME = /^([a-z][a-z\d+.-]*):\/\//i;
export const PROXY_RULE = 'must be the URL of an HTTP proxy, such as http://proxy.example.com:3128';

/** `name` of the option or variable with this value. As other clients have it, the scheme may be left out. */
export function readProxyUrl(name: string, value: string): string | { readonly fault: string } {
  const text = value.trim();
  const scheme = WITH_SCHEME.exec(text)?.[1]?.toLowerCase();
  const whole = scheme === undefined ? `http://${text}` : text;
  if (scheme?.startsWith('socks')) return { fault: `${name} ${PROXY_RULE}: SOCKS proxies are not supported` };
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && areDecodable(url)) return url.href;
  // Only the scheme of the value: one that cannot be parsed may hold a password anywhere.
  const got = scheme === undefined ? `a text of ${text.length} characters` : `${scheme}://…`;
  return { fault: `${name} ${PROXY_RULE}, but got: ${got}` };
}

function areDecodable({ username, password }: URL): boolean {
  return [username, password].every((part) => percentDecoded(part) !== undefined);
}
