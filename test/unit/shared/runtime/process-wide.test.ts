import { expect, it, vi } from 'vitest';
import { processWide } from '../../../../src/shared/runtime/process-wide.js';

it('creates the state when it is first asked for, for all copies of the package', async () => {
  const made = processWide('test-once/1', () => ({ by: 'first' }));
  vi.resetModules();
  const other = await import('../../../../src/shared/runtime/process-wide.js');
  expect(other.processWide).not.toBe(processWide);
  expect(other.processWide('test-once/1', () => ({ by: 'second' }))).toBe(made);
  expect(other.processWide('test-once/2', () => ({ by: 'second' }))).toEqual({ by: 'second' });
});

it('is not listed among the globals', () => {
  processWide('test-hidden/1', () => ({}));
  expect(Object.getOwnPropertySymbols({ ...globalThis })).not.toContain(Symbol.for('tailrace.test-hidden/1'));
});
