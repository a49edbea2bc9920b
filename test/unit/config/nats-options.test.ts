/** The option `nats`: what it becomes, and what is wrong with it, without a word of an address that may hold a password. */
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/client-config.js';
import { resolveNats } from '../../../src/config/nats-options.js';
import type { TailraceOptions } from '../../../src/config/options/client.js';

describe('the option nats', () => {
  it('has defaults for all but the address', () => {
    expect(resolveNats({ url: 'nats://host' })).toEqual({
      addresses: [{ host: 'host', port: 4222 }],
      isTls: false,
      stream: 'tailrace',
      subject: 'tailrace',
      shards: 1,
      create: true,
      maxBytes: 1_073_741_824,
      full: 'refuse',
      duplicateWindowMs: 120_000,
      storage: 'file',
      replicas: 1,
    });
  });

  it('takes user, password and TLS from the address, and several addresses', () => {
    expect(resolveNats({ url: ['tls://us%3Aer:p%40ss@[::1]:7000', 'tls://b'] })).toMatchObject({
      addresses: [
        { host: '::1', port: 7000 },
        { host: 'b', port: 4222 },
      ],
      isTls: true,
      username: 'us:er',
      password: 'p@ss',
    });
  });

  it('takes a name without a password for a token', () => {
    const target = resolveNats({ url: 'nats://t0k%20en@host' });
    expect(target).toMatchObject({ token: 't0k en' });
    expect(target).not.toHaveProperty('username');
  });

  it('asks for TLS if certificates are given, whatever the address says', () => {
    expect(resolveNats({ url: 'nats://a', tls: { ca: 'ca.pem' } })).toMatchObject({ isTls: true });
    expect(resolveNats({ url: 'nats://a', tls: {} })).toMatchObject({ isTls: false });
  });

  it('begins its subjects with the name of the stream, or as it is told', () => {
    expect(resolveNats({ url: 'nats://a', stream: 'traces' })).toMatchObject({ subject: 'traces' });
    expect(resolveNats({ url: 'nats://a', subject: 'llm.traces' })).toMatchObject({
      stream: 'tailrace',
      subject: 'llm.traces',
    });
  });

  it.each([
    [undefined, 'must be {url, …}'],
    ['nats://x', 'must be {url, …}'],
    [{}, 'nats.url must be'],
    [{ url: [] }, 'nats.url must be'],
    [{ url: 'redis://user:s3cret@host' }, 'nats.url must be'],
    [{ url: 'nats://user:%zzs3cret@host' }, 'nats.url must be'],
    [{ url: ['nats://a', 'tls://b'] }, 'one protocol'],
    [{ url: 'nats://user:s3cret@host/path' }, 'end with the host or the port'],
    [{ url: 'nats://user:s3cret@a', nkey: 'SUs3cret' }, 'it must be one'],
    [{ url: 'nats://a', nkey: 'SUs3cret', credentials: 's3cret' }, 'it must be one'],
    [{ url: 'nats://a', nkey: ['s3cret'] }, 'nats.nkey must be'],
    [{ url: 'nats://a', credentials: 7 }, 'nats.credentials must be'],
    [{ url: 'nats://a', stream: 'a.b' }, 'nats.stream must be'],
    [{ url: 'nats://a', subject: 'a.*' }, 'nats.subject must be'],
    [{ url: 'nats://a', shards: 0 }, 'nats.shards must be'],
    [{ url: 'nats://a', create: 'no' }, 'nats.create must be'],
    [{ url: 'nats://a', maxBytes: 0.5 }, 'nats.maxBytes must be'],
    [{ url: 'nats://a', full: 'drop' }, 'nats.full must be'],
    [{ url: 'nats://a', duplicateWindow: 0 }, 'nats.duplicateWindow must be'],
    [{ url: 'nats://a', storage: 'disk' }, 'nats.storage must be'],
    [{ url: 'nats://a', replicas: 6 }, 'nats.replicas must be'],
    [{ url: 'nats://a', producer: 'a\nb' }, 'nats.producer must be'],
    [{ url: 'nats://a', tls: { pem: 's3cret' } }, 'nats.tls must be'],
    [{ url: 'nats://a', streams: 2 }, 'option nats has no'],
  ])('cannot be %j', (given, text) => {
    const { fault } = resolveNats(given) as { fault: string };
    expect(fault).toContain(text);
    expect(fault).not.toContain('s3cret');
  });
});

describe("a client with exporter: 'nats'", () => {
  const resolve = (options: TailraceOptions) => resolveConfig(options, {}, '1.0.0');

  it('needs no keys, and sends spans', () => {
    const { engine, protocol, problems, faults } = resolve({ exporter: 'nats', nats: { url: 'nats://a' } });
    expect({ problems, faults, protocol }).toEqual({ problems: [], faults: [], protocol: 'otel' });
    expect(engine?.exporter).toMatchObject({
      url: 'nats',
      options: { protocol: 'otel', mediaUpload: false, nats: { stream: 'tailrace' } },
    });
  });

  it('traces nothing if the option cannot be used', () => {
    const { engine, faults } = resolve({ exporter: 'nats' });
    expect(engine).toBeUndefined();
    expect(faults).toEqual([expect.stringContaining('option nats must be {url, …}')]);
  });

  it('names options of Langfuse that it ignores, and nats without it', () => {
    const ignoring = resolve({ exporter: 'nats', nats: { url: 'nats://a' }, mediaUpload: true });
    expect(ignoring.problems).toEqual(["mediaUpload: ignored with exporter: 'nats'"]);
    const without = resolve({ nats: { url: 'nats://a' }, publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' });
    expect(without.problems).toEqual(["nats: ignored without exporter: 'nats'"]);
  });
});
