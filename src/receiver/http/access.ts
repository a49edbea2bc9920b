/** Access control: under which names requests may come, from which pages, and what they may do by their keys. */

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { KeyCheck } from './keys.js';
import { type Access, HttpError } from './requests.js';

/** Where the server listens, for the check of Host and Origin headers. */
export interface Reach {
  /** Other machines can connect. */
  isOpen: boolean;
  /** Names of this machine, in lower case. */
  names: readonly string[];
}

/** `localhost`, 127.0.0.0/8 or ::1, with or without brackets. */
export function isLoopback(host: string): boolean {
  const name = withoutBrackets(host).toLowerCase();
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/**
 * A page from elsewhere can make a browser send requests to this port, and by DNS rebinding even read the answers, but
 * then under its own name: the Host header gives it away.
 */
export function requireOwnHost({ headers, socket }: IncomingMessage, reach: Reach): void {
  const port = socket.localPort ?? 0;
  if (isOurs(headers.host ?? '', port, reach)) return;
  const rule = reach.isOpen
    ? 'an address, the name of this machine or a name without a dot'
    : `a loopback address with port ${port}`;
  throw new HttpError(403, `the Host header must be ${rule}, but got: "${headers.host ?? ''}"`);
}

/** The Origin header, if the request comes from a page that is not this server's own. */
export function otherOriginOf(
  { headers: { origin, host }, socket }: IncomingMessage,
  reach: Reach,
): string | undefined {
  if (origin === undefined) return undefined;
  const ofOrigin = origin.replace(/^https?:\/\//, '');
  // The Host header has been checked already. A server that is open may be reached on another port than its own.
  const isOwn = reach.isOpen ? ofOrigin === host : isOurs(ofOrigin, socket.localPort ?? 0, reach);
  return isOwn ? undefined : origin;
}

function isOurs(hostAndPort: string, port: number, { isOpen, names }: Reach): boolean {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(hostAndPort);
  const name = (match?.[1] ?? '').toLowerCase();
  if (!isOpen) return isLoopback(name) && Number(match?.[2] ?? 80) === port;
  // Rebinding takes a name that somebody owns, and such a name has a dot.
  return name !== '' && (isIP(withoutBrackets(name)) !== 0 || !name.includes('.') || names.includes(name));
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

/**
 * Langfuse's clients send a key pair; pages send a public key alone, which may only create scores (in Langfuse's server:
 * web/src/features/public-api/server/apiAuth.ts). Missing keys are a mistake that is better found here than in
 * production. Without keys of its own a server accepts any: it is a local one with one project.
 */
export function accessOf({ headers: { authorization } }: IncomingMessage, keys?: KeyCheck): Access {
  const [scheme, encoded = ''] = (authorization ?? '').split(' ', 2);
  const kind = scheme?.toLowerCase();
  const pair = kind === 'basic' ? Buffer.from(encoded, 'base64').toString() : '';
  if (/^[^:]+:.+$/.test(pair)) {
    if (keys?.isPair(pair) === false) throw unauthorized('the keys are not those of this server');
    return 'project';
  }
  if (kind === 'bearer' && encoded.startsWith('sk-')) {
    throw unauthorized(
      'the bearer token is a secret key: send the public key alone, or Basic auth with both',
    );
  }
  if (kind === 'bearer' && encoded !== '') {
    if (keys?.isPublicKey(encoded) === false) throw unauthorized('the public key is not that of this server');
    return 'scores';
  }
  const problem = authorization === undefined ? 'is missing' : 'is malformed';
  const which = keys === undefined ? 'any non-empty pair will do here' : 'the keys that it was started with';
  throw unauthorized(
    `the Authorization header ${problem}: send Basic auth with publicKey:secretKey (${which})`,
  );
}

function unauthorized(message: string): HttpError {
  return new HttpError(401, message, { 'www-authenticate': 'Basic realm="tailrace"' });
}
