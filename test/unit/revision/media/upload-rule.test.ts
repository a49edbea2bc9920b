/** Where a server may send media to. */
import { describe, expect, it } from 'vitest';
import { resolveUploadHosts } from '../../../../src/config/upload-hosts.js';
import { createUploadRule } from '../../../../src/revision/media/upload-rule.js';
import { zoneOf } from '../../../../src/shared/network-zones.js';

describe('the place of an address', () => {
  it.each([
    [
      'public',
      '8.8.8.8 172.15.0.1 172.32.0.1 100.63.0.1 2606:4700::1 ::ffff:8.8.8.8 11.0.0.1 223.255.255.255',
    ],
    [
      'private',
      '10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 fd12::1 fc00::1 fec0::1 198.18.0.1',
    ],
    ['private', '::ffff:10.0.0.1 ::ffff:a00:1 0:0:0:0:0:ffff:c0a8:101 fd00::1%eth0'],
    ['loopback', '127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 :: ::1 ::ffff:127.0.0.1 0:0:0:0:0:0:0:1'],
    ['special', '169.254.169.254 fe80::1 fe80::1%eth0 ::ffff:169.254.169.254 fd00:ec2::254 100.100.100.200'],
    ['special', '168.63.129.16 192.0.0.192 224.0.0.1 255.255.255.255 ff02::1 2001:db8::1 ::7f00:1'],
    ['special', '64:ff9b::7f00:1 2002:7f00:1:: 2001:0:1::1 ::ffff:0:127.0.0.1'],
  ])('is %s: %s', (place, addresses) => {
    for (const address of addresses.split(' ')) expect([address, zoneOf(address)]).toEqual([address, place]);
  });
});

/** What becomes of an upload: `port` is that of the URL. */
function outcomeOf(server: string, hosts: unknown, uploadUrl: string, addresses: string[] = []): string {
  const problems: string[] = [];
  const target = createUploadRule(server, resolveUploadHosts(hosts, problems))(uploadUrl);
  expect(problems).toEqual([]);
  if ('refusal' in target) return 'refused';
  const url = new URL(uploadUrl);
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const { guard } = target;
  if (guard === undefined) return 'anywhere';
  return addresses.map((address) => (guard(address, port) === undefined ? 'yes' : 'no')).join(' ');
}

const ADDRESSES = ['8.8.8.8', '10.0.0.1', '127.0.0.1', '169.254.169.254'];
const CLOUD = 'https://cloud.langfuse.com';

describe('without the option', () => {
  it.each([
    [CLOUD, 'https://bucket.s3.amazonaws.com/x', 'yes no no no'],
    [CLOUD, 'https://cloud.langfuse.com/x', 'anywhere'],
    [CLOUD, 'https://cloud.langfuse.com:9000/x', 'yes yes no no'],
    [CLOUD, 'http://cloud.langfuse.com/x', 'yes yes no no'],
    [CLOUD, 'https://evil.cloud.langfuse.com/x', 'yes no no no'],
    ['http://localhost:3000', 'http://minio:9000/x', 'yes yes yes no'],
    ['http://127.0.0.1:3000', 'http://localhost:9090/x', 'yes yes yes no'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:9090/x', 'anywhere'],
    ['http://[::1]:3000', 'http://minio:9000/x', 'yes yes yes no'],
    ['http://langfuse-web:3000', 'http://minio:9000/x', 'yes yes no no'],
    ['http://langfuse.internal', 'http://minio.internal/x', 'yes yes no no'],
    ['http://10.0.0.5', 'http://minio.internal/x', 'yes yes no no'],
    ['http://10.0.0.5', 'http://10.0.0.5:9000/x', 'anywhere'],
  ])('a server at %s that names %s', (server, uploadUrl, expected) => {
    expect(outcomeOf(server, undefined, uploadUrl, ADDRESSES)).toBe(expected);
  });
});

describe('with the option', () => {
  it.each<[unknown, string, string]>([
    [['minio.corp.example'], 'http://minio.corp.example:9000/x', 'anywhere'],
    ['minio.corp.example', 'http://MINIO.corp.example./x', 'anywhere'],
    [['minio.corp.example:9000'], 'http://minio.corp.example:9000/x', 'anywhere'],
    [['http://minio.corp.example:80/'], 'http://minio.corp.example/x', 'anywhere'],
    [['minio.corp.example:9000'], 'http://minio.corp.example:22/x', 'refused'],
    [['minio.corp.example'], 'http://a.minio.corp.example/x', 'refused'],
    [['minio.corp.example'], 'https://bucket.s3.amazonaws.com/x', 'refused'],
    [['bücher.example'], 'http://xn--bcher-kva.example/x', 'anywhere'],
    [['*.amazonaws.com'], 'https://bucket.s3.amazonaws.com/x', 'yes no no no'],
    [['.amazonaws.com'], 'https://amazonaws.com/x', 'refused'],
    [['*.amazonaws.com'], 'https://notamazonaws.com/x', 'refused'],
    [['10.0.0.0/8'], 'http://any.example/x', 'no yes no no'],
    [['10.0.0.1:9000'], 'http://any.example:9000/x', 'no yes no no'],
    [['10.0.0.1:9000'], 'http://any.example:9001/x', 'no no no no'],
    [['fd00::/8', '::1'], 'http://any.example/x', 'no no no no'],
    [['169.254.0.0/16'], 'http://169.254.169.254/x', 'no no no yes'],
    [['169.254.169.254'], 'http://169.254.169.254/x', 'no no no yes'],
    [['*'], 'http://169.254.169.254/x', 'anywhere'],
    [[], 'https://cloud.langfuse.com/x', 'anywhere'],
    [[], 'https://bucket.s3.amazonaws.com/x', 'refused'],
  ])('%j, a server that names %s', (hosts, uploadUrl, expected) => {
    expect(outcomeOf(CLOUD, hosts, uploadUrl, ADDRESSES)).toBe(expected);
  });

  it.each([
    5,
    {},
    true,
    [5],
    ['minio', null],
    [''],
    ['a b'],
    ['https://user:secret@minio'],
    ['minio/bucket'],
    ['*.*.example'],
    ['10.0.0.0/33'],
    ['*.10.0.0.1'],
  ])('that is wrong (%j) leaves the server alone, and is named without its value', (hosts) => {
    const problems: string[] = [];
    expect(resolveUploadHosts(hosts, problems)).toEqual([]);
    expect(problems).toEqual([
      expect.stringMatching(/^option allowedUploadHosts must be an array of host names/),
    ]);
    expect(problems.join()).not.toContain('secret');
  });
});

it.each([
  ['http://localhost:9090/x', 'localhost:9090'],
  ['https://b7f3q.s3.amazonaws.com/x', '….s3.amazonaws.com'],
  ['http://sk-lf-5weep.evil.example/x', '….example'],
  ['http://minio.acme.example:9000/x', 'minio.acme.example:9000'],
])('the host of %s is called %s in messages', (uploadUrl, calledHost) => {
  const hosts = resolveUploadHosts(['*', 'minio.acme.example'], []);
  expect(createUploadRule('http://localhost:3000', hosts)(uploadUrl)).toMatchObject({ calledHost });
});
