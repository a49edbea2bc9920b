/** A process that was about to end, and goes on: what was due for its last flush is over with that. */
import { expect, it } from 'vitest';
import { asLangfuse } from '../support/clients.js';
import { ended, spanIds, start, startServer } from '../support/processes.js';
import { status } from '../support/sink.js';

it('tries on what a server refuses the keys of, after it gave that up at its natural end', async () => {
  const sink = await startServer((request, response, index) =>
    (index < 2 ? status(401) : asLangfuse)(request, response, index),
  );
  const program = `make(5);
    process.on('beforeExit', async () => {
      const { failed, accepted, pending } = client.stats();
      if (pending > 0 || accepted > 5) return;
      make(1);
      await client.flush();
    });`;
  const result = await ended(start(sink.url, program, { logLevel: 'none', exitTimeoutMs: 50_000 }));
  expect(JSON.parse(result.stdout)).toMatchObject({ accepted: 6, failed: 5, sent: 1, pending: 0 });
  expect(spanIds(sink).slice(-1)).toHaveLength(1);
});
