/** The package as npm would publish it: what is in it, how its types resolve, and that it can be imported. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { SourceMap, type SourceMapping } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile, createProgram, installed, REPOSITORY, run } from '../support/programs.js';

const execFileAsync = promisify(execFile);

let folder: string;
let tarball: string;
let unpacked: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-package-'));
  // Its scripts would build, which others use at this moment.
  const { stdout } = await execFileAsync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', folder],
    { cwd: REPOSITORY },
  );
  const [{ filename }] = JSON.parse(stdout);
  tarball = join(folder, filename);
  await execFileAsync('tar', ['-xzf', tarball, '-C', folder]);
  unpacked = join(folder, 'package');
  mkdirSync(join(unpacked, 'node_modules'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = `
import { observe, Tailrace, type TailraceOptions } from 'tailrace';
import { createEngine } from 'tailrace/engine';
import { TailraceSpanProcessor, type TailraceSpanProcessorOptions } from 'tailrace/otel';

const options: TailraceOptions = { enabled: false };
const client = new Tailrace(options);
const double = observe((x: number) => 2 * x);
const doubled: number = double(2);
const to: TailraceSpanProcessorOptions = { endpoint: 'http://127.0.0.1:9', protocol: 'http/json' };
const processor = new TailraceSpanProcessor(to);
await processor.shutdown();
const counts = await client.shutdown();
console.log(JSON.stringify([typeof createEngine, doubled, counts.accepted, processor.stats().accepted]));
`;

const INNER_EXPORTS = 'CJS_WITH_ESMODULE_DEFAULT_EXPORT';

/** Examples in them import what the application has. */
function withoutComments(declarations: string): string {
  return declarations.replaceAll(/\/\*[\s\S]*?\*\//g, '');
}

describe('the packed package', () => {
  it('has nothing that publint would say', async () => {
    const { messages, pkg } = await publint({ pkgDir: unpacked, strict: true, pack: false });
    // The libraries inside the worker's file set `default` and `__esModule`, each on exports of its own.
    const others = messages.filter(({ code, path }) => !(code === INNER_EXPORTS && path[1] === './worker'));
    expect(others.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('has types that resolve as its code does, for every module resolution of TypeScript', async () => {
    const attw = installed('@arethetypeswrong/cli/dist/index.js');
    const { analysis } = JSON.parse(await run(folder, [attw, tarball, '--format', 'json']));
    expect(analysis).toMatchObject({ packageName: 'tailrace', types: { kind: 'included' }, problems: [] });
    expect(Object.keys(analysis.entrypoints).sort()).toEqual(
      [
        '.',
        './ai-sdk',
        './browser',
        './engine',
        './langchain',
        './openai',
        './otel',
        './package.json',
        './worker',
      ].sort(),
    );
  });

  it('has declarations that name no other package', () => {
    const dist = join(unpacked, 'dist');
    const named = readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.d\.c?ts$/.test(file))
      .flatMap((file) => [
        ...withoutComments(readFileSync(join(dist, file), 'utf8')).matchAll(
          /(?:from |import\()['"]([^.'"][^'"]*)/g,
        ),
      ])
      .map(([, name]) => name as string);
    const packages = new Set(named.filter((name) => !name.startsWith('node:')));
    expect([...packages]).toEqual([]);
  });

  it('has one file of declarations for each entry, and for the worker', () => {
    const files = readdirSync(join(unpacked, 'dist'), { recursive: true, encoding: 'utf8' });
    const entries = ['ai-sdk', 'engine', 'index', 'langchain', 'openai', 'otel'];
    const expected = ['cjs', 'esm'].flatMap((folder) => entries.map((name) => `${folder}/${name}.d.ts`));
    expect(files.filter((file) => /\.d\.c?ts$/.test(file)).sort()).toEqual([
      ...expected,
      'web/browser.d.cts',
      'web/browser.d.ts',
      'worker.d.cts',
    ]);
  });

  it('has source maps that hold our sources, and lead to them', () => {
    const dist = join(unpacked, 'dist');
    const maps = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.map'),
    );
    const folders = new Set(maps.map((file) => dirname(file)));
    expect([...folders].sort()).toEqual(['.', 'bin', 'bundler', 'cjs', 'esm', 'web']);
    for (const file of maps) {
      const { sources, sourcesContent } = JSON.parse(readFileSync(join(dist, file), 'utf8'));
      for (const source of sources) expect(source, file).toMatch(/^(\.\.\/)+src\/.+\.ts$/);
      expect(sourcesContent?.map((text: unknown) => typeof text) ?? [], file).toEqual(
        sources.map(() => 'string'),
      );
    }
    const built = 'function createEngine(';
    const lines = readFileSync(join(dist, 'esm/engine.js'), 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes(built));
    const map = JSON.parse(readFileSync(join(dist, 'esm/engine.js.map'), 'utf8'));
    const found = new SourceMap(map).findEntry(line, lines[line]!.indexOf('createEngine')) as SourceMapping;
    const original = map.sourcesContent[map.sources.indexOf(found.originalSource)].split('\n');
    expect(original[found.originalLine]).toContain(`export ${built}`);
  });

  it('has the page of the local server, in at most 70 kB of compressed JavaScript', () => {
    const page = join(unpacked, 'dist/bin/page');
    const files = readdirSync(join(page, 'assets')).filter((file) => file.endsWith('.js'));
    const sizes = files.map((file) => gzipSync(readFileSync(join(page, 'assets', file))).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(70_000);
    const document = readFileSync(join(page, 'index.html'), 'utf8');
    // The list of traces waits for the first alone, which loads the others when they are shown.
    const first = files.filter((file) => document.includes(`src="/assets/${file}"`));
    expect(first).toHaveLength(1);
    const main = readFileSync(join(page, 'assets', first[0] as string), 'utf8');
    for (const file of files) expect(`${document}${main}`).toContain(file);
    // The policy allows files of the server alone.
    expect(document).not.toMatch(/<style|style="|<script(?![^>]* src="\/assets\/)|https?:/);
  });

  it('says where it lives', () => {
    const { repository, homepage, bugs } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
    for (const url of [repository.url, homepage, bugs]) expect(String(url)).toMatch(/^(git\+)?https:\/\//);
  });

  it('holds the build and what belongs to it, and nothing else', async () => {
    const { stdout } = await execFileAsync('tar', ['-tzf', tarball]);
    const others = stdout.split('\n').filter((file) => file !== '' && !file.startsWith('package/dist/'));
    const names = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
    expect(others.sort()).toEqual(names.map((name) => `package/${name}`));
    const { scripts, dependencies } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
    for (const script of ['preinstall', 'install', 'postinstall']) expect(scripts).not.toHaveProperty(script);
    expect(dependencies).toBeUndefined();
  });

  it('names the libraries inside with their versions, and brings their licences', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
    const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8').replaceAll(/\s+/g, ' ');
    const notice = readFileSync(join(unpacked, 'dist/NOTICE'), 'utf8');
    const bundled = ['comlink', 'msgpackr', 'piscina', 'undici'];
    for (const name of bundled) {
      const { version } = JSON.parse(readFileSync(installed(`${name}/package.json`), 'utf8'));
      expect(devDependencies[name]).toBe(version);
      expect(readme).toContain(`${name} ${version}`);
    }
    for (const name of [...bundled, 'preact', '@preact/signals', '@preact/signals-core', 'diff']) {
      const { version } = JSON.parse(readFileSync(installed(`${name}/package.json`), 'utf8'));
      const licence = notice.slice(notice.indexOf(`${name} ${version} (`));
      expect(licence).toMatch(/^.+\n\n[\s\S]{0,200}?(Copyright|Apache License)/);
    }
  });

  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])(
    'is imported, type-checked strictly, and runs, with module %s and moduleResolution %s',
    async (module, moduleResolution) => {
      const project = createProgram({ 'program.ts': PROGRAM }, { tailrace: unpacked });
      expect(await compile(project, 'program.ts', { module, moduleResolution })).toBe('');
      const output = await run(project, ['--preserve-symlinks', 'out/program.js']);
      expect(JSON.parse(output)).toEqual(['function', 4, 0, 0]);
    },
  );
});
