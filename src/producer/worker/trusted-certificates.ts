/** What this thread trusts, for a worker that was refused a certificate: `tls.setDefaultCACertificates` reaches its own thread alone. */
import type { TrustedCertificates } from '../../shared/contract/control.js';
import { tlsCalls } from '../../shared/runtime/tls-calls.js';

/** Null: this Node.js has no such call (before 22.19 and 24.5). Node.js keeps the list that the application has set. */
export function trustedCertificates(): TrustedCertificates {
  try {
    return { certificates: tlsCalls()?.getCACertificates('default') ?? null };
  } catch {
    // Called from the event loop: an error would be one of the application.
    return { certificates: null };
  }
}
