/** Access control: only this machine may send requests, and no web page that is open in its browser. */

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { HttpError } from './requests.js';

/** `localhost`, 127.0.0.0/8 or ::1, with or without brackets. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/**
 * A page from elsewhere can make a browser send requests to this port, and by DNS rebinding even read the answers, but
 * then under its own name: the Host header gives it away. A foreign Origin is refused for the same reason.
 */
export function requireLocalRequest({ headers, socket }: IncomingMessage): void {
  const port = socket.localPort ?? 0;
  if (!isOurs(headers.host ?? '', port)) {
    throw new HttpError(
      403,
      `the Host header must be a loopback address with port ${port}, but got: "${headers.host ?? ''}"`,
    );
  }
  const { origin } = headers;
  if (origin !== undefined && !isOurs(origin.replace(/^https?:\/\//, ''), port)) {
    throw new HttpError(403, `requests from other origins are refused: ${origin}`);
  }
}

function isOurs(hostAndPort: string, port: number): boolean {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(hostAndPort);
  return match !== null && isLoopback(match[1] ?? '') && Number(match[2] ?? 80) === port;
}

/**
 * Langfuse's clients always send a key pair. A missing one is a mistake that is better found here than in
 * production. Any pair is accepted: this is a local server with one project.
 */
export function requireKeyPair({ headers }: IncomingMessage): void {
  const [scheme, encoded] = (headers.authorization ?? '').split(' ', 2);
  const pair = scheme?.toLowerCase() === 'basic' ? Buffer.from(encoded ?? '', 'base64').toString() : '';
  if (/^[^:]+:.+$/.test(pair)) return;
  const problem =
    headers.authorization === undefined
      ? 'the Authorization header is missing'
      : 'the Authorization header is malformed';
  throw new HttpError(
    401,
    `${problem}: send Basic auth with publicKey:secretKey (any non-empty pair will do here)`,
    {
      'www-authenticate': 'Basic realm="tailrace"',
    },
  );
}
