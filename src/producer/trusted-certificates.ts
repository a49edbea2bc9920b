/** What this thread trusts, for a worker that was refused a certificate: `tls.setDefaultCACertificates` reaches its own thread alone. */
import type { TrustedCertificates } from '../shared/control.js';

/** Null: this Node.js has no such call (before 22.19 and 24.5). Node.js keeps the list that the application has set. */
export function trustedCertificates(): TrustedCertificates {
  const tls = process.getBuiltinModule('node:tls') as Partial<Tls>;
  if (tls.setDefaultCACertificates === undefined) return { certificates: null };
  return { certificates: tls.getCACertificates?.('default') ?? null };
}

interface Tls {
  getCACertificates(kind: 'default'): string[];
  setDefaultCACertificates(certificates: readonly string[]): void;
}
