/**
 * How to get a SQLite where Node has none built in, by the way the command was started: a package that npx, pnpm or
 * yarn has fetched for one run is resolved beside that one, not in the folder that the user is in.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PEER_PACKAGE } from '../receiver/store/sqlite.js';

const SPEC = `${PEER_PACKAGE}@1`;

/** `ownPath`: where this package's code is. `args`: the command line. */
export function howToGetSqlite(args: readonly string[], ownPath = fileURLToPath(import.meta.url)): string {
  const path = ownPath.replaceAll('\\', '/');
  const command = ['tailrace', ...args.map(quoted)].join(' ');
  // The command comes last, so that it can be copied.
  return `use a newer Node.js, or run: ${lineFor(path, command)}`;
}

function lineFor(path: string, command: string): string {
  if (/\/_npx\/[^/]+\/node_modules\//.test(path)) return `npx -p tailrace -p ${SPEC} ${command}`;
  if (/\/dlx(-[^/]+)?\/.*node_modules\//.test(path))
    return `pnpm --package=tailrace --package=${SPEC} dlx ${command}`;
  // bunx supports a single package only.
  if (/\/bunx-[^/]+\/node_modules\//.test(path)) return `npx -p tailrace -p ${SPEC} ${command}`;
  const [root, inside] = path.split('/node_modules/', 2);
  if (root === undefined || inside === undefined) return `npm install ${SPEC}`;
  // Not in a project: npm's global folder.
  if (!existsSync(join(root, 'package.json'))) return `npm install -g ${SPEC}`;
  return `${installerOf(root)} ${SPEC}`;
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
