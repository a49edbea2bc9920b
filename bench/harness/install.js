/** Fetches the peers when one of the subjects asked for needs them: a tree of their own, by their own lock file. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { missingOf } from '../subjects/registry.js';

const BENCH = fileURLToPath(new URL('..', import.meta.url));

export function installPeers(subjects) {
  const peersMissing = subjects.some((subject) => missingOf({ packages: subject.packages }).length > 0);
  if (!peersMissing || existsSync(new URL('../node_modules', import.meta.url))) return;
  console.log('The peers are not installed yet: npm ci --prefix bench');
  const { status } = spawnSync(
    'npm',
    ['ci', '--prefix', BENCH, '--no-audit', '--no-fund', '--ignore-scripts'],
    {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) throw new Error('npm ci --prefix bench failed: see above');
}
