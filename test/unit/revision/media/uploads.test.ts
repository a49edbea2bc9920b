/** What waits to be uploaded is bounded. */
import { expect, it } from 'vitest';
import { mediaOfBytes } from '../../../../src/revision/media/content.js';
import { createMediaQueue } from '../../../../src/revision/media/uploads.js';

const place = { traceId: 't', observationId: undefined, field: 'input' } as const;
const mediaOf = (seed: number, heldBytes: number) => ({
  ...mediaOfBytes('image/png', Buffer.from(`image ${seed}`)),
  heldBytes,
});
const half = 64 * 1024 * 1024;

it('content in memory beyond 128 MiB has failed at once, until there is room again', async () => {
  const failures: string[] = [];
  const answers: (() => void)[] = [];
  const queue = createMediaQueue(
    () => new Promise((resolve) => answers.push(() => resolve(undefined))),
    (_, reason) => failures.push(reason),
  );
  const uploads = [queue.add(mediaOf(1, half), place), queue.add(mediaOf(2, half), place)];
  expect(queue.add(mediaOf(3, 1), place)).toBeUndefined();
  expect(failures).toEqual([`${2 * half} bytes are waiting to be uploaded already`]);
  // A file is not in memory.
  uploads.push(queue.add(mediaOf(4, 0), place));
  expect(failures).toHaveLength(1);
  while (answers.length < uploads.length) await new Promise(setImmediate);
  for (const answer of answers) answer();
  await Promise.all(uploads);
  expect(queue.add(mediaOf(3, 1), place)).toBeInstanceOf(Promise);
  expect(failures).toHaveLength(1);
});
