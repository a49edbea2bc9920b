/** The key pair that a server demands, and URLs that are signed so that they need no keys. Compared in constant time. */

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface KeyPair {
  publicKey: string;
  secretKey: string;
}

export interface KeyCheck {
  /** `pair`: `publicKey:secretKey`. */
  isPair(pair: string): boolean;
  isPublicKey(key: string): boolean;
}

/** @throws Error for a pair that no request could have. */
export function createKeyCheck({ publicKey, secretKey }: KeyPair): KeyCheck {
  if (publicKey === '') throw new Error('the public key must not be empty: give --public-key a key');
  if (secretKey === '') throw new Error('the secret key must not be empty: give --secret-key a key');
  // Basic auth ends the user's name at the first colon.
  if (publicKey.includes(':')) throw new Error('the public key must not contain a colon');
  const pairDigest = digest(`${publicKey}:${secretKey}`);
  const publicDigest = digest(publicKey);
  return {
    isPair: (pair) => timingSafeEqual(digest(pair), pairDigest),
    isPublicKey: (key) => timingSafeEqual(digest(key), publicDigest),
  };
}

/** Digests have one length, so that the comparison tells nothing of the key's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Langfuse's clients upload and download media without keys, by URLs that the server has made. */
export interface UrlSigner {
  /** `path` with a signature, which holds until the server ends. */
  sign(path: string): string;
  isSigned(url: URL): boolean;
}

export function createUrlSigner(): UrlSigner {
  const secret = randomBytes(32);
  const signatureOf = (path: string) => createHmac('sha256', secret).update(path).digest('base64url');
  return {
    sign: (path) => `${path}?signature=${signatureOf(path)}`,
    isSigned({ pathname, searchParams }) {
      const given = searchParams.get('signature') ?? '';
      return timingSafeEqual(digest(given), digest(signatureOf(pathname)));
    },
  };
}
