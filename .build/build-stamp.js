/** Detects a stale build: compares a digest of all inputs of the build with the one that the build has written to dist/. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const STAMP = 'dist/build-stamp';
const CONFIGURATION = [
  '.build/bundles.js',
  '.build/page.js',
  'tsconfig.build.json',
  'tsconfig.json',
  'package-lock.json',
];

/** Takes 25 ms for 450 files. By content, as a checkout or a rename changes modification times arbitrarily. */
export function sourceDigest(root = ROOT) {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:tsx?|css|html)$/.test(file))
    .map((file) => join('src', file));
  const digest = createHash('sha1');
  for (const file of [...sources.sort(), ...CONFIGURATION]) {
    digest.update(`${file}\0`).update(readFileSync(join(root, file)));
  }
  return digest.digest('hex');
}

/** @param digest That of the sources when the build began: an edit during the build makes it stale. */
export function writeStamp(digest, root = ROOT) {
  writeFileSync(join(root, STAMP), digest);
}

const REMEDY = 'run `npm run build`, or `npm test`, which builds first';

/** What is wrong with the build, and what to do; undefined if it is up to date. */
export function buildProblem(root = ROOT) {
  const stamp = join(root, STAMP);
  if (!existsSync(stamp)) return `dist/ has not been built: ${REMEDY}`;
  if (readFileSync(stamp, 'utf8') === sourceDigest(root)) return undefined;
  return `dist/ is older than src/ or the build configuration: ${REMEDY}`;
}
