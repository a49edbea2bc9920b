/** TypeScript: run as it is, and type-checked by each way to resolve modules, declarations of packages included. */
import { ESM } from './harness/program.js';

const node = process.execPath;

const tsx = {
  name: 'tsx',
  tools: { tsx: '4.23.15' },
  fast: true,
  async run(place) {
    await place.traces(node, [place.tool('tsx/dist/cli.mjs'), 'program.ts']);
    await place.traces(node, ['--import', `file://${place.tool('tsx/dist/loader.mjs')}`, 'program.ts']);
  },
};

const TS_NODE = { 'ts-node': '10.9.2', typescript: '5.9.3', '@types/node': '20.19.43' };

const tsNode = {
  name: 'ts-node',
  tools: TS_NODE,
  fast: true,
  async run(place) {
    place.bringTools();
    place.write({
      'tsconfig.json': {
        compilerOptions: { target: 'es2022', module: 'node16', types: ['node'], strict: true },
      },
    });
    await place.traces(node, ['node_modules/ts-node/dist/bin.js', 'program.ts']);
  },
};

const typescript = (name, options, { version = '5.9.3', type = 'commonjs' } = {}) => ({
  name: `TypeScript, ${name}`,
  tools: { typescript: version, '@types/node': '20.19.43' },
  fast: true,
  async run(place) {
    place.bringTools();
    const compilerOptions = {
      target: 'es2022',
      lib: ['es2023'],
      types: ['node'],
      strict: true,
      skipLibCheck: false,
      outDir: 'out',
      ...options,
    };
    place.write({
      'package.json': { type },
      'tsconfig.json': { compilerOptions, files: ['program.ts'] },
      'program.ts': ESM,
    });
    await place.run(node, ['node_modules/typescript/bin/tsc', '-p', '.']);
    await place.traces(node, ['out/program.js']);
  },
});

export default [
  tsx,
  tsNode,
  typescript('moduleResolution node10', { module: 'commonjs', moduleResolution: 'node10' }),
  typescript('node16 from CommonJS', { module: 'node16' }),
  typescript('node16 from ESM', { module: 'node16' }, { type: 'module' }),
  typescript('bundler', { module: 'esnext', moduleResolution: 'bundler' }, { type: 'module' }),
  typescript('7, nodenext from CommonJS', { module: 'nodenext' }, { version: '7.0.2' }),
  typescript('7, nodenext from ESM', { module: 'nodenext' }, { version: '7.0.2', type: 'module' }),
];
