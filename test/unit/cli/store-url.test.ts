import { describe, expect, it } from 'vitest';
import { storeTarget } from '../../../src/cli/store-url.js';

describe('--store', () => {
  it.each([
    [
      'clickhouse://ada:s3cret%21@db.example:9123/traces?prefix=t_',
      {},
      {
        ...{ url: 'http://db.example:9123/', username: 'ada', password: 's3cret!' },
        ...{ database: 'traces', tablePrefix: 't_' },
      },
    ],
    [
      'clickhouses://db.example',
      { CLICKHOUSE_USER: 'bob', CLICKHOUSE_PASSWORD: 'p', CLICKHOUSE_DB: 'd' },
      {
        url: 'https://db.example:8443/',
        username: 'bob',
        password: 'p',
        database: 'd',
        tablePrefix: 'tailrace_',
      },
    ],
    [
      'clickhouse://[::1]',
      {},
      { url: 'http://[::1]:8123/', username: 'default', password: '', database: 'default' },
    ],
  ])('reads %s', (address, env, target) => {
    expect(storeTarget(address, env)).toMatchObject(target);
  });

  it.each([
    ['postgres://ada:s3cret@host/db', 'must be clickhouse://'],
    ['s3cret', 'must be clickhouse://'],
    ['clickhouse://ada:s3cret@host/a;b', '--store: database must be a name'],
    ['clickhouse://ada:s3cret@host/db?tls=s3cret', 'no other parameter'],
    ['clickhouse://ada:s3cret@host/db?prefix=%27', '--store: tablePrefix must be letters'],
  ])('refuses %s, and shows no part of it', (address, text) => {
    expect(() => storeTarget(address, {})).toThrow(text);
    expect(() => storeTarget(address, {})).not.toThrow('s3cret');
  });
});
