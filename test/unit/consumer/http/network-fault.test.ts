/** Faults beneath HTTP that cannot be had on each version of Node.js. */
import { expect, it } from 'vitest';
import { networkFault } from '../../../../src/consumer/http/network-fault.js';

it('names the flag that a process under --permission lacks', () => {
  const error = Object.assign(new Error('connect ERR_ACCESS_DENIED'), { code: 'ERR_ACCESS_DENIED' });
  expect(networkFault(error, { url: 'https://langfuse.example.com/api?key=secret' }, 1_000)).toEqual({
    kind: 'retryable',
    reason:
      'this process may not connect to langfuse.example.com: Node.js runs with --permission and without --allow-net (ERR_ACCESS_DENIED: connect ERR_ACCESS_DENIED)',
    misconfigured: true,
  });
});

it.each([
  [
    'names in a certificate',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    "Hostname/IP does not match certificate's altnames: Host: langfuse.example.com. is not in the cert's altnames: DNS:sk-lf-5weep.evil.example, DNS:patient\u202ejane",
    "the certificate of langfuse.example.com is not trusted (ERR_TLS_CERT_ALTNAME_INVALID: Hostname/IP does not match certificate's altnames: Host: langfuse.example.com. is not in the cert's altnames: DNS:….example, DNS:…)",
  ],
  [
    'what a parser found',
    'HPE_INVALID_CONSTANT',
    'Parse Error: Expected HTTP/, got c2stbGYtNXdlZXA sk-lf-5weep\r\n\u001b[2J',
    'what langfuse.example.com answers is not HTTP (HPE_INVALID_CONSTANT: Parse Error: Expected HTTP/, got …)',
  ],
  ['a code that is none', 'sk-lf-5weep \u001b[2J', 'other side closed', 'other side closed'],
])('shows nothing of %s', (_, code, message, reason) => {
  const error = Object.assign(new Error(message), { code });
  expect(networkFault(error, { url: 'https://langfuse.example.com/api' }, 1_000).reason).toContain(reason);
});

it('shows the address that a name has been resolved to', () => {
  const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:3000'), {
    code: 'ECONNREFUSED',
    address: '127.0.0.1',
    port: 3000,
  });
  expect(networkFault(error, { url: 'http://langfuse.internal:3000/api' }, 1_000).reason).toBe(
    'langfuse.internal:3000 refuses connections (ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:3000)',
  );
});

it('calls a host that a server has named by the name that is given for it', () => {
  const url = 'http://sk-lf-5weep.elsewhere.example:4711/x';
  const faults = [
    { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND sk-lf-5weep.elsewhere.example' },
    { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 52.7.1.1:4711', address: '52.7.1.1', port: 4711 },
    { name: 'TimeoutError' },
    { message: 'Proxy response (502) !== 200 when HTTP Tunneling' },
  ];
  const proxy = { host: 'proxy:80', hostname: 'proxy', source: 'HTTPS_PROXY', isAtFault: false } as never;
  for (const fault of faults) {
    for (const onTheWay of [undefined, proxy]) {
      const { reason } = networkFault(fault, { url, calledHost: '….example' }, 1_000, onTheWay);
      expect(reason).not.toMatch(/5weep|4711|52\.7/);
      if (fault.message === undefined || onTheWay === undefined) continue;
      expect(reason).toContain('….example');
    }
  }
});
