/** Programs of somebody else: in a folder of their own, with the packages that they import, compiled and run there. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const execFileAsync = promisify(execFile);

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** As strict as a careful application is; declarations of packages are checked as well. */
const COMPILER_OPTIONS = {
  target: 'es2023',
  lib: ['es2023'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: false,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  skipLibCheck: false,
  noEmitOnError: true,
  outDir: 'out',
};

/** A folder for a program, which goes with the test; `packages`: by name, where each is. */
export function createProgram(files: Record<string, string>, packages: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-program-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, path] of Object.entries({ '@types/node': installed('@types/node'), ...packages })) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(path, link, 'dir');
  }
  const all = { 'package.json': '{"type":"module","private":true}', ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
  return folder;
}

export function installed(name: string): string {
  return join(REPOSITORY, 'node_modules', name);
}

/** Type-checks files and compiles them to `out/`. Returns what the compiler has to say against them. */
export async function compile(
  folder: string,
  files: string | readonly string[],
  options: object = {},
): Promise<string> {
  const config = { compilerOptions: { ...COMPILER_OPTIONS, ...options }, files: [files].flat() };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  return run(folder, [installed('typescript/bin/tsc'), '-p', '.']).catch(
    ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
  );
}

/** Runs Node in the folder. Resolves to what was written to the standard output, rejects unless it ends well. */
export async function run(folder: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await execFileAsync(process.execPath, args, {
    cwd: folder,
    env: { ...withoutLangfuse(process.env), ...env },
  });
  return stdout;
}

function withoutLangfuse(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('LANGFUSE_')));
}
