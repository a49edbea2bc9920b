/** What an exporter's options say of its connections: certificates, which are read in the worker, and headers. */
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { message, warnBy } from '../messages/message.js';
import type { ExporterContext, TlsIdentity } from '../shared/contract/exporter.js';
import type { TlsOptions } from '../shared/contract/otlp-options.js';
import { messageOf } from '../shared/untrusted-text/errors.js';

const PEM = '-----BEGIN ';

/**
 * Warns of certificates that cannot be used. Without the client's certificate the exporter goes on: the server will say what it
 * misses. If the authority's cannot be used, no server is trusted: one that the usual authorities know is not the one meant.
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
    // OpenSSL's text holds nothing of the key.
    warnBy(warning, message('TAILRACE_TLS_INVALID', messageOf(error)));
    return ca === undefined ? undefined : { ca: NONE };
  }
}

const NONE: readonly string[] = [];

/** Not the error's message: it repeats the path, which may be a key without its first line. */
function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'not a path';
}

/** A header in two spellings would be sent twice. */
export function lowerCaseNames(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
