/** The certificates of an exporter's options: read in the worker, where it holds nobody up, and looked at before use. */

import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { message, warnBy } from '../messages/message.js';
import type { ExporterContext, TlsIdentity } from '../shared/contract/exporter.js';
import type { TlsOptions } from '../shared/otlp-options.js';
import { messageOf } from '../shared/untrusted-text/errors.js';

const PEM = '-----BEGIN ';

/**
 * What cannot be used is told. A certificate of the client is left out: the server will say what it misses. Where that of the
 * authority cannot be used no server is trusted: one that the usual authorities know is not the one that was meant.
 */
export function readTlsIdentity(
  { ca, cert, key }: TlsOptions,
  { warning }: Pick<ExporterContext, 'warning'>,
): TlsIdentity | undefined {
  const read = (name: string, value: string | undefined): string | undefined => {
    if (value === undefined || value.includes(PEM)) return value;
    try {
      return readFileSync(value, 'utf8');
    } catch (error) {
      warnBy(warning, message('TAILRACE_TLS_FILE_NOT_READ', name, codeOf(error)), name);
      return undefined;
    }
  };
  const identity: TlsIdentity = {
    ca: ca === undefined ? undefined : (ca && read('certificate of the authority', ca)) || NONE,
    cert: read('certificate of the client', cert),
    key: read('key of the client', key),
  };
  try {
    createSecureContext(identity as SecureContextOptions);
    return identity;
  } catch (error) {
    // OpenSSL's words: they hold nothing of the key.
    warnBy(warning, message('TAILRACE_TLS_INVALID', messageOf(error)));
    return ca === undefined ? undefined : { ca: NONE };
  }
}

const NONE: readonly string[] = [];

/** Not its message: that repeats the path, which may be a key without its first line. */
function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'not a path';
}
