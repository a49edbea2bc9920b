/** The command line of `tailrace forward`. */
import { describe, expect, it } from 'vitest';
import { parseArguments, UsageError } from '../../../../src/cli/arguments.js';
import type { ForwardOptions } from '../../../../src/cli/forward/arguments.js';
import { openTarget } from '../../../../src/cli/forward/destination.js';

const FROM = ['--from', 'redis://127.0.0.1:6379'];

function optionsOf(...words: string[]): ForwardOptions {
  const command = parseArguments(['forward', ...words]);
  if (command.name !== 'forward') throw new Error(command.name);
  return command.options;
}

describe('the command line of forward', () => {
  it('has defaults for all but the two ends', () => {
    const { from, ...options } = optionsOf('--to', 'langfuse', ...FROM);
    expect(options).toMatchObject({
      to: 'langfuse',
      group: 'tailrace',
      maxDead: 10_000,
      maxAttempts: 10,
      replayDead: false,
      inFlight: 8,
      claimAfterMs: 60_000,
      scores: 'dead',
      metricsPort: undefined,
      metricsHost: '127.0.0.1',
    });
    expect(from({})).toMatchObject({
      kind: 'redis',
      redis: {
        addresses: [{ host: '127.0.0.1', port: 6379 }],
        stream: 'tailrace',
        shards: 1,
        topology: 'single',
      },
    });
  });

  it('takes several addresses, for a cluster or sentinels, and certificates', () => {
    const two = ['--from', 'rediss://a:1', '--from', 'rediss://b:2', '--to', 'otlp'];
    expect(optionsOf(...two, '--shards', '4', '--redis-ca', 'ca.pem').from({})).toMatchObject({
      redis: { topology: 'cluster', isTls: true, shards: 4, tls: { ca: 'ca.pem' } },
    });
    expect(optionsOf(...two, '--sentinel', 'main').from({})).toMatchObject({
      redis: { topology: 'sentinel' },
    });
  });

  it('takes servers of NATS, with credentials and certificates', () => {
    const two = ['--from', 'nats://a', '--from', 'nats://b:2', '--to', 'otlp'];
    const words = ['--stream', 'traces', '--credentials', 'f.creds', '--nats-ca', 'ca.pem'];
    expect(optionsOf(...two, ...words).from({})).toMatchObject({
      kind: 'nats',
      nats: {
        addresses: [
          { host: 'a', port: 4222 },
          { host: 'b', port: 2 },
        ],
        stream: 'traces',
        credentials: 'f.creds',
        isTls: true,
        tls: { ca: 'ca.pem' },
      },
    });
    const { from } = optionsOf('--to', 'otlp', '--nkey', 'seed.nk');
    expect(from({ NATS_URL: 'nats://127.0.0.1' })).toMatchObject({ kind: 'nats', nats: { nkey: 'seed.nk' } });
  });

  it('has the address from the environment if it is not given, which hides a password from others', () => {
    const { from } = optionsOf('--to', 'otlp');
    expect(from({ REDIS_URL: 'redis://me:secret@h:1/2' })).toMatchObject({
      redis: { username: 'me', password: 'secret', database: 2 },
    });
    expect(from({ NATS_URL: 'nats://t0ken@h' })).toMatchObject({ nats: { token: 't0ken' } });
    expect(() => from({})).toThrow('neither it nor REDIS_URL nor NATS_URL is given');
  });

  it.each([
    [
      ['--to', 'file', ...FROM],
      '--to must be langfuse, otlp or clickhouse://HOST:PORT/DATABASE, but got: "file"',
    ],
    [FROM, '--to must be langfuse, otlp or clickhouse://HOST:PORT/DATABASE, but is not given'],
    [['--to', 'otlp', '--scores', 'x'], '--scores must be langfuse, dead or drop, but got: "x"'],
    [['--to', 'langfuse', '--endpoint', 'http://x'], '--endpoint is for --to otlp alone'],
    [['--to', 'langfuse', '--scores', 'drop'], '--scores is for --to otlp alone'],
    [['--to', 'otlp', '--claim-after', '0'], '--claim-after must be a whole number from 1 to 86400'],
    [['--to', 'otlp', '--in-flight', 'x'], '--in-flight must be a whole number from 1 to 1000'],
    [['--to', 'otlp', '--group', ''], '--group must be a name, but got: ""'],
    [['--to', 'otlp', '--metrics-port', '65536'], '--metrics-port must be a whole number from 0 to 65535'],
    [['--to', 'otlp', 'more'], 'one argument too many: "more"'],
    [['--to', 'otlp', '--prefix', 'x_'], '--prefix is for --to clickhouse alone'],
    [['--to', 'clickhouse://h/db', '--scores', 'drop'], '--scores is for --to otlp alone'],
    [['--to', 'clickhouse://h/db', '--ttl-days', '0'], '--ttl-days must be a whole number from 1 to 36500'],
    [['--to', 'otlp', '--form', 'x'], "Unknown option '--form'"],
  ])('refuses %j', (words, message) => {
    expect(() => optionsOf(...words)).toThrow(UsageError);
    expect(() => optionsOf(...words)).toThrow(message);
  });

  it.each([
    [['--from', 'http://user:secret@x'], '--from must be redis://…, rediss://…, nats://… or tls://…; see'],
    [[...FROM, '--from', 'rediss://x'], '--from must have one protocol'],
    [[...FROM, '--cluster', '--sentinel', 'x'], 'it must be one'],
    [[...FROM, '--stream', ''], '--stream must be a text'],
    [[...FROM, '--from', 'nats://x'], '--from must be servers of one kind, Redis or NATS'],
    [[...FROM, '--nkey', 'x'], '--nkey is for nats:// and tls:// alone'],
    [['--from', 'redis://x', '--redis-ca', 'ca.pem'], '--from must be rediss://…'],
    [['--from', 'nats://x', '--shards', '2'], '--shards is for redis:// and rediss:// alone'],
    [['--from', 'nats://x', '--stream', 'a.b'], '--stream must be a name of letters, digits, - and _'],
    [['--from', 'nats://x', '--group', 'a.b'], '--group must be a name of letters, digits, - and _'],
    [['--from', 'nats://user:secret@x', '--nkey', 'y'], 'it must be one'],
  ])('refuses the source %j, without showing a password', (words, message) => {
    const { from } = optionsOf('--to', 'otlp', ...words);
    expect(() => from({})).toThrow(UsageError);
    expect(() => from({})).toThrow(message);
    expect(() => from({})).not.toThrow('secret');
  });

  it('explains itself, whatever else is wrong', () => {
    expect(parseArguments(['forward', '--help'])).toEqual({ name: 'help', of: 'forward', isAsked: true });
    expect(parseArguments(['help', 'forward'])).toMatchObject({ of: 'forward' });
  });
});

describe('the target', () => {
  const open = (words: string[], env: Record<string, string> = {}) =>
    openTarget(optionsOf(...FROM, ...words), env, () => {});
  const KEYS = { LANGFUSE_PUBLIC_KEY: 'pk', LANGFUSE_SECRET_KEY: 'sk' };

  it('is the server that options name, else the environment, else the usual one', async () => {
    const langfuse = ['--to', 'langfuse'];
    const targets = [
      open([...langfuse, '--base-url', 'http://a:1/'], { ...KEYS, LANGFUSE_BASE_URL: 'http://b:2' }),
      open(langfuse, { ...KEYS, LANGFUSE_BASE_URL: 'http://b:2' }),
      open(langfuse, KEYS),
      open(['--to', 'otlp', '--endpoint', 'http://c:3'], { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://d:4/base' }),
      open(['--to', 'otlp'], { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://d:4/base' }),
      open(['--to', 'otlp']),
    ];
    expect(targets.map(({ url }) => url)).toEqual([
      'http://a:1',
      'http://b:2',
      'https://cloud.langfuse.com',
      'http://c:3/v1/traces',
      'http://d:4/base/v1/traces',
      'http://localhost:4318/v1/traces',
    ]);
    await Promise.all(targets.map((target) => target.close()));
  });

  it.each([
    [['--to', 'langfuse'], {}, 'no publicKey'],
    [['--to', 'otlp', '--scores', 'langfuse'], {}, 'give --public-key and --secret-key'],
    [['--to', 'langfuse', '--base-url', 'ftp://x'], KEYS, 'must be an http(s) URL'],
    [['--to', 'otlp', '--endpoint', 'x'], {}, 'must be an http(s) URL'],
    [['--to', 'otlp'], { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=a\u0001b' }, 'authorization'],
  ])('of %j with %j is refused', (words, env, message) => {
    expect(() => open(words, env)).toThrow(UsageError);
    expect(() => open(words, env)).toThrow(message);
  });

  it.each([
    [['clickhouse://h/db'], { url: 'http://h:8123/', database: 'db', username: 'default', password: '' }],
    [
      ['clickhouses://me:p%40ss@h:1', '--database', 'x', '--prefix', 't_', '--ttl-days', '9', '--no-migrate'],
      {
        url: 'https://h:1/',
        username: 'me',
        password: 'p@ss',
        database: 'x',
        tablePrefix: 't_',
        ttlDays: 9,
        migrate: false,
        asyncInsert: false,
      },
    ],
    [
      ['clickhouse', '--async-insert'],
      { url: 'http://env:2/', password: 'pw', migrate: true, asyncInsert: true },
    ],
  ])('is the ClickHouse server of %j', (words, expected) => {
    const env = { CLICKHOUSE_URL: 'http://env:2', CLICKHOUSE_PASSWORD: 'pw' };
    const isAddress = words[0] !== 'clickhouse';
    expect(optionsOf(...FROM, '--to', ...words).clickhouse(isAddress ? {} : env)).toMatchObject(expected);
  });

  it.each([
    [['clickhouse://me:s3cret@h/a/b']],
    [['clickhouse://me:s3cret@h/db?x=1']],
    [['clickhouse://me:s3cret@']],
    [['clickhouse://me:s3cret%zz@h']],
    [['clickhouse://me:s3cret@h/a.b']],
    [['http://me:s3cret@h']],
    [['clickhouse']],
  ])('that %j names is refused, without a password', (words) => {
    const refused = () => openTarget(optionsOf(...FROM, '--to', ...words), {}, () => {});
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow('--to');
    expect(refused).not.toThrow('s3cret');
  });

  it('of ClickHouse shows its address without a password, and skips updates of traces', async () => {
    const target = open(['--to', 'clickhouse://me:s3cret@h/db']);
    expect(target.url).toBe('http://h:8123/');
    expect(['spans', 'scores', 'trace updates'].map(target.skips)).toEqual([false, false, true]);
    await target.close();
  });

  it('of a collector skips updates of traces, and scores if they are to be dropped', async () => {
    const collector = ['--to', 'otlp', '--endpoint', 'http://c:3'];
    const [dead, drop, langfuse] = [
      open(collector),
      open([...collector, '--scores', 'drop']),
      open([...collector, '--scores', 'langfuse'], KEYS),
    ];
    const lanes = ['spans', 'scores', 'trace updates'];
    expect(lanes.map(dead.skips)).toEqual([false, false, true]);
    expect(lanes.map(drop.skips)).toEqual([false, true, true]);
    expect(lanes.map(langfuse.skips)).toEqual([false, false, false]);
    await Promise.all([dead, drop, langfuse].map((target) => target.close()));
  });
});
