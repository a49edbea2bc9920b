/** What this thread trusts, for a worker that was refused a certificate: `tls.setDefaultCACertificates` reaches its own thread alone. */
import type { TrustedCertificates } from '../shared/control.js';

/** Null: this Node.js has no such call (before 22.19 and 24.5). Node.js keeps the list that the application has set. */
export function trustedCertificates(): TrustedCertificates {
  const tls = process.getBuiltinModule('node:tls') as Partial<Tls>;
  try {
    const isThere = tls.setDefaultCACertificates !== undefined;
    return { certificates: (isThere && tls.getCACertificates?.('default')) || null };
  } catch {
    // Called from the event loop: an error would be one of the application.
    return { certificates: null };
  }
}

interface Tls {
  getCACertificates(kind: 'default'): string[];
  setDefaultCACertificates(certificates: readonly string[]): void;
}
