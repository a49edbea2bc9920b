/** Builds dist/: tsc compiles src/, rolldown makes the package of it. The stamp comes last: without it a build is unfinished. */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { STAMP, sourceDigest } from './build-stamp.js';

process.chdir(join(import.meta.dirname, '..'));

// Before anything is read: what is edited during the build makes it old.
const digest = sourceDigest();
rmSync('dist', { recursive: true, force: true });
const tsc = fileURLToPath(new URL('./bin/tsc', import.meta.resolve('typescript/package.json')));
try {
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
} catch {
  process.exit(1);
}
// It reads what tsc has made.
const { default: bundles } = await import('../rolldown.config.js');
for (const bundle of bundles) await build(bundle);
writeFileSync(STAMP, digest);
