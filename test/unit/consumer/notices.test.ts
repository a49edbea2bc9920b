/** What the consumer tells: a topic now and then, whatever the number of topics. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createNotices } from '../../../src/consumer/notices.js';
import { message, type WarningMessage } from '../../../src/messages/message.js';
import type { Notice } from '../../../src/shared/contract/control.js';

vi.mock(
  import('../../../src/shared/runtime/real-time.js'),
  () => import('../../support/mocked-time.js') as never,
);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function warning(text: string): WarningMessage {
  return message('TAILRACE_EXPORTER_WARNING', text);
}

function collect() {
  const posted: Notice[] = [];
  return {
    posted,
    notices: createNotices(
      0,
      (notice) => posted.push(notice),
      () => 0,
    ),
  };
}

it('says a topic once in 30 s, with the number of those that were left out', () => {
  const { posted, notices } = collect();
  for (let i = 0; i < 3; i++) notices.warning(warning(`message ${i}`), 'one');
  expect(posted).toEqual([
    { kind: 'warning', ring: 0, code: 'TAILRACE_EXPORTER_WARNING', text: 'message 0' },
  ]);
  vi.advanceTimersByTime(29_999);
  expect(notices.warning(warning('too soon'), 'one')).toBe(false);
  vi.advanceTimersByTime(1);
  expect(notices.warning(warning('again'), 'one')).toBe(true);
  expect(posted).toEqual([
    { kind: 'warning', ring: 0, code: 'TAILRACE_EXPORTER_WARNING', text: 'message 0' },
    { kind: 'warning', ring: 0, code: 'TAILRACE_EXPORTER_WARNING', text: expect.stringMatching(/^again.*3/) },
  ]);
});

it('remembers no more than the topics that were said last', () => {
  const { posted, notices } = collect();
  for (let i = 0; i < 1_000; i++) notices.warning(warning(`message ${i}`), `topic ${i}`);
  posted.length = 0;
  expect(notices.warning(warning('known'), 'topic 999')).toBe(false);
  expect(notices.warning(warning('forgotten'), 'topic 0')).toBe(true);
  expect(posted).toEqual([
    { kind: 'warning', ring: 0, code: 'TAILRACE_EXPORTER_WARNING', text: 'forgotten' },
  ]);
});
