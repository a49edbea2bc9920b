/** The option `otlp` of a client: where it sends to by option and environment, what is wrong with it, and never a word of a credential. */
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/client-config.js';
import type { TailraceOptions } from '../../../src/config/options/client.js';
import type { OtlpRecordsOptions } from '../../../src/shared/contract/otlp-options.js';

const resolve = (options: object = {}, env: Record<string, string> = {}) =>
  resolveConfig({ exporter: 'otlp', ...options } as TailraceOptions, env, '1.0.0');

const otlp = (given: object, env: Record<string, string> = {}) => resolve({ otlp: given }, env);

/** Of a configuration that nothing is wrong with. */
function targetOf({ engine, problems, faults }: ReturnType<typeof resolve>): OtlpRecordsOptions['otlp'] {
  expect([...problems, ...faults]).toEqual([]);
  expect(engine?.exporter.url).toBe('otlp-records');
  if (engine === undefined) throw new Error('it traces nothing');
  return (engine.exporter.options as OtlpRecordsOptions).otlp;
}

describe("a client with exporter: 'otlp'", () => {
  it('needs neither keys nor options: it sends to the collector of this machine', () => {
    expect(targetOf(resolve())).toEqual({
      url: 'http://localhost:4318/v1/traces',
      headers: {},
      secrets: [],
      resource: { 'service.name': 'unknown_service:node' },
    });
    expect(resolve().engine).toMatchObject({
      compression: 'none',
      exporter: { options: { mediaUpload: false } },
    });
    expect(resolve().protocol).toBeNull();
  });

  it('reads the variables of OpenTelemetry, those for traces first', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/base',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-a=1,x-b=2',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-b=3',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2500',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca.pem',
      OTEL_SERVICE_NAME: 'shop',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,service.version=1%2C2',
      LANGFUSE_TIMEOUT: '77',
    };
    const config = resolve({}, env);
    expect(targetOf(config)).toMatchObject({
      url: 'http://c:4318/base/v1/traces',
      headers: { 'x-a': '1', 'x-b': '3' },
      tls: { ca: '/ca.pem' },
      resource: { 'service.name': 'shop', 'service.version': '1,2' },
    });
    expect(config.engine).toMatchObject({ compression: 'gzip', requestTimeoutMs: 2500 });
    const forTraces = { ...env, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/as/it/is' };
    expect(targetOf(resolve({}, forTraces)).url).toBe('http://t/as/it/is');
  });

  it('takes options before them', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c',
      OTEL_SERVICE_NAME: 'x',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1',
    };
    const config = resolve(
      {
        otlp: { endpoint: 'http://mine:4318', headers: { 'X-A': 'a' }, serviceName: 'shop' },
        timeout: 3,
        compression: 'auto',
      },
      env,
    );
    expect(targetOf(config)).toMatchObject({
      url: 'http://mine:4318/v1/traces',
      headers: { 'x-a': 'a' },
      resource: { 'service.name': 'shop' },
    });
    expect(config.engine).toMatchObject({ compression: 'auto', requestTimeoutMs: 3000 });
  });

  it('has several endpoints, each with credentials of its own', () => {
    const target = targetOf(
      otlp({
        endpoint: [
          'http://a:4318',
          {
            url: new URL('https://ann:s3cret-of-b@b/in'),
            headers: { 'X-Key': 'key-of-b' },
            certificate: '/b.pem',
          },
        ],
        headers: { 'x-tenant': 't', authorization: 'Bearer of-all-of-them' },
        certificate: '/all.pem',
        balance: 'trace',
      }),
    );
    expect(target).toMatchObject({
      url: 'http://a:4318/v1/traces',
      headers: { 'x-tenant': 't', authorization: 'Bearer of-all-of-them' },
      tls: { ca: '/all.pem' },
      balance: 'trace',
      others: [
        {
          url: 'https://b/in',
          headers: {
            'x-tenant': 't',
            'x-key': 'key-of-b',
            authorization: `Basic ${Buffer.from('ann:s3cret-of-b').toString('base64')}`,
          },
          tls: { ca: '/b.pem' },
        },
      ],
    });
    expect(target.others?.[0]?.secrets).toContain('key-of-b');
  });

  it('is one endpoint if the list has one', () => {
    expect(targetOf(otlp({ endpoint: ['http://a'] }))).toEqual(targetOf(otlp({ endpoint: 'http://a' })));
  });

  it.each([
    ['http://x', 'option otlp must be {endpoint, …}'],
    [{ endpoints: [] }, 'option otlp has no "endpoints"'],
    [{ scores: 'drop' }, "option otlp.scores must be 'langfuse'"],
    [{ serviceName: 1 }, 'option otlp.serviceName must be a text'],
    [{ endpoint: 'ftp://user:s3cret@x' }, 'option otlp.endpoint must be an http(s) URL'],
    [{ endpoint: [] }, 'option otlp.endpoint must have 1 to 8 addresses, but has 0'],
    [{ endpoint: Array.from({ length: 9 }, (_, i) => `http://c${i}`) }, 'but has 9'],
    [{ endpoint: ['http://a', ''] }, 'option otlp.endpoint[1] must be an http(s) URL'],
    [{ endpoint: ['http://a', null] }, 'option otlp.endpoint[1] must be an http(s) URL'],
    [
      { endpoint: ['http://a', { url: 'http://b', header: { k: 's3cret' } }] },
      'option otlp.endpoint[1] has no "header"',
    ],
    [
      { endpoint: ['http://a', 'http://u:s3cret@a'] },
      'option otlp.endpoint must not have an address twice (a)',
    ],
    [
      { endpoint: ['http://a', { url: 'http://b', headers: { 'x-api-key': 's3cret\n漢' } }] },
      'option otlp.endpoint[1].headers has a value for "x-api-key" that no HTTP header can carry',
    ],
  ])('that cannot be used is an error, and nothing is traced: %o', (given, text) => {
    const { engine, faults, problems } = otlp(given as object);
    expect(engine).toBeUndefined();
    expect(faults.join('\n')).toContain(text);
    for (const fault of faults) expect(fault).toMatch(/; nothing is traced$/);
    expect([...faults, ...problems].join('\n')).not.toContain('s3cret');
  });

  it('warns of a word that balance does not have, and of a protocol that it does not speak', () => {
    const { engine, problems } = otlp(
      { endpoint: ['http://a', 'http://b'], balance: 'random' },
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    );
    expect(engine?.exporter.options).toMatchObject({ otlp: { balance: 'failover' } });
    expect(problems.join('\n')).toContain('option otlp.balance must be one of failover, trace');
    expect(problems.join('\n')).toContain('OTEL_EXPORTER_OTLP_PROTOCOL must be one of http/protobuf');
  });

  it('names options that it ignores, and otlp without it', () => {
    const ignoring = resolve({ mediaUpload: true, additionalHeaders: { a: 'b' } });
    expect(ignoring.problems).toEqual(["additionalHeaders, mediaUpload: ignored with exporter: 'otlp'"]);
    const without = resolveConfig({ otlp: {}, publicKey: 'pk', secretKey: 'sk' }, {}, '1.0.0');
    expect(without.problems).toEqual(["otlp: ignored without exporter: 'otlp'"]);
  });
});

describe('scores', () => {
  const LANGFUSE = { baseUrl: 'http://lf/', publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' };

  it('go nowhere by default, though there are keys', () => {
    expect(resolve(LANGFUSE).engine?.exporter.options).not.toHaveProperty('langfuse');
  });

  it('go to the server of Langfuse if they are to, and updates of traces as well', () => {
    const config = resolve({
      ...LANGFUSE,
      otlp: { scores: 'langfuse' },
      additionalHeaders: { 'X-Proxy': 'p' },
    });
    expect([...config.problems, ...config.faults]).toEqual([]);
    expect(config.protocol).toBe('otel');
    expect(config.engine?.exporter.options).toMatchObject({
      langfuse: {
        baseUrl: 'http://lf',
        publicKey: 'pk-lf-1',
        secretKey: 'sk-lf-1',
        additionalHeaders: { 'X-Proxy': 'p' },
      },
    });
  });

  it.each([
    [{ baseUrl: 'nowhere' }, 'baseUrl must be'],
    [{ additionalHeaders: { 'x-api-key': 's3cret\n漢' } }, 'additionalHeaders has a value for "x-api-key"'],
    [{ secretKey: 'sk-lf-…' }, 'secretKey is a placeholder'],
  ])('are not sent to a server that cannot be reached as it is meant: %o', (wrong, text) => {
    const { engine, problems } = resolve({ ...LANGFUSE, otlp: { scores: 'langfuse' }, ...wrong });
    expect(engine?.exporter.options).not.toHaveProperty('langfuse');
    expect(problems.join('\n')).toContain(text);
    expect(problems.join('\n')).not.toContain('s3cret');
  });

  it('are not sent without keys, which a warning says; spans are', () => {
    const { engine, problems } = resolve({ otlp: { scores: 'langfuse' } });
    expect(engine?.exporter.options).not.toHaveProperty('langfuse');
    expect(problems).toEqual([
      expect.stringMatching(/^option otlp\.scores: no publicKey .*; scores are not sent$/),
    ]);
  });
});
