/** The option `redis`: what it becomes, and what is wrong with it, without a word of an address that may hold a password. */
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/client-config.js';
import type { TailraceOptions } from '../../../src/config/options/client.js';
import { resolveRedis } from '../../../src/config/redis-options.js';

describe('the option redis', () => {
  it('has defaults for all but the address', () => {
    expect(resolveRedis({ url: 'redis://host' })).toEqual({
      addresses: [{ host: 'host', port: 6379 }],
      isTls: false,
      database: 0,
      topology: 'single',
      stream: 'tailrace',
      shards: 1,
      maxLength: 10_000,
      full: 'refuse',
    });
  });

  it('takes user, password, port and database from the address, decoded', () => {
    expect(resolveRedis({ url: 'rediss://us%3Aer:p%40ss@[::1]:7000/3' })).toMatchObject({
      addresses: [{ host: '::1', port: 7000 }],
      isTls: true,
      username: 'us:er',
      password: 'p@ss',
      database: 3,
    });
  });

  it.each([
    [{ url: ['redis://a', 'redis://b:1'] }, 'cluster'],
    [{ url: 'redis://a', cluster: true }, 'cluster'],
    [{ url: ['redis://a', 'redis://b'], sentinel: 'main' }, 'sentinel'],
    [{ url: ['redis://a'] }, 'single'],
  ])('says what the addresses are: %o', (given, topology) => {
    expect(resolveRedis(given)).toMatchObject({ topology });
  });

  it.each([
    [undefined, 'must be {url, …}'],
    ['redis://x', 'must be {url, …}'],
    [{}, 'redis.url must be'],
    [{ url: [] }, 'redis.url must be'],
    [{ url: 'http://user:s3cret@host' }, 'redis.url must be'],
    [{ url: 'redis://user:%zzs3cret@host' }, 'redis.url must be'],
    [{ url: ['redis://a', 'rediss://b'] }, 'one protocol'],
    [{ url: 'redis://user:s3cret@host/main' }, 'number, that of the database'],
    [{ url: ['redis://a', 'redis://b'], cluster: false }, 'neither cluster nor sentinel'],
    [{ url: 'redis://a', cluster: true, sentinel: 'm' }, 'it must be one'],
    [{ url: 'redis://a', shards: 0 }, 'redis.shards must be'],
    [{ url: 'redis://a', shards: 1.5 }, 'redis.shards must be'],
    [{ url: 'redis://a', maxLength: '10' }, 'redis.maxLength must be'],
    [{ url: 'redis://a', full: 'drop' }, 'redis.full must be'],
    [{ url: 'redis://a', stream: ' ' }, 'redis.stream must be'],
    [{ url: 'redis://a', tls: { key: 1, pem: 's3cret' } }, 'redis.tls must be'],
    [{ url: 'redis://a', tls: { ca: 's3cret' } }, 'redis.url must be rediss://'],
    [{ url: 'rediss://a', tls: [] }, 'redis.tls must be'],
    [{ url: 'redis://a', streams: 2 }, 'option redis has no'],
  ])('that is wrong is a fault: %o', (given, text) => {
    const { fault } = resolveRedis(given) as { fault: string };
    expect(fault).toContain(text);
    expect(fault).not.toContain('s3cret');
  });
});

describe("a client with exporter: 'redis'", () => {
  const resolve = (options: TailraceOptions) => resolveConfig(options, {}, '1.0.0');

  it('needs no keys of Langfuse, and passes none on', () => {
    const { engine, problems, faults } = resolve({ exporter: 'redis', redis: { url: 'redis://a' } });
    expect([...problems, ...faults]).toEqual([]);
    expect(engine?.exporter).toMatchObject({
      url: 'redis',
      options: { protocol: 'otel', mediaUpload: false },
    });
  });

  it('traces nothing if the option cannot be used, and says so', () => {
    const { engine, faults } = resolve({ exporter: 'redis' });
    expect(engine).toBeUndefined();
    expect(faults).toEqual([expect.stringContaining('option redis must be {url, …}')]);
  });

  it('names options of Langfuse that it ignores, and redis without it', () => {
    const ignoring = resolve({ exporter: 'redis', redis: { url: 'redis://a' }, mediaUpload: true });
    expect(ignoring.problems).toEqual(["mediaUpload: ignored with exporter: 'redis'"]);
    const without = resolve({ redis: { url: 'redis://a' }, publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' });
    expect(without.problems).toEqual(["redis: ignored without exporter: 'redis'"]);
  });
});
