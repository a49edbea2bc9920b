/** Inside of tests: the traced program is what is tested, the runner ends by itself, and with no handle left open. */
import { CJS, ESM } from './harness/program.js';

const node = process.execPath;

/** Each test awaits the shutdown; the runner has to end after it without being told to. */
const inTest = (source, header = '') =>
  source
    .replace('\nconst client', `\n${header}\ntest('traces', async () => {\nconst client`)
    .replace('  Promise.all(', '  await Promise.all(')
    .concat('});\n');

const ENDINGS = { endings: ['shutdown'] };

const jest = (name, files, env = {}) => ({
  name,
  tools: { jest: '30.5.2' },
  fast: true,
  async run(place) {
    place.write({
      'package.json': { jest: { testMatch: ['**/*.test.{mjs,cjs,js}'], transform: {} } },
      ...files,
    });
    const args = [
      place.tool('jest/bin/jest.js'),
      '--silent',
      '--detectOpenHandles',
      '--rootDir',
      place.folder,
    ];
    // Where it lists its tests, and Node.js says that modules of VM contexts are an experiment.
    const quiet =
      /^(PASS|Tests?:|Test Suites:|Snapshots:|Time:|Ran all)|ExperimentalWarning|--trace-warnings/;
    await place.traces(node, args, { ...ENDINGS, env, quiet });
  },
});

const vitest = (pool) => ({
  name: `vitest, ${pool}`,
  tools: { vitest: '5.1.1' },
  fast: true,
  async run(place) {
    place.bringTools();
    place.write({ 'program.test.mjs': inTest(ESM, "import { test } from 'vitest';") });
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--silent', '--pool', pool];
    await place.traces(node, args, ENDINGS);
  },
});

const nodeTest = {
  name: 'node --test',
  fast: true,
  async run(place) {
    place.write({ 'program.test.mjs': inTest(ESM, "import { test } from 'node:test';") });
    await place.traces(node, ['--test', 'program.test.mjs'], ENDINGS);
  },
};

export default [
  jest('jest, CommonJS', { 'program.test.cjs': inTest(CJS) }),
  jest('jest, ESM', { 'program.test.mjs': inTest(ESM) }, { NODE_OPTIONS: '--experimental-vm-modules' }),
  vitest('threads'),
  vitest('forks'),
  nodeTest,
];
