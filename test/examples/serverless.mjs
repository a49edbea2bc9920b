/**
 * A serverless function: between two calls the platform may freeze the process, or end it. So each call flushes: where
 * there is a `waitUntil`, after the answer, else before it. `flush()` never rejects.
 */
import { startActiveObservation, Tailrace } from 'tailrace';

const tailrace = new Tailrace({ flushTimeoutMs: 5_000 });

export async function handler(event, context) {
  const answer = await startActiveObservation('call', async (span) => {
    span.update({ input: event });
    return `hello ${event.name}`;
  });
  if (context?.waitUntil) context.waitUntil(tailrace.flush());
  else await tailrace.flush();
  return answer;
}
