/** The option `clickhouse`: what it becomes, and what is wrong with it, without a word of an address that may hold a password. */
import { describe, expect, it } from 'vitest';
import { resolveClickhouse } from '../../../src/config/clickhouse-options.js';
import { resolveConfig } from '../../../src/config/client-config.js';
import type { TailraceOptions } from '../../../src/config/options/client.js';

describe('the option clickhouse', () => {
  it('has defaults for all but the address', () => {
    expect(resolveClickhouse({ url: 'http://host:8123' }, {})).toEqual({
      url: 'http://host:8123/',
      database: 'default',
      username: 'default',
      password: '',
      tablePrefix: 'tailrace_',
      asyncInsert: false,
      migrate: true,
    });
  });

  it('takes what is not given from the variables', () => {
    const env = {
      CLICKHOUSE_URL: 'https://host:8443',
      CLICKHOUSE_DB: 'traces',
      CLICKHOUSE_USER: 'tracer',
      CLICKHOUSE_PASSWORD: ' s3cret ',
    };
    expect(resolveClickhouse(undefined, env)).toMatchObject({
      url: 'https://host:8443/',
      database: 'traces',
      username: 'tracer',
      password: 's3cret',
    });
    expect(
      resolveClickhouse({ url: 'http://own:8123', database: 'd', username: 'u', password: '' }, env),
    ).toMatchObject({ url: 'http://own:8123/', database: 'd', username: 'u', password: '' });
  });

  it('takes user and password from the address, decoded, and leaves them and the query out of it', () => {
    expect(resolveClickhouse({ url: 'https://us%3Aer:p%40ss@host/path?database=x' }, {})).toMatchObject({
      url: 'https://host/path',
      username: 'us:er',
      password: 'p@ss',
    });
  });

  it.each([
    ['http://x', 'must be {url, …}'],
    [null, 'must be {url, …}'],
    [{}, 'or the variable CLICKHOUSE_URL must be set'],
    [{ url: 'clickhouse://user:s3cret@host' }, 'clickhouse.url must be'],
    [{ url: 'http://user:%zzs3cret@host' }, 'clickhouse.url must be'],
    [{ url: 'http://a', database: 'x`; DROP s3cret' }, 'clickhouse.database must be'],
    [{ url: 'http://a', tablePrefix: 's3cret.' }, 'clickhouse.tablePrefix must be'],
    [{ url: 'http://a', username: 's3cret\n' }, 'clickhouse.username must be'],
    [{ url: 'http://a', password: 's3cret\r\n' }, 'clickhouse.password must be'],
    [{ url: 'http://a', ttlDays: 0 }, 'clickhouse.ttlDays must be'],
    [{ url: 'http://a', ttlDays: 1.5 }, 'clickhouse.ttlDays must be'],
    [{ url: 'http://a', asyncInsert: 'yes' }, 'clickhouse.asyncInsert must be'],
    [{ url: 'http://a', migrate: 0 }, 'clickhouse.migrate must be'],
    [{ url: 'http://a', tls: { key: 1, pem: 's3cret' } }, 'clickhouse.tls must be'],
    [{ url: 'http://a', tls: { ca: 's3cret' } }, 'clickhouse.url must be https://'],
    [{ url: 'http://a', ttl: 2 }, 'option clickhouse has no'],
  ])('that is wrong is a fault: %o', (given, text) => {
    const { fault } = resolveClickhouse(given, {}) as { fault: string };
    expect(fault).toContain(text);
    expect(fault).not.toContain('s3cret');
  });
});

describe("a client with exporter: 'clickhouse'", () => {
  const resolve = (options: TailraceOptions) => resolveConfig(options, {}, '1.0.0');

  it('needs no keys of Langfuse, and passes none on', () => {
    const { engine, protocol, problems, faults } = resolve({
      exporter: 'clickhouse',
      clickhouse: { url: 'http://a' },
    });
    expect([...problems, ...faults]).toEqual([]);
    // Each record is whole: the last one wins, as on Langfuse 4, and no updates go beside it.
    expect(protocol).toBeNull();
    expect(engine?.exporter).toMatchObject({ url: 'clickhouse', options: { mediaUpload: false } });
    expect(Object.keys(engine?.exporter.options as object)).not.toContain('baseUrl');
  });

  it('traces nothing if the option cannot be used, and says so', () => {
    const { engine, faults } = resolve({ exporter: 'clickhouse' });
    expect(engine).toBeUndefined();
    expect(faults).toEqual([expect.stringContaining('option clickhouse.url must be')]);
  });

  it('names options of Langfuse that it ignores, and clickhouse without it', () => {
    const ignoring = resolve({ exporter: 'clickhouse', clickhouse: { url: 'http://a' }, mediaUpload: true });
    expect(ignoring.problems).toEqual(["mediaUpload: ignored with exporter: 'clickhouse'"]);
    const without = resolve({ clickhouse: { url: 'http://a' }, publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' });
    expect(without.problems).toEqual(["clickhouse: ignored without exporter: 'clickhouse'"]);
  });
});
