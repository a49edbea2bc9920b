/** The packed package, added by each package manager to a fresh project: exit code 0, no script to allow, and it traces. */

import { join } from 'node:path';

const node = process.execPath;

const npm = {
  name: 'npm install',
  bare: true,
  fast: true,
  async run(place) {
    place.write({ 'package.json': { private: true } });
    place.version('npm', (await place.run('npm', ['--version'])).stdout);
    const { stderr } = await place.run('npm', ['install', '--no-audit', '--no-fund', place.tarball]);
    if (/warn/i.test(stderr)) throw new place.Failure(`npm install: ${stderr}`);
    await tracesWith(place, node, []);
  },
};

/** Older than what the integrations support: somebody who does not use these must be able to install us all the same. */
const OLDER = ['openai@4', 'ai@4', '@langchain/core@0.2'];

const npmBesideOlder = {
  name: 'npm install, beside openai 4, ai 4 and @langchain/core 0.2',
  bare: true,
  async run(place) {
    place.write({ 'package.json': { private: true } });
    const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];
    await place.run('npm', [...install, place.tarball, ...OLDER]);
    await tracesWith(place, node, []);
    // Why the ranges of our optional peers are `*`: npm refuses others, optional or not.
    place.write({
      'other/package.json': { private: true },
      'narrow/package.json': {
        name: 'narrow',
        version: '1.0.0',
        peerDependencies: { openai: '>=5' },
        peerDependenciesMeta: { openai: { optional: true } },
      },
    });
    await place.run('npm', ['pack'], { cwd: join(place.folder, 'narrow') });
    const { code, stderr } = await place.attempt(
      'npm',
      [...install, '../narrow/narrow-1.0.0.tgz', 'openai@4'],
      { cwd: join(place.folder, 'other') },
    );
    if (code === 0 || !stderr.includes('ERESOLVE')) {
      throw new place.Failure(
        'npm installs openai 4 beside an optional peer of openai >=5: the ranges may be narrower',
      );
    }
  },
};

const pnpm = {
  name: 'pnpm add',
  tools: { pnpm: '12.21.0' },
  bare: true,
  fast: true,
  async run(place) {
    place.write({ 'package.json': { private: true } });
    const pnpm = place.tool('pnpm/bin/pnpm.mjs');
    await place.run(node, [pnpm, 'add', place.tarball]);
    await tracesWith(place, node, []);
  },
};

const yarn = (name, linker, command) => ({
  name,
  tools: { '@yarnpkg/cli-dist': '4.18.1' },
  bare: true,
  fast: true,
  async run(place) {
    const yarn = place.tool('@yarnpkg/cli-dist/bin/yarn.js');
    place.write({
      'package.json': { private: true },
      'yarn.lock': '',
      '.yarnrc.yml': `nodeLinker: ${linker}\nenableTelemetry: false\nenableGlobalCache: false\n`,
    });
    await place.run(node, [yarn, 'add', `tailrace@file:${place.tarball}`]);
    await tracesWith(place, ...command(yarn));
  },
});

const bun = {
  name: 'bun add',
  tools: { '@oven/bun-linux-x64': '1.4.5' },
  bare: true,
  fast: true,
  async run(place) {
    place.write({ 'package.json': { private: true } });
    await place.run(place.tool('@oven/bun-linux-x64/bin/bun'), ['add', place.tarball]);
    await tracesWith(place, node, []);
  },
};

async function tracesWith(place, command, args) {
  await place.traces(command, [...args, 'program.mjs']);
  await place.traces(command, [...args, 'program.cjs']);
}

export default [
  npm,
  npmBesideOlder,
  pnpm,
  yarn('yarn add, node-modules', 'node-modules', () => [node, []]),
  yarn('yarn add, Plug’n’Play', 'pnp', (yarn) => [node, [yarn, 'node']]),
  bun,
];
