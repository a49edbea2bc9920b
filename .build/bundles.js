/**
 * Builds the package from what tsc has compiled to dist/: the worker as one file and as a text, the entries as ES modules, as
 * CommonJS and for bundlers, and their declarations. The four runtime libraries are bundled in. A further public entry needs
 * its name in ENTRIES, a file of that name in src/, and `exports` in package.json.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

const PISCINA = fileURLToPath(new URL('.', import.meta.resolve('piscina')));
/** As an ES module: the import of CommonJS would make the entries load a helper file. */
const COMLINK = fileURLToPath(new URL('../esm/comlink.mjs', import.meta.resolve('comlink')));
const ENTRIES = ['index', 'engine', 'otel'];
/** They import the client from the file of the entry `tailrace` beside them, so that a program has it once. */
const INTEGRATIONS = ['langchain', 'openai', 'ai-sdk'];
const LIBRARIES = ['comlink', 'msgpackr', 'piscina', 'undici'];
/** Of the command `tailrace mcp`. */
const COMMAND_LIBRARIES = ['zod'];
/** Of the page of the local server. */
const PAGE_LIBRARIES = ['preact', '@preact/signals', '@preact/signals-core', 'diff'];

const CHANGES = [
  // piscina expects its worker file beside its own file, which a bundle does not have: an option names the file instead.
  {
    file: /piscina[/\\]dist[/\\]index\.js$/,
    from: "(0, node_path_1.resolve)(__dirname, 'worker.js')",
    to: 'this.options.workerFile',
  },
  // undici checks for SQLite, for a cache that is not used. Older versions of Node.js have none, and a static import of it fails.
  {
    file: /undici[/\\]lib[/\\]util[/\\]runtime-features\.js$/,
    from: "require('node:sqlite')",
    to: "{ throw Object.assign(new Error(), { code: 'ERR_UNKNOWN_BUILTIN_MODULE' }) }",
  },
];

/** Libraries get no source maps: the bundles contain their code unminified, and maps would only make the package larger. */
const NO_MAP = { mappings: '' };
const noLibraryMaps = {
  name: 'no-library-maps',
  transform: { filter: { id: /node_modules/ }, handler: (code) => ({ code, map: NO_MAP }) },
};

/** Applies the changes to the libraries. The build fails if a line that it must change is missing. */
const changedLines = {
  name: 'changed-lines',
  transform: {
    filter: { id: CHANGES.map(({ file }) => file) },
    handler(code, id) {
      const { from, to } = CHANGES.find(({ file }) => file.test(id));
      if (!code.includes(from)) throw new Error(`${id} has no longer: ${from}`);
      return { code: code.replace(from, to), map: NO_MAP };
    },
  },
};

/** HTTP/2, SOCKS and the bodies of `fetch`, which no request of ours uses. They would take a worker 6 ms of its boot. */
const UNUSED_PARTS =
  /undici[/\\]lib[/\\](dispatcher[/\\](client-h2|socks5-proxy-agent)|web[/\\]fetch[/\\]body)\.js$/;
const UNUSED_PART_COUNT = 3;
const unusedParts = new Set();
const noUnusedParts = {
  name: 'no-unused-parts',
  load: {
    filter: { id: UNUSED_PARTS },
    handler(id) {
      unusedParts.add(id);
      return 'module.exports = {};';
    },
  },
  buildEnd(error) {
    // A new version of undici may have them elsewhere.
    if (error === undefined && unusedParts.size !== UNUSED_PART_COUNT) {
      throw new Error(`undici's unused parts are not where they were: found only ${[...unusedParts]}`);
    }
  },
};

/** piscina has native code for thread priorities, which are not used. */
const noNativeCode = {
  name: 'no-native-code',
  resolveId: { filter: { id: /^@napi-rs\/nice$/ }, handler: (id) => `\0${id}` },
  load: { filter: { id: /^\0@napi-rs\/nice$/ }, handler: () => 'export default undefined;' },
};

/**
 * ES modules have no `require`, and static imports of all modules of Node.js that undici may need take 10 ms: a call loads
 * them on use.
 */
const builtInModules = {
  name: 'built-in-modules',
  transform: {
    filter: { id: /node_modules/ },
    handler: (code) => ({
      code: code.replaceAll(/\brequire\((["'])(node:[\w/]+)\1\)/g, "process.getBuiltinModule('$2')"),
      map: NO_MAP,
    }),
  },
};

/** Loads the source maps of tsc, so that the maps of the bundles lead to the TypeScript. */
const compiledMaps = {
  name: 'compiled-maps',
  load: {
    filter: { id: /[/\\]dist[/\\].*\.js$/ },
    handler(id) {
      if (!existsSync(`${id}.map`)) return null;
      const code = readFileSync(id, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n');
      return { code, map: readFileSync(`${id}.map`, 'utf8') };
    },
  },
};

/** For bundlers: the worker's text is imported statically, as bundlers make one file of everything. */
const textFromTheStart = {
  name: 'text-from-the-start',
  resolveId: {
    filter: { id: /\/worker-text-later\.js$/ },
    handler: () => resolve('dist/producer/worker/worker-text-now.js'),
  },
};

/**
 * Nitro traces files by the conditions of bundlers but leaves the package outside of its bundle, where Node.js then loads
 * the other builds. A reference that never runs, and that bundlers drop, makes file tracing include them.
 */
const otherBuilds = {
  name: 'other-builds',
  generateBundle(_, bundle) {
    for (const { isEntry, fileName, code } of Object.values(bundle)) {
      if (!isEntry) continue;
      const looks = ['esm', 'cjs'].map(
        (folder) => `existsSync(fileURLToPath(new URL('../${folder}/${fileName}', here)))`,
      );
      bundle[fileName].code = [
        "import { existsSync } from 'node:fs';\nimport { fileURLToPath } from 'node:url';",
        code,
        `const here = import.meta.url;\n() => [${looks.join(', ')}];\n`,
      ].join('\n');
    }
  },
};

/** Leaves the package's client out of a bundle, which imports it from `file`, as an application does. */
const clientFrom = (file) => ({
  name: 'packaged-client',
  resolveId: {
    filter: { id: /^(\.\.\/)+index\.js$/ },
    handler: () => ({ id: file, external: 'relative' }),
  },
});

/** Makes Node.js and TypeScript treat the .js files of dist/cjs as CommonJS. */
const commonJsFolder = {
  name: 'commonjs-folder',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
  },
};

const workerDeclaration = {
  name: 'worker-declaration',
  generateBundle() {
    const source = `/** For the option \`worker\`: the file that a worker of the package runs. */
export declare function startConsumer(init: unknown): Promise<void>;
`;
    this.emitFile({ type: 'asset', fileName: 'worker.d.cts', source });
  },
};

/** Lists the bundled libraries with their versions and licences. */
const notice = {
  name: 'notice',
  generateBundle() {
    const texts = [...LIBRARIES, ...COMMAND_LIBRARIES, ...PAGE_LIBRARIES].map((name) => {
      const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
      const file = readdirSync(`node_modules/${name}`).find((one) => /^licen[cs]e/i.test(one));
      return `${name} ${version} (${license})\n\n${readFileSync(`node_modules/${name}/${file}`, 'utf8').trim()}\n`;
    });
    const head = `tailrace contains these libraries, some with changes: piscina is told where its worker file is and has no native
module, undici does not look for SQLite and has no HTTP/2, no SOCKS and no bodies of fetch, and in the ES modules Node.js's own modules are had by process.getBuiltinModule.
`;
    writeFileSync('dist/NOTICE', [head, ...texts].join(`\n${'-'.repeat(80)}\n\n`));
  },
};

/** The worker's code as a string, minified, as it becomes part of every application's bundle. */
const workerText = {
  name: 'worker-text',
  generateBundle(_, bundle) {
    const [[fileName, { code }]] = Object.entries(bundle);
    delete bundle[fileName];
    this.emitFile({
      type: 'prebuilt-chunk',
      fileName: 'worker-text.js',
      code: `/** The text of the worker's file. */\nexport const WORKER_TEXT = ${JSON.stringify(code)};\n`,
    });
  },
};

/** Of ASCII alone, as V8 keeps any other text in two bytes a character. Unminified, a worker boots 8 ms later and takes 3 MB more. */
const MINIFIED = { codegen: { removeWhitespace: true, asciiOnly: true } };
/** With the names of functions, for stacks and profiles. */
const MINIFIED_WITH_NAMES = {
  ...MINIFIED,
  mangle: { keepNames: true },
  compress: { keepNames: { function: true, class: true } },
};
/**
 * What an application loads: of ASCII, without the comments for editors, which the declarations have. Lines and names stay: V8 gains
 * little without them, stacks need them, and tools that trace files (nft) would no longer find the worker's file under a short name.
 */
const QUICKLY_LOADED = {
  minify: {
    mangle: false,
    compress: false,
    codegen: { removeWhitespace: false, asciiOnly: true },
  },
  comments: { jsdoc: false },
};

const common = {
  platform: 'node',
  external: [/^node:/],
  logLevel: 'warn',
  resolve: { alias: { 'piscina/worker': `${PISCINA}worker.js`, comlink: COMLINK } },
};

const entries = {
  ...common,
  input: Object.fromEntries(ENTRIES.map((name) => [name, `dist/${name}.js`])),
};

const CHUNK_NAMES = { 'esm-wrapper': 'piscina', main: 'consumer' };

/** One build for each entry, so that each is one file. */
const integrations = INTEGRATIONS.flatMap((name) => {
  const one = { ...common, external: [/^node:/, /^@langchain\//], input: { [name]: `dist/${name}.js` } };
  const plugins = [compiledMaps, clientFrom('./index.js')];
  const output = { sourcemap: true, codeSplitting: false };
  const loaded = { ...output, ...QUICKLY_LOADED };
  return [
    { ...one, plugins, output: { ...loaded, dir: 'dist/esm', format: 'esm' } },
    { ...one, plugins, output: { ...loaded, dir: 'dist/cjs', format: 'cjs' } },
    { ...one, plugins: [...plugins, otherBuilds], output: { ...output, dir: 'dist/bundler', format: 'esm' } },
  ];
});

/** Whether the entry `tailrace` imports a module, directly or by way of others. */
function isOfClient(id, context, visited = new Set()) {
  if (id === resolve('dist/index.js')) return true;
  if (visited.has(id)) return false;
  visited.add(id);
  const { importers } = context.getModuleInfo(id) ?? { importers: [] };
  return importers.some((importer) => isOfClient(importer, context, visited));
}

/**
 * The client's static imports are in two files, as more files take longer to load. What only other entries share with parts that are
 * loaded later is in a third one, and dynamic imports are in others.
 */
const chunks = {
  chunkFileNames: ({ name }) => `${CHUNK_NAMES[name] ?? name}.js`,
  codeSplitting: {
    groups: [
      {
        name: (id, context) => (isOfClient(id, context) ? 'shared' : null),
        debugName: 'shared',
        tags: ['$initial'],
        minShareCount: 2,
        priority: 1,
      },
      { name: 'span-revision', tags: ['$initial'], minShareCount: 2 },
    ],
  },
};

/** For bundlers: some can make a single file only without dynamic imports. */
const oneChunk = {
  chunkFileNames: '[name].js',
  codeSplitting: { groups: [{ name: 'shared', test: /./, minShareCount: 1 }] },
};

/** The declarations of each entry in one file. Each entry is a build of its own: built together they would share a third file. */
const declarationsOf = (name, dir, ...plugins) => ({
  input: { [name]: `dist/${name}.d.ts` },
  external: [/^node:/, /^@langchain\//],
  logLevel: 'warn',
  plugins: [...plugins, dts({ dtsInput: true })],
  output: { dir, format: 'esm', entryFileNames: '[name].d.ts' },
});
const declarations = ['dist/esm', 'dist/cjs'].flatMap((dir) => [
  ...ENTRIES.map((name) => declarationsOf(name, dir)),
  ...INTEGRATIONS.map((name) => declarationsOf(name, dir, clientFrom('./index.js'))),
]);
// For pages; as CommonJS for test runners that know nothing else.
const page = (format, extension) => ({
  input: { browser: 'dist/browser.js' },
  platform: 'browser',
  plugins: [compiledMaps],
  output: {
    dir: 'dist/web',
    format,
    entryFileNames: `browser.${extension}`,
    minify: true,
    sourcemap: true,
    codeSplitting: false,
  },
});
const pageDeclarations = declarationsOf('browser', 'dist/web');
declarations.push(pageDeclarations, {
  ...pageDeclarations,
  output: { ...pageDeclarations.output, entryFileNames: '[name].d.cts' },
});

export default defineConfig([
  {
    ...common,
    input: 'dist/consumer/worker.js',
    plugins: [compiledMaps, noLibraryMaps, noNativeCode, noUnusedParts, changedLines, workerDeclaration],
    output: {
      dir: 'dist',
      entryFileNames: 'worker.cjs',
      format: 'cjs',
      codeSplitting: false,
      sourcemap: true,
      minify: MINIFIED_WITH_NAMES,
    },
  },
  {
    ...common,
    input: 'dist/consumer/worker.js',
    plugins: [noNativeCode, noUnusedParts, changedLines, workerText],
    output: { dir: 'dist/producer/worker', format: 'cjs', codeSplitting: false, minify: MINIFIED },
  },
  {
    ...entries,
    plugins: [compiledMaps, noLibraryMaps, noNativeCode, noUnusedParts, changedLines, builtInModules],
    output: { dir: 'dist/esm', format: 'esm', sourcemap: true, ...QUICKLY_LOADED, ...chunks },
  },
  {
    ...entries,
    plugins: [
      compiledMaps,
      noLibraryMaps,
      noNativeCode,
      noUnusedParts,
      changedLines,
      builtInModules,
      textFromTheStart,
      otherBuilds,
    ],
    checks: { ineffectiveDynamicImport: false },
    output: { dir: 'dist/bundler', format: 'esm', sourcemap: true, ...oneChunk },
  },
  {
    ...entries,
    plugins: [compiledMaps, noLibraryMaps, noNativeCode, noUnusedParts, changedLines, commonJsFolder],
    output: { dir: 'dist/cjs', format: 'cjs', sourcemap: true, ...QUICKLY_LOADED, ...chunks },
  },
  ...integrations,
  page('esm', 'js'),
  page('cjs', 'cjs'),
  {
    input: 'dist/edge.js',
    platform: 'browser',
    logLevel: 'warn',
    output: { file: 'dist/edge-runtime.js', format: 'esm' },
  },
  {
    ...common,
    input: {
      cli: 'dist/cli.js',
      'receiver-worker': 'dist/receiver/thread/receiver-worker.js',
      'writer-worker': 'dist/receiver/store/sqlite/writer-thread/writer-worker.js',
      'unsent-exporter': 'dist/cli/demo/unsent-exporter.js',
    },
    plugins: [
      compiledMaps,
      noLibraryMaps,
      noUnusedParts,
      changedLines,
      builtInModules,
      clientFrom('../esm/index.js'),
      notice,
    ],
    output: { dir: 'dist/bin', format: 'esm', sourcemap: true, chunkFileNames: '[name].js' },
  },
  ...declarations,
]);
