/** Builds dist/: tsc compiles src/, rolldown bundles the package, Vite the page of the local server. The stamp is written last, so that a failed build has none. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { sourceDigest, writeStamp } from './build-stamp.js';
import { buildPage } from './page.js';

process.chdir(join(import.meta.dirname, '..'));

// First: an edit during the build makes the build stale.
const digest = sourceDigest();
rmSync('dist', { recursive: true, force: true });
const tsc = fileURLToPath(new URL('./bin/tsc', import.meta.resolve('typescript/package.json')));
try {
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
} catch {
  process.exit(1);
}
// After tsc: the configuration resolves files that tsc has written.
const { default: bundles } = await import('./bundles.js');
for (const bundle of bundles) await build(bundle);
await buildPage();
writeStamp(digest);
