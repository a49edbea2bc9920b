/** A guide's recipe as somebody pastes it into an empty folder: with the packed package, into `tailrace dev --strict`. */
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { packPackage } from '../places/harness/installed.js';
import { createProgram, installed, REPOSITORY } from './programs.js';
import { receiveInChild, runProgramFile } from './receiving.js';
import type { Tree } from './trees.js';

export interface RecipeRun {
  readonly stdout: string;
  readonly trees: Tree[];
  readonly complaints: string[];
}

interface RecipeOptions {
  /** Room of the integration, whose guide has the recipe. */
  readonly of: string;
  /** How the recipe begins. */
  readonly begin: string;
  /** Packages that it imports. */
  readonly packages: readonly string[];
  /** What the guide leaves to the reader, such as a model. */
  readonly before?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export async function runRecipe({
  of,
  begin,
  packages,
  before = '',
  env = {},
}: RecipeOptions): Promise<RecipeRun> {
  const guide = readFileSync(join(REPOSITORY, `src/integrations/${of}/README.md`), 'utf8');
  const from = guide.indexOf(begin);
  const recipe = guide.slice(from, guide.indexOf('```', from));
  if (from < 0) throw new Error(`${of}: the guide has no recipe that begins with ${begin}`);
  const packed = packPackage();
  const receiver = await receiveInChild();
  try {
    const modules = Object.fromEntries(packages.map((name) => [name, installed(name)]));
    const folder = createProgram({ 'program.mjs': `${before}\n${recipe}` }, modules);
    symlinkSync(join(packed.modules, 'tailrace'), join(folder, 'node_modules/tailrace'), 'dir');
    const stdout = await runProgramFile('program.mjs', { receiver, env, folder });
    return { stdout, trees: await receiver.trees(), complaints: await receiver.complaints() };
  } finally {
    await receiver.stop();
    packed.remove();
  }
}
