/**
 * Certificates that the application trusts (`tls.setDefaultCACertificates`), which applies to the application's thread only. The
 * worker asks for them when a certificate is refused, not before: reading them takes 5 to 60 ms on the application's thread
 * (measured), and most applications set none.
 */
import type { CertificatesWanted } from '../../shared/contract/control.js';
import { clearTimeout, setTimeout } from '../../shared/runtime/real-time.js';
import { tlsCalls } from '../../shared/runtime/tls-calls.js';

const UNTRUSTED =
  /^(UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_UNTRUSTED)/;
/** The application's thread may be busy or blocked at the exit of the process. The request is retried later. */
const ANSWER_TIMEOUT_MS = 1_000;

/** Adopts the certificates that the application trusts. Resolves with false if nothing is new. */
export type RenewTrust = () => Promise<boolean>;

interface Trust {
  readonly renew: RenewTrust;
  /** Handles the application's answer; null: the application cannot have set certificates. */
  take(certificates: readonly string[] | null): void;
}

export function isUntrusted(error: unknown): boolean {
  return UNTRUSTED.test((error as { code?: string } | null)?.code ?? '');
}

export function createTrust(ask: (message: CertificatesWanted) => void): Trust {
  let asking: { readonly renewed: Promise<boolean>; answer(isNew: boolean): void } | undefined;

  function renew(): Promise<boolean> {
    if (tlsCalls() === undefined) return Promise.resolve(false);
    asking ??= startAsking();
    return asking.renewed;
  }

  function startAsking(): NonNullable<typeof asking> {
    let answer: (isNew: boolean) => void = () => {};
    const renewed = new Promise<boolean>((resolve) => {
      const timer = setTimeout(resolve, ANSWER_TIMEOUT_MS, false);
      timer.unref();
      answer = (isNew) => {
        clearTimeout(timer);
        resolve(isNew);
      };
    }).finally(() => {
      asking = undefined;
    });
    ask({ kind: 'certificates' });
    return { renewed, answer };
  }

  return {
    renew,
    take(certificates) {
      asking?.answer(certificates !== null && trustInstead(certificates));
    },
  };
}

/** Returns false if these certificates are trusted already. */
function trustInstead(certificates: readonly string[]): boolean {
  const calls = tlsCalls();
  if (calls === undefined) return false;
  const trusted = new Set(calls.getCACertificates('default'));
  if (certificates.length === trusted.size && certificates.every((one) => trusted.has(one))) return false;
  try {
    calls.setDefaultCACertificates(certificates);
    return true;
  } catch {
    return false;
  }
}
