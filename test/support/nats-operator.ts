/** An operator of NATS with an account and its users, as `nsc` would make them: the configuration of a server, and files of credentials. */
import { randomUUID } from 'node:crypto';
import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

const UNLIMITED = {
  ...{ subs: -1, conn: -1, leaf: -1, imports: -1, exports: -1, data: -1, payload: -1, wildcards: true },
};
const JETSTREAM = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

const base64 = (value: string | Uint8Array): string => Buffer.from(value).toString('base64url');

/** A JWT that `issuer` has signed. */
function signed(issuer: KeyPair, subject: string, nats: object): string {
  const claims = {
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    name: 'test',
    sub: subject,
    nats: { version: 2, ...nats },
  };
  const text = `${base64(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' }))}.${base64(JSON.stringify(claims))}`;
  return `${text}.${base64(issuer.sign(new TextEncoder().encode(text)))}`;
}

export interface Operator {
  /** Lines for a server. */
  readonly configuration: readonly string[];
  /** The text of a credentials file, of a new user. */
  credentials(): string;
}

export function createOperator(): Operator {
  const operator = nkeys.createOperator();
  const [system, account] = [nkeys.createAccount(), nkeys.createAccount()];
  const accountJwt = (of: KeyPair, limits: object) =>
    signed(operator, of.getPublicKey(), {
      type: 'account',
      limits: { ...UNLIMITED, ...limits },
      default_permissions: { pub: {}, sub: {} },
    });
  return {
    configuration: [
      `operator: "${signed(operator, operator.getPublicKey(), { type: 'operator', system_account: system.getPublicKey() })}"`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      'resolver_preload: {',
      `  ${system.getPublicKey()}: "${accountJwt(system, {})}"`,
      `  ${account.getPublicKey()}: "${accountJwt(account, JETSTREAM)}"`,
      '}',
    ],
    credentials() {
      const user = nkeys.createUser();
      const rights = { pub: {}, sub: {}, subs: -1, data: -1, payload: -1 };
      const jwt = signed(account, user.getPublicKey(), { type: 'user', ...rights });
      const seed = new TextDecoder().decode(user.getSeed());
      return [
        '-----BEGIN NATS USER JWT-----',
        jwt,
        '------END NATS USER JWT------',
        '',
        '-----BEGIN USER NKEY SEED-----',
        seed,
        '------END USER NKEY SEED------',
        '',
      ].join('\n');
    },
  };
}
