import { describe, expect, it } from 'vitest';
import { isLoopback } from '../../../../src/receiver/http/access.js';

describe('loopback', () => {
  it.each(['127.0.0.1', '127.8.9.10', 'localhost', 'LOCALHOST', '::1', '[::1]'])('is %s', (host) =>
    expect(isLoopback(host)).toBe(true),
  );
  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    'example.com',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '127.1',
    '',
  ])('is not %s', (host) => expect(isLoopback(host)).toBe(false));
});
