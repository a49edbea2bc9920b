/** The packed package, added by each package manager to a fresh project: exit code 0, no script to allow, and it traces. */

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
  pnpm,
  yarn('yarn add, node-modules', 'node-modules', () => [node, []]),
  yarn('yarn add, Plug’n’Play', 'pnp', (yarn) => [node, [yarn, 'node']]),
  bun,
];
