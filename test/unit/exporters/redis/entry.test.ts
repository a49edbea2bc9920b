/** The entry of a batch in a stream of Redis: its fields, and what errors mean for it. */
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../../src/exporters/redis/entry.js';
import { outcomeOfFault } from '../../../../src/exporters/redis/faults.js';

it('an entry has its version first and its body last', () => {
  const entry = {
    lane: 'spans',
    contentType: 't',
    encoding: 'gzip',
    count: 2,
    id: 'i',
    producer: 'p',
  } as const;
  expect(fieldsOf({ ...entry, body: Buffer.from('b') })).toEqual([
    ...['v', '1', 'lane', 'spans', 'type', 't', 'encoding', 'gzip'],
    ...['count', '2', 'id', 'i', 'producer', 'p', 'body', Buffer.from('b')],
  ]);
});

describe('an error', () => {
  class SimpleError extends Error {}
  it.each([
    [new SimpleError('OOM command not allowed: secret'), 'has no memory left (maxmemory) (OOM)', false],
    [new SimpleError("NOPERM User bob has no permissions: 'secret'"), 'does not let this user run', true],
    [new SimpleError('ERR unknown command secret'), 'does not know a command that is needed (ERR)', true],
    [new SimpleError('ERR DB index is out of range'), 'does not have the database that the address', true],
    [new SimpleError('ERR secret'), 'does not take the batch (ERR)', false],
    [
      Object.assign(new Error('secret'), { code: 'ECONNREFUSED' }),
      'refuses connections (ECONNREFUSED)',
      false,
    ],
    [
      Object.assign(new Error(), { errors: [{ code: 'ENOTFOUND' }] }),
      'cannot be resolved (ENOTFOUND)',
      false,
    ],
    [Object.assign(new Error('secret'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'is not trusted', true],
    [new Error('secret'), 'does not take the batch (unknown error)', false],
    [undefined, 'does not take the batch', false],
  ])('is tried again, and is named without its text: %s', (error, text, misconfigured) => {
    const outcome = outcomeOfFault(error, 'host:1');
    expect(outcome).toMatchObject({
      kind: 'retryable',
      misconfigured,
      reason: expect.stringContaining(text),
    });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });
});
