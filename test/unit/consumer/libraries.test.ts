/** How the worker takes its libraries: what it relies on in their packages. */
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';

const require = createRequire(import.meta.url);

it('undici has a client that can be loaded without the rest', () => {
  require('undici/lib/dispatcher/agent.js');
  require('undici/lib/api/api-request.js');
  expect(Object.keys(require.cache).some((file) => file.endsWith('undici/lib/web/fetch/index.js'))).toBe(
    false,
  );
});

it('piscina has the parts by which it is loaded in steps', () => {
  const requireInPiscina = createRequire(require.resolve('piscina'));
  for (const part of ['./task_queue', './worker_pool']) expect(requireInPiscina(part)).toBeTypeOf('object');
});
