/** Access control: only this machine may send requests, and what a request may do by its keys. */

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { type Access, HttpError } from './requests.js';

/** `localhost`, 127.0.0.0/8 or ::1, with or without brackets. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/**
 * A page from elsewhere can make a browser send requests to this port, and by DNS rebinding even read the answers, but
 * then under its own name: the Host header gives it away.
 */
export function requireOwnHost({ headers, socket }: IncomingMessage): void {
  const port = socket.localPort ?? 0;
  if (isOurs(headers.host ?? '', port)) return;
  throw new HttpError(
    403,
    `the Host header must be a loopback address with port ${port}, but got: "${headers.host ?? ''}"`,
  );
}

/** The Origin header, if the request comes from a page that is not this server's own. */
export function otherOriginOf({ headers: { origin }, socket }: IncomingMessage): string | undefined {
  const isOwn = origin === undefined || isOurs(origin.replace(/^https?:\/\//, ''), socket.localPort ?? 0);
  return isOwn ? undefined : origin;
}

function isOurs(hostAndPort: string, port: number): boolean {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(hostAndPort);
  return match !== null && isLoopback(match[1] ?? '') && Number(match[2] ?? 80) === port;
}

/**
 * Langfuse's clients send a key pair; pages send a public key alone, which may only create scores (in Langfuse's server:
 * web/src/features/public-api/server/apiAuth.ts). Missing keys are a mistake that is better found here than in
 * production. Any keys are accepted: this is a local server with one project.
 */
export function accessOf({ headers: { authorization } }: IncomingMessage): Access {
  const [scheme, encoded = ''] = (authorization ?? '').split(' ', 2);
  const kind = scheme?.toLowerCase();
  if (kind === 'basic' && /^[^:]+:.+$/.test(Buffer.from(encoded, 'base64').toString())) return 'project';
  if (kind === 'bearer' && encoded.startsWith('sk-')) {
    throw unauthorized(
      'the bearer token is a secret key: send the public key alone, or Basic auth with both',
    );
  }
  if (kind === 'bearer' && encoded !== '') return 'scores';
  const problem = authorization === undefined ? 'is missing' : 'is malformed';
  throw unauthorized(
    `the Authorization header ${problem}: send Basic auth with publicKey:secretKey (any non-empty pair will do here)`,
  );
}

function unauthorized(message: string): HttpError {
  return new HttpError(401, message, { 'www-authenticate': 'Basic realm="tailrace"' });
}
