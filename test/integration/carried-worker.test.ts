/** The build for bundlers: the worker comes out of the bundle, wherever the package was and whatever lies there by now. */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { spanIds, startServer } from '../support/processes.js';
import { createProgram, REPOSITORY, run } from '../support/programs.js';

const PROGRAM = `
import { Tailrace } from 'tailrace';

const messages = [];
const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: process.argv[2] });
for (const kind of ['warning', 'error', 'drop']) client.on(kind, (message) => messages.push(message));
client.span({ name: 'span' }).end();
const { sent } = await client.shutdown();
console.log(JSON.stringify({ sent, messages }));
`;

// webpack writes the address of the package's file into the bundle, where an update of the package may have come since.
it('starts no worker of another version that lies where the package was', async () => {
  const sink = await startServer();
  const folder = createProgram({ 'program.mjs': PROGRAM }, {});
  const copy = join(folder, 'node_modules/tailrace');
  for (const name of ['package.json', 'dist']) {
    cpSync(join(REPOSITORY, name), join(copy, name), { recursive: true });
  }
  writeFileSync(join(copy, 'dist/worker.cjs'), "throw new Error('of another version');");
  const output = await run(folder, ['--conditions=module', 'program.mjs', sink.url]);
  expect(JSON.parse(output)).toEqual({ sent: 1, messages: [] });
  expect(spanIds(sink)).toHaveLength(1);
});
