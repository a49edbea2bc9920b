/** What the places are made of: the package as npm would publish it, and tools at exact versions, each installed once. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const CACHE = join(REPOSITORY, 'node_modules/.cache/places');

/** @returns the packed build, and a folder in which npm has installed it. */
export function packPackage() {
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-packed-'));
  // Its scripts would build, which others use at this moment.
  const pack = ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(
    execFileSync('npm', pack, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  const tarball = join(folder, filename);
  execFileSync('npm', prepare(folder, [tarball]), { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  return {
    tarball,
    modules: join(folder, 'node_modules'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * Other places are tried meanwhile.
 *
 * @param {Record<string, string>} tools Versions by name. @returns the folder with their node_modules.
 */
export async function installTools(tools) {
  const specifiers = Object.entries(tools).map(([name, version]) => `${name}@${version}`);
  const folder = join(CACHE, specifiers.join('+').replaceAll('/', '_').slice(0, 200));
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const unfinished = mkdtempSync(join(CACHE, '.installing-'));
  await promisify(execFile)('npm', prepare(unfinished, specifiers), { cwd: unfinished });
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    // Another process was faster.
    if (!existsSync(folder)) throw error;
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** @returns the arguments for npm to install them in the folder. */
function prepare(folder, specifiers) {
  // Otherwise npm takes a folder above for the project.
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--save-exact'];
  return [...args, ...specifiers];
}
