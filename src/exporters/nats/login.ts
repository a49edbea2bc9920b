/** Who a client says it is: user and password, a token, a seed, or a file of credentials, which is read at each connection. */
import { readFileSync } from 'node:fs';
import type { NatsServer } from '../../shared/contract/nats-options.js';
import type { Authenticator, NatsPackage } from './packages.js';

/** Without it there is no connection: the server might let in anybody, and would have the data then. */
export class LoginUnreadable extends Error {}

const SEED = /^SU[A-Z2-7]{56}$/;
const CREDENTIALS = '-----BEGIN NATS USER JWT-----';

/** Options of `connect`. Throws `LoginUnreadable`. */
export function readLogin(
  { username, password, token, credentials, nkey }: NatsServer,
  { credsAuthenticator, nkeyAuthenticator }: NatsPackage,
): object {
  if (credentials !== undefined) {
    const text = credentials.includes(CREDENTIALS) ? credentials : fileOf('credentials', credentials);
    return { authenticator: tried('credentials', credsAuthenticator(Buffer.from(text))) };
  }
  if (nkey !== undefined) {
    const seed = SEED.test(nkey.trim()) ? nkey : fileOf('nkey', nkey);
    return { authenticator: tried('nkey', nkeyAuthenticator(Buffer.from(seed.trim()))) };
  }
  if (token !== undefined) return { token };
  return username === undefined ? {} : { user: username, pass: password };
}

/** Not the error's message: it repeats the path, which may be a seed with a fault. */
function fileOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'not a path' } = error as NodeJS.ErrnoException;
    throw new LoginUnreadable(`nats.${name} cannot be read (${code})`);
  }
}

function tried(name: string, authenticator: Authenticator): Authenticator {
  try {
    authenticator('a nonce');
    return authenticator;
  } catch {
    throw new LoginUnreadable(`nats.${name} has no seed that can be used`);
  }
}
