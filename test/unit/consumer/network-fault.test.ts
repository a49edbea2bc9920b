/** Faults beneath HTTP that cannot be had on each version of Node.js. */
import { expect, it } from 'vitest';
import { networkFault } from '../../../src/consumer/network-fault.js';

it('names the flag that a process under --permission lacks', () => {
  const error = Object.assign(new Error('connect ERR_ACCESS_DENIED'), { code: 'ERR_ACCESS_DENIED' });
  expect(networkFault(error, 'https://langfuse.example.com/api?key=secret', 1_000)).toEqual({
    kind: 'retryable',
    reason:
      'this process may not connect to langfuse.example.com: Node.js runs with --permission and without --allow-net (ERR_ACCESS_DENIED: connect ERR_ACCESS_DENIED)',
    misconfigured: true,
  });
});
