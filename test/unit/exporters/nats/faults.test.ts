/** What errors of NATS mean: tried again, and named without their texts. */
import { jserrors } from '@nats-io/jetstream/internal';
import { errors } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { isFull, isTooLarge, readFault } from '../../../../src/exporters/nats/faults.js';
import { LoginUnreadable } from '../../../../src/exporters/nats/login.js';
import { PackageMissing } from '../../../../src/exporters/streams/faults.js';

const api = (err_code: number, description = 'secret') =>
  new jserrors.JetStreamApiError({ code: 503, err_code, description });
const failed = (cause: Error) => new errors.RequestError('secret', { cause });

describe('an error', () => {
  it.each([
    [api(10023), 'has no room left (JetStream error 10023)', false, false],
    [api(10065), 'has another stream for the subjects (JetStream error 10065)', true, false],
    [api(12345), 'does not take the batch (JetStream error 12345)', false, false],
    [
      failed(new errors.PermissionViolationError('secret', 'publish', 'secret')),
      'does not let this user use a subject',
      true,
      false,
    ],
    [
      new jserrors.JetStreamNotEnabled('secret', { cause: failed(new errors.NoRespondersError('secret')) }),
      'has no stream for the subject, or no JetStream',
      true,
      false,
    ],
    [new jserrors.JetStreamNotEnabled('secret', { cause: api(10039) }), 'for this account', true, false],
    [new errors.AuthorizationError('secret'), 'does not take the user, token or credentials', true, true],
    [new errors.UserAuthenticationExpiredError('secret'), 'they have expired', true, true],
    [new errors.TimeoutError(), 'does not answer (TimeoutError)', false, true],
    [failed(new errors.ConnectionError('secret')), 'has cut the connection', false, true],
    [new errors.ClosedConnectionError(), 'has cut the connection (ClosedConnectionError)', false, true],
    [
      new errors.ConnectionError('secret', {
        cause: Object.assign(new Error('secret'), { code: 'ECONNREFUSED' }),
      }),
      'refuses connections (ECONNREFUSED)',
      false,
      true,
    ],
    [new errors.ConnectionError("server does not support 'tls'"), 'does not speak TLS', true, true],
    [
      Object.assign(new Error('secret'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
      'is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)',
      true,
      true,
    ],
    [new Error('secret'), 'does not take the batch (unknown error)', false, true],
    [undefined, 'does not take the batch', false, true],
  ])('%s', (error, text, misconfigured, isBroken) => {
    const fault = readFault(error, 'host:1');
    expect(fault).toMatchObject({ outcome: { kind: 'retryable', misconfigured }, isBroken });
    expect(fault.outcome.reason).toContain(text);
    expect(fault.outcome.reason).toContain('nats host:1');
    expect(JSON.stringify(fault)).not.toContain('secret');
  });

  it('of missing packages and unreadable credentials says what to do', () => {
    expect(readFault(new PackageMissing(['a', 'b']), 'host:1').outcome).toEqual({
      kind: 'retryable',
      reason: 'the packages a and b are not installed: npm install a b (its events wait)',
      misconfigured: true,
    });
    expect(readFault(new LoginUnreadable('nats.nkey cannot be read (ENOENT)'), 'h').outcome).toMatchObject({
      reason: 'nats.nkey cannot be read (ENOENT) (its events wait)',
      misconfigured: true,
    });
  });

  it('says that the stream is full, or the batch too large', () => {
    expect(isFull(api(10077, 'maximum bytes exceeded'))).toBe(true);
    expect(isFull(api(10077, 'maximum messages exceeded'))).toBe(true);
    expect(isFull(api(10077, 'no space left on device'))).toBe(false);
    expect(isFull(api(10023, 'maximum bytes exceeded'))).toBe(false);
    expect(isTooLarge(api(10054))).toBe(true);
    expect(isTooLarge(new errors.InvalidArgumentError("'payload' max_payload size exceeded"))).toBe(true);
    expect(isTooLarge(api(10077))).toBe(false);
  });
});
