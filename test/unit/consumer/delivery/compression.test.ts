/** `compression: 'auto'` tells by the address whether bytes have to go far. */
import { describe, expect, it } from 'vitest';
import { createCompressionRule, isNear } from '../../../../src/consumer/delivery/compression.js';

describe('isNear', () => {
  it.each([
    ...[
      'http://localhost:3000',
      'http://127.0.0.1',
      'http://127.9.9.9/x',
      'http://[::1]:4318',
      'http://0.0.0.0',
    ],
    ...[
      'http://10.1.2.3',
      'https://192.168.0.1',
      'http://172.31.0.1',
      'http://169.254.1.1',
      'http://[fd12::1]',
    ],
    ...['http://langfuse-web:3000', 'http://langfuse.observability.svc.cluster.local', 'http://nas.local.'],
    ...[
      'https://langfuse.corp.internal',
      'http://app.localhost',
      'http://box.home.arpa',
      'http://[::ffff:10.0.0.1]',
    ],
  ])('%s is near', (url) => expect(isNear(url)).toBe(true));

  it.each([
    ...[
      'https://cloud.langfuse.com',
      'https://langfuse.example',
      'http://8.8.8.8',
      'http://[2606:4700::1111]',
    ],
    ...[
      'http://172.32.0.1',
      'https://localhost.example',
      'https://internal.example',
      'http://[::ffff:8.8.8.8]',
    ],
  ])('%s is far', (url) => expect(isNear(url)).toBe(false));
});

describe('a compression rule', () => {
  it('goes by the option, and with auto by each address', () => {
    const [near, far] = ['http://localhost/a', 'https://cloud.langfuse.com/a'] as const;
    const answers = (compression: 'auto' | 'gzip' | 'none') => {
      const rule = createCompressionRule(compression);
      return [near, far, far, near].map(rule);
    };
    expect(answers('auto')).toEqual([false, true, true, false]);
    expect(answers('gzip')).toEqual([true, true, true, true]);
    expect(answers('none')).toEqual([false, false, false, false]);
  });
});
