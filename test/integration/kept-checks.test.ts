/** What the build may take for superfluous: calls that are made for what they throw. Bundlers know them as free of effects. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tailrace } from 'tailrace';
import { TailraceSpanProcessor } from 'tailrace/otel';
import { expect, it, vi } from 'vitest';
import { REPOSITORY } from '../support/programs.js';

it('a proxy whose password is not percent-encoded is a fault at construction', async () => {
  const errors: string[] = [];
  const keys = { publicKey: 'pk', secretKey: 'sk' };
  const logger = { error: (message: string) => void errors.push(message) };
  const client = new Tailrace({ ...keys, proxy: 'http://user:100%@127.0.0.1:9', logger });
  await client.shutdown();
  expect(errors).toEqual([
    expect.stringMatching(/option proxy must be the URL of an HTTP proxy.+but got: http:/),
  ]);
});

it('headers of the environment that are not percent-encoded stay as they are', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-key=100%');
  const processor = new TailraceSpanProcessor({ endpoint: 'http://127.0.0.1:9' });
  vi.unstubAllEnvs();
  await processor.shutdown();
});

it('no file has a call whose value nobody uses, of a function that only gives one or throws', () => {
  const unused =
    /^\s*(void )?(decodeURI|decodeURIComponent|encodeURI|encodeURIComponent|BigInt|JSON\.parse|new (URL|RegExp|Function))\(.*\);$/m;
  const files = readdirSync(join(REPOSITORY, 'src'), { recursive: true, encoding: 'utf8' });
  const found = files.filter(
    (name) => name.endsWith('.ts') && unused.test(readFileSync(join(REPOSITORY, 'src', name), 'utf8')),
  );
  expect(found).toEqual([]);
});
