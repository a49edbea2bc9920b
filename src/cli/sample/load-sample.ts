/** The sample of the page's button: the sample agent answers all customers once. */
import type { KeyPair } from '../../receiver/http/keys.js';
import { runSampleAgent } from './agent.js';
import { createLocalClient } from './local-client.js';

/** Resolves when the receiver has stored it. Rejects with the first problem. */
export async function loadSample(url: string, keys: KeyPair | undefined): Promise<void> {
  const client = createLocalClient(url, keys);
  const problems: string[] = [];
  for (const kind of ['error', 'drop'] as const) client.on(kind, (message: string) => problems.push(message));
  await client.ready();
  runSampleAgent(client);
  const { failed, dropped } = await client.shutdown();
  if (failed + dropped.total > 0)
    throw new Error(`the sample was not stored: ${problems[0] ?? 'unknown reason'}`);
}
