/** Bundled by the tool's default build, and run where there is no node_modules. */

const node = process.execPath;

const esbuild = (name, source, flags, file) => ({
  name,
  tools: { esbuild: '0.28.2' },
  fast: true,
  async run(place) {
    await place.build(place.tool('esbuild/bin/esbuild'), [source, '--bundle', '--platform=node', ...flags]);
    await place.traces(node, [file], { cwd: place.moved('out') });
  },
});

const rolldown = (name, format, file) => ({
  name,
  tools: { rolldown: '1.3.2' },
  fast: true,
  async run(place) {
    const flags = ['--platform', 'node', '--format', format, '--dir', 'out', '--entry-file-names', file];
    await place.build(node, [place.tool('rolldown/bin/cli.mjs'), 'program.mjs', ...flags]);
    await place.traces(node, [file], { cwd: place.moved('out') });
  },
});

const ROLLUP = {
  rollup: '4.68.8',
  '@rollup/plugin-node-resolve': '16.0.3',
  '@rollup/plugin-commonjs': '29.0.3',
};

const rollup = (name, format, file) => ({
  name,
  tools: ROLLUP,
  fast: true,
  async run(place) {
    const plugins = ['-p', '@rollup/plugin-node-resolve', '-p', '@rollup/plugin-commonjs'];
    const output = ['--format', format, '--file', `out/${file}`];
    await place.build(node, [place.tool('rollup/dist/bin/rollup'), 'program.mjs', ...plugins, ...output]);
    await place.traces(node, [file], { cwd: place.moved('out') });
  },
});

const webpack = (name, config, file) => ({
  name,
  tools: { webpack: '5.113.0', 'webpack-cli': '7.3.1' },
  fast: true,
  async run(place) {
    const output = { path: `${place.folder}/out`, filename: file, ...config.output };
    const settings = { mode: 'production', target: 'node', entry: './program.mjs', ...config, output };
    place.write({ 'webpack.config.cjs': `module.exports = ${JSON.stringify(settings)};` });
    await place.build(node, [place.tool('webpack-cli/bin/cli.js'), '--config', 'webpack.config.cjs']);
    await place.traces(node, [file], { cwd: place.moved('out') });
  },
});

/** @param where In which folder its output is run. */
const vite = (name, config, where) => ({
  name,
  tools: { vite: '8.3.8' },
  fast: true,
  async run(place) {
    place.write({ 'vite.config.mjs': `export default ${JSON.stringify(config)};` });
    await place.build(node, [
      place.tool('vite/bin/vite.js'),
      'build',
      '--ssr',
      'program.mjs',
      '--outDir',
      'out',
    ]);
    await place.traces(node, ['program.mjs'], { cwd: where(place) });
  },
});

const ncc = (name, source, file) => ({
  name,
  tools: { '@vercel/ncc': '0.45.0' },
  fast: true,
  async run(place) {
    await place.build(node, [place.tool('@vercel/ncc/dist/ncc/cli.js'), 'build', source, '-o', 'out']);
    await place.traces(node, [file], { cwd: place.moved('out') });
  },
});

/** Only the files that it names are there when the program runs. */
const TRACED_FILES = `
const [entry, tool] = process.argv.slice(2);
const { nodeFileTrace } = await import(tool);
const { cpSync } = await import('node:fs');
const { fileList, warnings } = await nodeFileTrace([entry], { base: process.cwd() });
for (const warning of warnings) console.error('warning', warning.message);
for (const file of fileList) cpSync(file, 'out/' + file, { recursive: true });
`;

const nft = (name, source) => ({
  name,
  tools: { '@vercel/nft': '1.11.5' },
  fast: true,
  async run(place) {
    place.write({ 'trace-files.mjs': TRACED_FILES });
    await place.build(node, ['trace-files.mjs', source, place.tool('@vercel/nft/out/index.js')]);
    await place.traces(node, [source], { cwd: place.moved('out') });
  },
});

const parcel = {
  name: 'Parcel',
  todo: '`"@parcel/resolver-default": { "packageExports": true }` in package.json, as for every package with `exports`',
  tools: { parcel: '2.16.4' },
  async run(place) {
    place.write({
      'package.json': {
        source: 'program.mjs',
        main: 'out/program.js',
        targets: { main: { includeNodeModules: true } },
        engines: { node: '>=20' },
        '@parcel/resolver-default': { packageExports: true },
      },
    });
    await place.build(node, [place.tool('parcel/lib/bin.js'), 'build', '--no-cache', '--no-source-maps']);
    await place.traces(node, ['program.js'], { cwd: place.moved('out') });
  },
};

export default [
  esbuild('esbuild, to ESM', 'program.mjs', ['--format=esm', '--outfile=out/program.mjs'], 'program.mjs'),
  esbuild(
    'esbuild, to CommonJS',
    'program.mjs',
    ['--format=cjs', '--outfile=out/program.cjs'],
    'program.cjs',
  ),
  esbuild('esbuild, from CommonJS', 'program.cjs', ['--outfile=out/program.cjs'], 'program.cjs'),
  esbuild(
    'esbuild, minified and split',
    'program.mjs',
    ['--format=esm', '--minify', '--splitting', '--outdir=out', '--out-extension:.js=.mjs'],
    'program.mjs',
  ),
  rollup('rollup, to ESM', 'es', 'program.mjs'),
  rollup('rollup, to CommonJS', 'cjs', 'program.cjs'),
  rolldown('rolldown, to ESM', 'esm', 'program.mjs'),
  rolldown('rolldown, to CommonJS', 'cjs', 'program.cjs'),
  webpack('webpack 5, to CommonJS', {}, 'program.cjs'),
  webpack(
    'webpack 5, to ESM',
    { experiments: { outputModule: true }, output: { module: true, chunkFormat: 'module' } },
    'program.mjs',
  ),
  webpack('webpack 5, from CommonJS', { entry: './program.cjs' }, 'program.cjs'),
  vite('Vite SSR, packages outside', {}, (place) => `${place.folder}/out`),
  vite('Vite SSR, packages inside', { ssr: { noExternal: true } }, (place) => place.moved('out')),
  ncc('ncc, from ESM', 'program.mjs', 'index.mjs'),
  ncc('ncc, from CommonJS', 'program.cjs', 'index.cjs'),
  nft('nft (only traced files), from ESM', 'program.mjs'),
  nft('nft (only traced files), from CommonJS', 'program.cjs'),
  parcel,
];
