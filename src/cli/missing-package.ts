/**
 * How to get an optional package that a command needs, by the way the command was started: a package that npx, pnpm or
 * yarn has fetched for one run is resolved beside that one, not in the folder that the user is in.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PEER_PACKAGE } from '../receiver/store/open-store.js';

const SPEC = `${PEER_PACKAGE}@1`;

const OWN_PATH = fileURLToPath(import.meta.url);

/** Where Node has no SQLite built in. `ownPath`: where this package's code is. `args`: the command line. */
export function howToGetSqlite(args: readonly string[], ownPath = OWN_PATH): string {
  return `use a newer Node.js, or run: ${howToGet([SPEC], args, ownPath)}`;
}

/** `specs`: name and version of each package. */
export function howToGet(specs: readonly string[], args: readonly string[], ownPath = OWN_PATH): string {
  const path = ownPath.replaceAll('\\', '/');
  const command = ['tailrace', ...args.map(quoted)].join(' ');
  // The command comes last, so that it can be copied.
  return lineFor(specs, path, command);
}

function lineFor(specs: readonly string[], path: string, command: string): string {
  const flags = (flag: string) => specs.map((spec) => flag + spec).join(' ');
  const spec = specs.join(' ');
  if (/\/_npx\/[^/]+\/node_modules\//.test(path)) return `npx -p tailrace ${flags('-p ')} ${command}`;
  if (/\/dlx(-[^/]+)?\/.*node_modules\//.test(path))
    return `pnpm --package=tailrace ${flags('--package=')} dlx ${command}`;
  // bunx supports a single package only.
  if (/\/bunx-[^/]+\/node_modules\//.test(path)) return `npx -p tailrace ${flags('-p ')} ${command}`;
  const [root, inside] = path.split('/node_modules/', 2);
  if (root === undefined || inside === undefined) return `npm install ${spec}`;
  // Not in a project: npm's global folder.
  if (!existsSync(join(root, 'package.json'))) return `npm install -g ${spec}`;
  return `${installerOf(root)} ${spec}`;
}

function installerOf(root: string): string {
  const has = (name: string) => existsSync(join(root, name));
  if (has('pnpm-lock.yaml')) return 'pnpm add';
  if (has('yarn.lock')) return 'yarn add';
  if (has('bun.lock') || has('bun.lockb')) return 'bun add';
  return 'npm install';
}

function quoted(arg: string): string {
  return /^[\w./:=@-]+$/.test(arg) ? arg : JSON.stringify(arg);
}
