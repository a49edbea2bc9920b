/** The functions of node:tls that read and set the certificates that a thread trusts. */

/** Of Node.js 22.19 and 24.5. */
interface TlsCalls {
  getCACertificates(kind: 'default'): string[];
  setDefaultCACertificates(certificates: readonly string[]): void;
}

/** Undefined: this Node.js lacks them. */
export function tlsCalls(): TlsCalls | undefined {
  const calls = process.getBuiltinModule('node:tls') as Partial<TlsCalls>;
  return calls.setDefaultCACertificates === undefined ? undefined : (calls as TlsCalls);
}
