import { expect, it } from 'vitest';
import { normalizedMessage, withoutVariables } from '../../../../src/receiver/page-api/error-message.js';

it.each([
  ['timeout after 1,200.5 ms', 'timeout after <n> ms'],
  ['no user 123e4567-e89b-12d3-a456-426614174000', 'no user <id>'],
  ['call_a1B2c3D4 failed (0af7651916cd43dd)', '<id> failed (<id>)'],
  ['at 2026-01-15T12:00:00.123Z: HTTP 503', 'at <time>: HTTP <n>'],
  ['  two\n lines ', 'two lines'],
  ['order #W2611340, -x1y2z3w4- or a1-, item-no', 'order <id>, -<id>- or a<n>-, item-no'],
  ['Error: invalid_argument', 'Error: invalid_argument'],
  ['', ''],
])('%j is %j', (message, normalized) => expect(normalizedMessage(message)).toBe(normalized));

it('takes a bounded part of a long one', () => {
  for (const part of ['a1', '1-', 'é', '0x', 'a-1_']) {
    expect(normalizedMessage(part.repeat(1_000_000)).length).toBeLessThanOrEqual(300);
  }
});

it('takes linear time: a word of 500,000 parts, which a look ahead from each part would never end with', () => {
  for (const part of ['a-', '-a', 'a--', '#a-', '1.', '1-']) {
    expect(withoutVariables(part.repeat(500_000))).not.toContain('id');
  }
});
