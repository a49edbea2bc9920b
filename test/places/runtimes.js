/** What runs the program: versions of Node.js, Bun and Deno. */
import { NODE_VERSIONS } from '../support/node-versions.js';

const node = (version) => ({
  name: `Node.js, ${version}`,
  fast: true,
  async run(place) {
    const binary = await place.otherNode(version);
    await place.traces(binary, ['program.mjs']);
    await place.traces(binary, ['program.cjs']);
  },
});

/** Their own packages fetch a binary by an install script; it lies in the package of the platform. */
const binaryOf = (place, packageName, file) => {
  const { NotHere } = place;
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new NotHere('only tried on Linux on x64');
  return place.tool(`${packageName}/${file}`);
};

const bun = {
  name: 'Bun',
  tools: { '@oven/bun-linux-x64': '1.4.5' },
  fast: true,
  async run(place) {
    const binary = binaryOf(place, '@oven/bun-linux-x64', 'bin/bun');
    for (const program of ['program.mjs', 'program.cjs', 'program.ts']) await place.traces(binary, [program]);
  },
};

const deno = {
  name: 'Deno',
  tools: { '@deno/linux-x64-glibc': '2.9.6' },
  fast: true,
  async run(place) {
    const binary = binaryOf(place, '@deno/linux-x64-glibc', 'deno');
    place.write({ 'package.json': { dependencies: { tailrace: '*' } } });
    const flags = ['run', '--no-prompt', '--node-modules-dir=manual', '--allow-all'];
    for (const program of ['program.mjs', 'program.cjs', 'program.ts']) {
      await place.traces(binary, [...flags, program]);
    }
  },
};

export default [...NODE_VERSIONS.map(node), bun, deno];
