/** The code blocks of the README and the guides do what they say: programs run against a strict receiver, commands exist. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { type Receiver, startReceiver } from '../../dist/receiver/receiver.js';
import { type Block, blocksOf, GUIDES } from '../support/guides.js';
import { compile, createProgram, installed, REPOSITORY } from '../support/programs.js';

const execFileAsync = promisify(execFile);
const CLI = join(REPOSITORY, 'dist/bin/cli.js');

const PACKAGES = {
  tailrace: REPOSITORY,
  '@langchain/core': installed('@langchain/core'),
  '@opentelemetry/api': installed('@opentelemetry/api'),
  '@opentelemetry/sdk-node': installed('@opentelemetry/sdk-node'),
  '@opentelemetry/sdk-trace-base': installed('@opentelemetry/sdk-trace-base'),
};

/** Waits for a signal: test/exit/readme.test.ts sends it. */
const waitsForSignal = ({ code }: Block) => code.includes('SIGTERM');

const guides = GUIDES.map((guide) => {
  const blocks = blocksOf(guide);
  const ofLanguage = (language: string) => blocks.filter((block) => block.language === language);
  const programs = ofLanguage('js').filter(({ mark }) => mark === '');
  const files = ofLanguage('js').filter(({ mark }) => mark !== '');
  return { guide, blocks, programs, files, commands: ofLanguage('sh'), configurations: ofLanguage('yaml') };
});

it('no guide has a block that is neither run nor for the reader alone', () => {
  const languages = new Set(guides.flatMap(({ blocks }) => blocks.map(({ language }) => language)));
  for (const language of languages) expect(['js', 'sh', 'yaml', 'text', 'mermaid']).toContain(language);
});

describe.each(guides.filter(({ programs }) => programs.length > 0))(
  'programs of $guide',
  ({ programs, files }) => {
    const written = Object.fromEntries(files.map(({ mark, code }) => [mark, code]));

    it('has programs that use the API as it is declared', async () => {
      const names = Object.fromEntries(programs.map(({ code, line }) => [`line-${line}.mjs`, code]));
      const folder = createProgram({ ...written, ...names }, PACKAGES);
      const options = { ...CHECK_JAVASCRIPT, noEmit: true };
      const errors = (await compile(folder, Object.keys(names), options)).split(/\n(?=\S)/);
      // Only a cast would tell the compiler that a server which listens on a port has one.
      expect(errors.filter((error) => error !== '' && !error.includes("'string | AddressInfo'"))).toEqual([]);
    });

    it.each(programs.filter((program) => !waitsForSignal(program)))(
      'has a program at line $line that runs, and that a server has nothing to complain of',
      async ({ code }) => {
        const receiver = await startServer();
        const folder = createProgram({ ...written, 'program.mjs': code }, PACKAGES);
        const { stderr } = await execFileAsync(process.execPath, ['program.mjs'], {
          cwd: folder,
          env: environment(receiver.url),
          timeout: 30_000,
        });
        expect(stderr).toBe('');
        const { complaints } = await receiver.complaints();
        expect(complaints).toEqual([]);
        const { traces } = await receiver.counts();
        if (code.includes("from 'tailrace'")) expect(traces).toBeGreaterThan(0);
      },
    );
  },
);

describe.each(guides.filter(({ commands }) => commands.length > 0))('commands of $guide', ({ commands }) => {
  it.each(commands)('has commands at line $line that exist', async ({ code }) => {
    for (const command of commandsOf(code)) expect(await faultOf(command), command).toBeUndefined();
  });

  const runnable = commands.filter(({ mark }) => mark === 'run');
  if (runnable.length > 0) {
    it.each(runnable)('has commands at line $line that run', async ({ code }) => {
      const folder = mkdtempSync(join(tmpdir(), 'tailrace-guide-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const script = join(folder, 'commands.sh');
      writeFileSync(script, code.replaceAll('npx tailrace', `'${process.execPath}' '${CLI}'`));
      await execFileAsync('sh', ['-e', script], { cwd: folder, env: environment('http://127.0.0.1:9') });
    });
  }
});

describe.each(guides.filter(({ configurations }) => configurations.length > 0))(
  'configurations of $guide',
  ({ configurations }) => {
    it.each(configurations)(
      'has a collector at line $line whose pipelines have all that they name',
      ({ code }) => {
        const { service, ...components } = parseYaml(code) as Collector;
        const unused = new Set(KINDS.flatMap((kind) => Object.keys(components[kind] ?? {})));
        const used = [service, ...Object.values(service.pipelines)].flatMap((one) =>
          KINDS.flatMap((kind) => (one[kind] ?? []).map((name) => [kind, name] as const)),
        );
        expect(used.length).toBeGreaterThan(1);
        for (const [kind, name] of used) {
          expect(Object.keys(components[kind] ?? {}), kind).toContain(name);
          unused.delete(name);
        }
        expect([...unused]).toEqual([]);
        for (const storage of code.matchAll(/storage: (\S+)/g))
          expect(service.extensions).toContain(storage[1]);
      },
    );
  },
);

const KINDS = ['extensions', 'receivers', 'processors', 'exporters'] as const;
type Kind = (typeof KINDS)[number];

/** A configuration of OpenTelemetry's collector, as far as its components name each other. */
type Collector = { readonly [K in Kind]?: Record<string, unknown> } & {
  readonly service: { readonly [K in Kind]?: string[] } & {
    readonly pipelines: Record<string, { readonly [K in Kind]?: string[] }>;
  };
};

/** Of JavaScript no more is asked than that names and arguments fit. */
const CHECK_JAVASCRIPT = {
  allowJs: true,
  checkJs: true,
  strict: false,
  noUncheckedIndexedAccess: false,
  skipLibCheck: true,
};

async function startServer(): Promise<Receiver> {
  const receiver = await startReceiver({ port: 0 });
  onTestFinished(() => receiver.close());
  return receiver;
}

function environment(url: string): NodeJS.ProcessEnv {
  const keys = { LANGFUSE_BASE_URL: url, LANGFUSE_PUBLIC_KEY: 'pk', LANGFUSE_SECRET_KEY: 'sk' };
  const own = Object.entries(process.env).filter(([name]) => !/^(LANGFUSE|OTEL)_|_proxy$/i.test(name));
  return { ...Object.fromEntries(own), ...keys };
}

/** One a line, or joined by `&&`; without comments and variables. */
function commandsOf(code: string): string[] {
  return code
    .split('\n')
    .flatMap((line) => line.replace(/(^|\s)#.*$/, '').split('&&'))
    .map((command) => command.trim().replace(/^(?:[A-Z_]+=\S*\s+)+/, ''))
    .filter((command) => command !== '' && !command.startsWith('echo '));
}

/** What is wrong with a command; undefined: it can be given. */
async function faultOf(command: string): Promise<string | undefined> {
  const [tool, ...words] = command.split(/\s+/);
  const paths = words.filter((word) => /^(?:\.\/)?(?:src|test|bench|dist)\//.test(word));
  const missing = paths.find((path) => !existsSync(join(REPOSITORY, path)));
  if (missing !== undefined) return `there is no ${missing}`;
  if (tool === 'npm') return faultOfNpm(words);
  if (tool === 'npx') return faultOfNpx(words);
  return TOOLS_OF_OTHERS.includes(tool ?? '') ? undefined : `this test does not know ${tool}`;
}

/** They come with Node.js or with a server that a guide is about. */
const TOOLS_OF_OTHERS = ['node', 'redis-server'];

function faultOfNpm([action = '', ...words]: readonly string[]): string | undefined {
  const { name, scripts, peerDependencies } = JSON.parse(
    readFileSync(join(REPOSITORY, 'package.json'), 'utf8'),
  );
  if (action === 'install') {
    const known = [name, ...Object.keys(peerDependencies)];
    return words.map((word) => word.replace(/(?<=.)@.*$/, '')).find((word) => !known.includes(word));
  }
  if (action === 'run')
    return words[0] !== undefined && words[0] in scripts ? undefined : `no script ${words[0]}`;
  return ['ci', 'start', 'test', 'version', 'publish', 'pack'].includes(action) ? undefined : `npm ${action}`;
}

async function faultOfNpx(words: readonly string[]): Promise<string | undefined> {
  const at = words.findIndex((word, i) => !word.startsWith('-') && words[i - 1] !== '-p');
  const tool = words[at] ?? '';
  if (tool !== 'tailrace') {
    return existsSync(join(REPOSITORY, 'node_modules/.bin', tool)) ? undefined : `no tool ${tool}`;
  }
  const [command = '', ...rest] = words.slice(at + 1);
  const about = command === 'help' ? rest : [command];
  const { stdout } = await execFileAsync(process.execPath, [CLI, 'help', ...about]);
  const option = rest.find((word) => word.startsWith('--') && !stdout.includes(`  ${word}`));
  return option === undefined ? undefined : `tailrace ${command} has no option ${option}`;
}
