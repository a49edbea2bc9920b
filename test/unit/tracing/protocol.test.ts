/** The option `protocol`. */
import { expect, it } from 'vitest';
import { resolveProtocol } from '../../../src/tracing/protocol.js';

it('is otel unless it is said otherwise', () => {
  const problems: string[] = [];
  expect([undefined, 'otel', 'ingestion'].map((value) => resolveProtocol(value, problems))).toEqual([
    'otel',
    'otel',
    'ingestion',
  ]);
  expect(problems).toEqual([]);
});

it('names a value that it does not know', () => {
  const problems: string[] = [];
  expect(resolveProtocol('grpc', problems)).toBe('otel');
  expect(problems).toEqual(['option protocol must be one of otel, ingestion, but got: "grpc"; using otel']);
});
