/** WebAssembly in the repository is compiled from the AssemblyScript beside it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { it } from 'vitest';

it('the WebAssembly of each module is what its source says', async () => {
  const script = join(import.meta.dirname, '../../../../.build/assembly.js');
  await promisify(execFile)(process.execPath, [script, '--check']);
});
