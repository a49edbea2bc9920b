/** What the consumer tells: a topic now and then, whatever the number of topics. */
import { expect, it } from 'vitest';
import { createNotices } from '../../../src/consumer/notices.js';
import type { Notice } from '../../../src/shared/control.js';

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

it('says a topic once in a while', () => {
  const { posted, notices } = collect();
  for (let i = 0; i < 3; i++) notices.warning('one', `message ${i}`);
  expect(posted).toEqual([{ kind: 'warning', ring: 0, message: 'message 0' }]);
});

it('remembers no more than the topics that were said last', () => {
  const { posted, notices } = collect();
  for (let i = 0; i < 1_000; i++) notices.warning(`topic ${i}`, `message ${i}`);
  posted.length = 0;
  expect(notices.warning('topic 999', 'known')).toBe(false);
  expect(notices.warning('topic 0', 'forgotten')).toBe(true);
  expect(posted).toEqual([{ kind: 'warning', ring: 0, message: 'forgotten' }]);
});
